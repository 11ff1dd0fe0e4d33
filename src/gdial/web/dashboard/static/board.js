// What htmx does not do by itself. Every page works without this file.
"use strict";

(() => {
  const notice = () => document.getElementById("notice");

  function tell(text) {
    const place = notice();
    place.textContent = text;
    place.hidden = !text;
  }

  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    if (answer.status === 401) {
      window.location.reload();
    } else {
      tell(answer.responseText.slice(0, 500));
    }
  });
  document.addEventListener("htmx:sendError", () => tell(document.body.dataset.unanswered));
  // The change feed ends each minute and comes again at once; only one that stays away is worth a word.
  let lost = null;
  document.addEventListener("htmx:sseError", () => {
    lost = lost || setTimeout(() => tell(document.body.dataset.unanswered), 4000);
  });
  document.addEventListener("htmx:sseOpen", () => {
    clearTimeout(lost);
    lost = null;
    if (notice().textContent === document.body.dataset.unanswered) tell("");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) tell("");
  });
  // A link that looks like a button is pressed like one.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a[role=button]")) return;
    event.preventDefault();
    event.target.click();
  });
})();
