// What the list's page adds to htmx. All of it works without, by its form's own buttons.
"use strict";

const fold = document.getElementById("filter-fold");
const search = document.getElementById("id_q");

// Beside the results there is room for the filters; above them they stay folded.
if (matchMedia("(min-width: 62rem)").matches) fold.open = true;

// Letters that are still on their way to a Chinese word are not searched for.
search.addEventListener("input", (event) => {
  if (event.isComposing) event.stopImmediatePropagation();
}, true);
search.addEventListener("compositionend", () => {
  search.dispatchEvent(new Event("input", { bubbles: true }));
});

// Who asks by the button wants to see the answer.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.triggeringEvent?.type !== "submit") return;
  document.getElementById("results")?.focus();
});
