// The open widget: who is speaking, help, a way out, the conversation, and the field.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Composer } from "./composer";
import type { Config } from "./config";
import type { Conversation, Shown, State } from "./conversation";
import { Help } from "./help";
import type { Memory } from "./memory";
import { MessageView } from "./message";
import type { Strings } from "./strings";

// What all parts are given.
export interface Parts {
  config: Config;
  strings: Strings;
  lang: string;
  conversation: Conversation;
  memory: Memory;
}

interface Props extends Parts {
  state: State;
  close(): void;
  leave(): void;
}

type View = "chat" | "help" | "more" | "complain" | "erase";

export function Panel({ config, strings, lang, conversation, memory, state, close, leave }: Props) {
  const [view, setView] = useState<View>("chat");
  const [country, setCountry] = useState(memory.get("country"));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (view !== "chat") heading.current?.focus();
  }, [view]);
  const choose = (code: string) => {
    memory.set("country", code);
    setCountry(code);
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    if (view === "chat") close();
    else setView("chat");
  };
  return (
    <section class="panel" aria-label={config.title ?? strings.title} onKeyDown={escape}>
      <header>
        <div class="title">
          <h2>{config.title ?? strings.title}</h2>
          <p class="quiet speaking" dir="auto">
            {state.speaker ? strings.human(state.speaker) : strings.program}
          </p>
        </div>
        <button type="button" class="icon" aria-label={strings.more} aria-expanded={view === "more"} onClick={() => setView(view === "more" ? "chat" : "more")}>
          ⋯
        </button>
        <button type="button" class="icon" aria-label={strings.close} onClick={close}>
          ×
        </button>
        <div class="always">
          <button type="button" class="help" aria-expanded={view === "help"} onClick={() => setView(view === "help" ? "chat" : "help")}>
            {strings.help}
          </button>
          <button type="button" class="exit" title={strings.exitHint} onClick={leave}>
            {strings.exit}
          </button>
        </div>
      </header>
      {view !== "chat" && (
        <div class="cover">
          <h3 ref={heading} tabIndex={-1}>
            {{ help: strings.helpTitle, more: strings.more, complain: strings.complain, erase: strings.erase }[view]}
          </h3>
          {view === "help" && <Help strings={strings} lang={lang} country={country} choose={choose} />}
          {view === "more" && <More config={config} strings={strings} conversation={conversation} messages={state.messages} go={setView} />}
          {view === "complain" && <Complain strings={strings} conversation={conversation} />}
          {view === "erase" && <Erase strings={strings} conversation={conversation} done={() => setView("chat")} />}
          <button type="button" onClick={() => setView("chat")}>
            {strings.back}
          </button>
        </div>
      )}
      <div class="chat" hidden={view !== "chat"}>
        <p class="notice quiet">
          {state.speaker ? strings.humanLong(state.speaker) : strings.programLong} {strings.english}
        </p>
        <Log strings={strings} lang={lang} state={state} choose={(title, payload) => conversation.say(title, payload)} />
        <Status strings={strings} state={state} />
        <Composer strings={strings} draft={memory.get("draft")} keep={(draft) => memory.set("draft", draft)} send={(text) => conversation.say(text)} writes={() => conversation.writes()} />
      </div>
    </section>
  );
}

interface LogProps {
  strings: Strings;
  lang: string;
  state: State;
  choose(title: string, payload: string): void;
}

function Log({ strings, lang, state, choose }: LogProps) {
  const log = useRef<HTMLDivElement>(null);
  const last = state.messages[state.messages.length - 1];
  useLayoutEffect(() => reveal(log.current), [last?.key, state.typing]);
  return (
    <div class="log" ref={log} role="log" aria-live={state.restored ? "polite" : "off"} aria-label={strings.log} aria-busy={!state.restored} tabIndex={0}>
      {state.messages.map((message) => (
        <MessageView key={message.key} message={message} strings={strings} lang={lang} />
      ))}
      {last && <Choices message={last} choose={choose} />}
      {state.typing && <p class="typing quiet">{state.speaker ? strings.humanTyping(state.speaker) : strings.typing}</p>}
      {!state.messages.length && state.connected && !state.erased && <p class="quiet">{strings.starting}</p>}
    </div>
  );
}

