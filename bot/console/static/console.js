// What the pages need beside htmx: telling what went wrong, and whether a hand is moved.
"use strict";

const told = (words) => { const place = document.getElementById("told"); if (place) place.textContent = words; };
const token = () => document.body.dataset.formToken;
const post = (path, fields = {}) =>
  fetch(path, { method: "POST", headers: { "X-Form-Token": token(), "HX-Request": "true" }, body: new URLSearchParams(fields) });

document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["X-Form-Token"] = token(); });
document.addEventListener("htmx:responseError", (event) => told(event.detail.xhr.responseText || "That did not work. Load the page again."));
document.addEventListener("htmx:sendError", () => told("The console cannot be reached. It tries again by itself."));
document.addEventListener("htmx:beforeRequest", () => told(""));

// Presence: at most one word each half minute, and only when a hand was moved.
const EVERY_MS = 30_000;
let moved = 0, said = 0;
const present = () => {
  moved = Date.now();
  if (document.body.dataset.signed === undefined || moved - said < EVERY_MS) return;
  said = moved;
  post("/presence").catch(() => {});
};
for (const kind of ["keydown", "pointerdown", "pointermove"]) document.addEventListener(kind, present, { passive: true });
