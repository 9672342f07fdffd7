// Chooses the browser's time zone on the sign-up form, unless the person has already chosen one.
"use strict";
(function () {
  const select = document.querySelector("select[data-guess]");
  if (!select) return;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Some browsers still use a place's older name.
  const called = (option) => [option.value, ...(option.dataset.also || "").split(" ")];
  const known = Array.from(select.options).find((option) => called(option).includes(name));
  if (known && name) select.value = known.value;
})();
