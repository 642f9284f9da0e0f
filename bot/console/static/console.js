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

// The queue: the title counts, danger that is new makes a sound and a notification, if that was allowed.
const known = new Set();
let drawn = false, sound = null;
const alerts = document.getElementById("alerts");
const beep = () => {
  if (!sound) return;
  const at = sound.currentTime;
  for (const [n, pitch] of [660, 880].entries()) {
    const tone = sound.createOscillator(), loud = sound.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.15, at + n * 0.2);
    loud.gain.exponentialRampToValueAtTime(0.001, at + n * 0.2 + 0.18);
    tone.connect(loud).connect(sound.destination);
    tone.start(at + n * 0.2);
    tone.stop(at + n * 0.2 + 0.2);
  }
};
const count = () => {
  const counts = document.getElementById("counts");
  if (!counts) return;
  const waiting = Number(counts.dataset.waiting);
  document.title = `${waiting ? `(${waiting}) ` : ""}${Number(counts.dataset.late) ? "Late! " : ""}Queue – Reframe console`;
  const danger = counts.dataset.danger.split(" ").filter(Boolean), fresh = danger.filter((id) => !known.has(id));
  known.clear();
  danger.forEach((id) => known.add(id));
  if (drawn && fresh.length) {
    beep();
    // No word of the conversation: notifications are seen on locked screens.
    if (alerts?.ariaPressed === "true" && Notification.permission === "granted") new Notification("Somebody may be in danger", { body: "Open the queue.", tag: "danger" });
  }
  drawn = true;
};
alerts?.addEventListener("click", async () => {
  const on = alerts.ariaPressed !== "true";
  alerts.ariaPressed = String(on);
  if (on) sound = new AudioContext(); else { sound?.close(); sound = null; }
  let said = on ? "on" : "off";
  if (on && (await Notification.requestPermission().catch(() => "denied")) !== "granted") said = "sound only";
  alerts.textContent = `Sound and notifications: ${said}`;
  beep();
});

// The conversation: who may write, typing, what is inserted, what is new is in view.
const composer = document.getElementById("composer"), lines = document.getElementById("log");
const mode = () => {
  const state = document.getElementById("who-speaks");
  if (!state || !composer) return;
  const mine = state.dataset.mine === "yes", taken = state.dataset.mode === "taken";
  composer.querySelector("#send").disabled = !(mine && taken);
  composer.querySelector("#composer-why").textContent = mine && taken ? "" : mine ? "– take over before you answer" : "– claim it and take over before you answer";
};
const toEnd = () => { if (lines) lines.scrollTop = lines.scrollHeight; };
let typedAt = 0;
composer?.addEventListener("input", () => {
  const state = document.getElementById("who-speaks");
  if (state.dataset.mine !== "yes" || state.dataset.mode !== "taken" || Date.now() - typedAt < 3_000) return;
  typedAt = Date.now();
  post(composer.dataset.typing).catch(() => {});
});
composer?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!composer.querySelector("#send").disabled) composer.requestSubmit(); }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]"), text = document.getElementById("text");
  if (!button || !text) return;
  text.setRangeText(`${text.value && !text.value.endsWith("\n") ? "\n" : ""}${button.dataset.insert}\n`, text.selectionEnd, text.selectionEnd, "end");
  text.focus();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (event.detail.successful && form && (form.id === "composer" || form.dataset.clears !== undefined)) form.reset();
});

// A line that is there already is replaced: an assessment came after it, or the line to the console was broken meanwhile.
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  if (event.detail.type !== "line") return;
  const came = document.createElement("template");
  came.innerHTML = event.detail.data;
  const there = document.getElementById(came.content.querySelector("li")?.id);
  if (!there) return;
  event.preventDefault();
  there.replaceWith(came.content);
});

// What came by the stream; when it ends for good, the page says so and loads again.
let atEnd = true;
lines?.addEventListener("scroll", () => { atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 60; }, { passive: true });
document.addEventListener("htmx:sseMessage", () => { count(); mode(); if (atEnd) toEnd(); });
document.addEventListener("htmx:sseError", () => told("The line to the console is broken; it is being tried again. What you see may be old."));
document.addEventListener("htmx:sseOpen", () => told(""));
document.addEventListener("htmx:sseClose", (event) => { if (event.detail.type === "message") location.reload(); });
count(); mode(); toEnd();
