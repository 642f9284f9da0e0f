"use strict";
// The plain chat page. A message keeps its client id until it is answered, so that sending it again is harmless.
const log = document.getElementById("log");
const status = document.getElementById("status");
const form = document.getElementById("form");
const text = document.getElementById("text");
const KEEP = "reframe";
let conversation = JSON.parse(localStorage.getItem(KEEP) || "null");
let queue = Promise.resolve();

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (conversation) headers.Authorization = `Bearer ${conversation.secret}`;
  const response = await fetch(`/api/conversations${path}`, { method, headers, body: body && JSON.stringify(body) });
  const got = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw Object.assign(new Error(got.error.message), { status: response.status });
  return got;
}

// To the end, but never past the beginning of the newest message: a long one is read from its start.
function reveal(newest) {
  log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, newest.offsetTop - log.offsetTop);
}

function bubble(from, words) {
  const p = document.createElement("p");
  p.className = from;
  p.textContent = words;
  log.append(p);
  reveal(p);
  return p;
}

function show(message) {
  log.querySelectorAll(".choices").forEach((old) => old.remove());
  bubble(message.from, message.text);
  if (!message.buttons.length) return;
  const choices = document.createElement("div");
  choices.className = "choices";
  for (const b of message.buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = b.title;
    button.onclick = () => say(b.title, { button: b.payload });
    choices.append(button);
  }
  log.append(choices);
  reveal(log.querySelector("p:last-of-type"));
}

async function begin() {
  if (conversation) {
    try {
      (await call("GET", `/${conversation.id}/messages`)).messages.forEach(show);
      return;
    } catch (error) {
      if (error.status !== 404) throw error;
      conversation = null;
    }
  }
  const got = await call("POST", "/");
  conversation = { id: got.id, secret: got.secret };
  localStorage.setItem(KEEP, JSON.stringify(conversation));
  got.messages.forEach(show);
}

function say(words, body) {
  const own = bubble("person", words);
  own.classList.add("waiting");
  log.querySelectorAll(".choices").forEach((old) => old.remove());
  // getRandomValues, unlike randomUUID, also works where the page is not served over HTTPS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  body.client_id = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  queue = queue.then(() => deliver(own, body));
}

async function deliver(own, body) {
  for (let wait = 1; ; wait = Math.min(wait * 2, 15)) {
    try {
      if (!conversation) await begin();
      status.textContent = "…";
      const got = await call("POST", `/${conversation.id}/messages`, body);
      own.classList.remove("waiting");
      status.textContent = "";
      got.messages.forEach(show);
      return;
    } catch (error) {
      if (error.status && error.status < 500) {
        own.classList.remove("waiting");
        status.textContent = error.message;
        return;
      }
      status.textContent = "No connection. Your message is kept here and will be sent again by itself.";
      await new Promise((done) => setTimeout(done, wait * 1000));
    }
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value;
  if (!words.trim()) return text.focus();
  text.value = "";
  say(words, { text: words });
  text.focus();
});

text.addEventListener("keydown", (event) => {
  const touch = matchMedia("(pointer: coarse)").matches;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.getElementById("delete").addEventListener("click", async () => {
  if (!confirm("Delete everything written here? This cannot be undone.")) return;
  try {
    if (conversation) await call("DELETE", `/${conversation.id}`);
  } catch (error) {
    if (error.status !== 404) {
      status.textContent = "It could not be deleted just now. Please try again.";
      return;
    }
  }
  localStorage.removeItem(KEEP);
  conversation = null;
  log.replaceChildren();
  status.textContent = "Deleted.";
  await begin();
});

// For someone who is being watched: replace keeps this page out of the way back.
document.getElementById("leave").addEventListener("click", () => {
  log.replaceChildren();
  location.replace("https://www.wikipedia.org/");
});

queue = begin().catch(() => { status.textContent = "No connection yet. You can write; it will be sent when it is back."; });
