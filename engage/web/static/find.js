// Looks for people as you type. Without this file the button does the same.
"use strict";
(function () {
  const form = document.querySelector("form[data-find]");
  const results = document.getElementById("results");
  const told = document.getElementById("told");
  if (!form || !results || !told) return;
  let timer = 0;
  let asking = null;
  async function ask() {
    if (asking) asking.abort();
    asking = new AbortController();
    const typed = new FormData(form);
    typed.append("part", "results");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(typed), signal: asking.signal });
      if (answer.status === 401 || answer.status === 403) return form.submit();
      if (!answer.ok) return;
      results.innerHTML = await answer.text();
      const count = results.querySelector("[data-count]");
      told.textContent = count ? count.textContent : "";
    } catch (error) {
      if (error.name !== "AbortError") told.textContent = "The list could not be fetched. Press Search.";
    }
  }
  form.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
})();
