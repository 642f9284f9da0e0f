// The launcher, and the panel when it is open.

import { useEffect, useRef, useState } from "preact/hooks";

import { Panel, type Parts } from "./panel";

const ESCAPES = 3;
const WITHIN_MS = 1500;

export function App({ config, strings, lang, conversation, memory }: Parts) {
  const [open, setOpen] = useState(config.open);
  const [, draw] = useState(0);
  const launcher = useRef<HTMLButtonElement>(null);
  useEffect(() => conversation.watch(() => draw((n) => n + 1)), [conversation]);

  const leave = () => {
    conversation.leave();
    location.replace(config.exit); // replace keeps this page out of the way back
  };
  useEffect(() => {
    let pressed: number[] = [];
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (pressed.length >= ESCAPES) leave();
    };
    addEventListener("keydown", listen, true);
    return () => removeEventListener("keydown", listen, true);
  }, []);
  useEffect(() => {
    const look = () => {
      conversation.looking = open && document.visibilityState === "visible";
      if (conversation.looking) conversation.seen();
    };
    look();
    if (open) void conversation.open();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [open]);

  const close = () => {
    setOpen(false);
    setTimeout(() => launcher.current?.focus());
  };
  const state = conversation.state();
  return (
    <div class={`root ${config.theme} ${config.side}`} dir={strings.direction} lang={lang}>
      {open ? (
        <Panel {...{ config, strings, lang, conversation, memory, state, close, leave }} />
      ) : (
        <button type="button" class="launcher" ref={launcher} aria-label={strings.open} onClick={() => setOpen(true)}>
          <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
            <path d="M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z" fill="currentColor" />
          </svg>
          {state.unread > 0 && <span class="badge">{strings.unread(state.unread)}</span>}
        </button>
      )}
    </div>
  );
}