// To the end, but never past the beginning of the newest message: a long one is read from its start.
function reveal(log: HTMLDivElement | null): void {
  const newest = [...(log?.querySelectorAll<HTMLElement>(".message") ?? [])].pop();
  if (log && newest) log.scrollTop = Math.min(log.scrollHeight, newest.offsetTop - log.offsetTop);
}

function Choices({ message, choose }: { message: Shown; choose: LogProps["choose"] }) {
  if (!message.buttons.length) return null;
  return (
    <div class="choices" lang="en">
      {message.buttons.map((button) => (
        <button type="button" key={button.payload} dir="auto" onClick={() => choose(button.title, button.payload)}>
          {button.title}
        </button>
      ))}
    </div>
  );
}

function Status({ strings, state }: { strings: Strings; state: State }) {
  const was = useRef(true);
  const words = state.notice ?? (!state.connected ? strings.offline : state.erased ? strings.erased : was.current ? "" : strings.online);
  useEffect(() => {
    was.current = state.connected;
  }, [state.connected]);
  return (
    <p class="status" role="status">
      {words}
    </p>
  );
}

// The payload of the button by which leave to keep messages is taken back.
const WITHDRAW = "/withdraw";

interface MoreProps {
  config: Config;
  strings: Strings;
  conversation: Conversation;
  messages: Shown[];
  go(view: View): void;
}

function More({ config, strings, conversation, messages, go }: MoreProps) {
  const [failed, setFailed] = useState(false);
  const save = () => {
    const lines = messages.map((m) => `${m.at}  ${m.from === "person" ? strings.you : (m.speaker ? strings.human(m.speaker) : strings.bot)}:\n${m.text}\n`);
    download("conversation.txt", "text/plain", lines.join("\n"));
  };
  const saveData = async (format: "html" | "json") => {
    const kept = await conversation.data(format);
    setFailed(kept === null);
    if (kept !== null) download(`my-data.${format}`, format === "html" ? "text/html" : "application/json", kept);
  };
  const yes = messages.some((m) => m.buttons.some((button) => button.payload === WITHDRAW));
  const takeBack = () => {
    conversation.say(strings.takeBack, WITHDRAW);
    go("chat");
  };
  return (
    <div class="sheet">
      <button type="button" onClick={save}>
        {strings.save}
      </button>
      <button type="button" onClick={() => saveData("html")}>
        {strings.data}
      </button>
      <button type="button" onClick={() => saveData("json")}>
        {strings.dataForPrograms}
      </button>
      <p role="alert">{failed ? strings.dataFailed : ""}</p>
      <button type="button" onClick={() => go("complain")}>
        {strings.complain}
      </button>
      {yes && (
        <button type="button" onClick={takeBack}>
          {strings.takeBack}
        </button>
      )}
      <button type="button" onClick={() => go("erase")}>
        {strings.erase}
      </button>
      <p>
        <a href={`${config.server}/safety-protocol`} target="_blank" rel="noopener noreferrer">
          {strings.protocol}
        </a>
      </p>
      <p>
        <a href={`${config.server}/privacy`} target="_blank" rel="noopener noreferrer">
          {strings.privacy}
        </a>
      </p>
      <p class="quiet">{strings.exitHint}</p>
    </div>
  );
}

function download(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function Complain({ strings, conversation }: { strings: Strings; conversation: Conversation }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    const kept = await conversation.complain(text);
    setSaid(kept ? strings.complainDone : strings.complainFailed);
    if (kept) setText("");
  };
  return (
    <form class="sheet" onSubmit={submit}>
      <label>
        {strings.complainAsk}
        <textarea rows={4} dir="auto" maxLength={4000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit">{strings.complainSend}</button>
      <p role="status">{said}</p>
    </form>
  );
}

function Erase({ strings, conversation, done }: { strings: Strings; conversation: Conversation; done(): void }) {
  const [failed, setFailed] = useState(false);
  const yes = async () => {
    if (await conversation.erase()) {
      done();
      await conversation.open();
    } else setFailed(true);
  };
  return (
    <div class="sheet">
      <p>{strings.eraseAsk}</p>
      <p role="alert">{failed ? strings.eraseFailed : ""}</p>
      <button type="button" class="danger" onClick={yes}>
        {strings.eraseYes}
      </button>
      <button type="button" onClick={done}>
        {strings.eraseNo}
      </button>
    </div>
  );
}
