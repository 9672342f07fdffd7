// Looks every few seconds how far a campaign is. Without this file the link "Refresh" does the same.
"use strict";
(function () {
  const place = document.querySelector("[data-live]");
  if (!place) return;
  const told = document.getElementById("told");
  const EVERY = 3000;
  let said = "";
  let seconds = 0;

  function told_now(now) {
    if (told && now.dataset.said && now.dataset.said !== said) {
      if (said) told.textContent = now.dataset.said;
      said = now.dataset.said;
    }
    for (const note of place.querySelectorAll("[data-auto]")) note.hidden = false;
  }

  async function look() {
    if (document.hidden) return setTimeout(look, EVERY);
    try {
      const answer = await fetch(place.dataset.live);
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (answer.ok) {
        const part = document.createElement("template");
        part.innerHTML = await answer.text();
        const now = part.content.querySelector("[data-state]");
        if (now.dataset.state !== place.dataset.state) return location.assign(location.pathname);
        if (document.getElementById("now")) show(now);
        if (!now.dataset.moves) return;
      }
    } catch {
      // The server is away for a moment: the next look will tell.
    }
    setTimeout(look, EVERY);
  }

  function show(now) {
    const id = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.replaceChildren(now);
    if (id) (document.getElementById(id) || place).focus({ preventScroll: true });
    told_now(now);
  }

  setInterval(function () {
    const left = place.querySelector("[data-seconds]");
    seconds = left ? Math.max(0, Number(left.dataset.seconds) - 1) : 0;
    if (left) left.textContent = left.dataset.seconds = String(seconds);
  }, 1000);
  place.tabIndex = -1;
  const first = place.querySelector("[data-state]") || place;
  if (document.getElementById("now")) told_now(first);
  if (document.getElementById("now") && !first.dataset.moves) return;
  setTimeout(look, EVERY);
})();
