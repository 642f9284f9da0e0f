// The field to write in. The draft survives a reload; on a touch screen Enter makes a new line.

import { useEffect, useRef, useState } from "preact/hooks";

import type { Strings } from "./strings";

const MOST = 4000;
const WARN = 200;

interface Props {
  strings: Strings;
  draft: string;
  keep(draft: string): void;
  send(text: string): void;
  writes(): void;
}

export function Composer({ strings, draft, keep, send, writes }: Props) {
  const [text, setText] = useState(draft);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);

  const change = (words: string) => {
    setText(words);
    keep(words);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim()) {
      send(text);
      change("");
    }
    field.current?.focus();
  };
  const typed = (event: KeyboardEvent) => {
    const touch = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) submit(event);
  };
  const left = MOST - text.length;
  return (
    <form class="composer" onSubmit={submit}>
      <label class="hidden" for="reframe-text">
        {strings.write}
      </label>
      <textarea
        id="reframe-text"
        ref={field}
        rows={2}
        dir="auto"
        autocomplete="off"
        maxLength={MOST}
        placeholder={strings.placeholder}
        value={text}
        onInput={(event) => {
          change(event.currentTarget.value);
          writes();
        }}
        onKeyDown={typed}
      />
      <button type="submit" class="send">
        {strings.send}
      </button>
      {left <= WARN && (
        <p class="quiet" role="status">
          {strings.long(left)}
        </p>
      )}
    </form>
  );
}
