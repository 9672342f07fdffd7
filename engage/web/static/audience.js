// Counts an audience again as its rules change. Without this file the button does the same.
"use strict";
(function () {
  const form = document.querySelector("form[data-audience]");
  const counted = document.getElementById("counted");
  const told = document.getElementById("told");
  if (!form || !counted || !told) return;
  let timer = 0;
  let asking = null;
  async function ask() {
    if (asking) asking.abort();
    asking = new AbortController();
    const typed = new URLSearchParams(new FormData(form));
    typed.append("part", "counted");
    try {
      const answer = await fetch(form.getAttribute("action") + "?" + typed, { signal: asking.signal });
      if (answer.status === 401 || answer.status === 403) return form.submit();
      if (!answer.ok) return;
      counted.innerHTML = await answer.text();
      const count = counted.querySelector("[data-count]");
      told.textContent = count ? count.dataset.count : "";
    } catch (error) {
      if (error.name !== "AbortError") told.textContent = "It could not be counted. Press Count.";
    }
  }
  form.addEventListener("input", function (event) {
    if (event.target.name === "name") return;
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
})();
