// Counts a text's segments while it is typed, and puts the cursor where a fault is. Without this file saving does both.
"use strict";
(function () {
  const form = document.querySelector("form[data-counter]");
  if (!form) return;
  const body = form.querySelector("textarea");
  const counter = document.getElementById("counter");
  let timer = 0;
  let asking = null;

  async function count() {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const typed = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.counter, { method: "POST", body: typed, signal: asking.signal });
      if (answer.ok) counter.innerHTML = await answer.text();
    } catch {
      // The next letter asks again.
    }
  }

  if (counter) {
    counter.setAttribute("role", "status");
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(count, 250);
    });
  }

  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", function (event) {
      const field = document.getElementById(link.hash.slice(1));
      if (!field || !("setSelectionRange" in field)) return;
      event.preventDefault();
      const lines = field.value.split("\n").slice(0, Number(link.dataset.line) - 1);
      const at = lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(link.dataset.column) - 1;
      field.focus();
      field.setSelectionRange(at, at);
    });
  }

  // What was typed and not saved is asked about before the page goes.
  const before = new URLSearchParams(new FormData(form)).toString();
  let sent = false;
  form.addEventListener("submit", () => (sent = true));
  addEventListener("beforeunload", function (event) {
    if (!sent && new URLSearchParams(new FormData(form)).toString() !== before) event.preventDefault();
  });
})();
