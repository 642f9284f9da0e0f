// The conversation as the widget shows it: what is stored, what is still on its way, and whether the server is there. No drawing here.

import type { Memory, Pending } from "./memory";
import { Refused, type Button, type Message, type Server } from "./server";
import { Stream } from "./stream";

export interface Shown {
  key: string;
  from: "person" | "bot" | "supporter";
  speaker: string | null;
  care: boolean;
  text: string;
  buttons: Button[];
  at: string;
  state: "sent" | "waiting" | "refused";
}

export interface State {
  messages: Shown[];
  restored: boolean;
  connected: boolean;
  typing: boolean;
  speaker: string | null;
  unread: number;
  notice: string | null;
  erased: boolean;
}

const LONGEST_MS = 15_000;
const TYPING_EVERY_MS = 3000; // the server forgets it after six seconds

export class Conversation {
  private stored = new Map<number, Message>();
  private refusals = new Map<string, Pending>();
  private stream: Stream | null = null;
  private watchers = new Set<() => void>();
  private pumping = false;
  private streamed = 0; // the last number that came by the stream: what a sent message's answer brings may leave others out
  private beginning: Promise<void> | null = null;
  private rest = { restored: false, connected: true, typing: false, speaker: null as string | null, unread: 0, notice: null as string | null, erased: false };
  private typedAt = 0;
  looking = false;

  constructor(
    private readonly server: Server,
    private readonly memory: Memory,
  ) {
    addEventListener("online", () => void (this.looking ? this.open() : this.pump()));
    addEventListener("storage", () => this.follow());
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  state(): State {
    const arrived = [...this.stored].sort(([a], [b]) => a - b).map(([, message]) => message); // those without a number lie between
    const there = new Set(arrived.map((m) => m.client_id));
    const waiting = this.memory.get("outbox").filter((p) => !there.has(p.client_id));
    return {
      ...this.rest,
      messages: [
        ...arrived.map((m) => shownOf(m)),
        ...[...this.refusals.values()].map((p) => ofPending(p, "refused")),
        ...waiting.map((p) => ofPending(p, "waiting")),
      ],
    };
  }

  // Called when the widget is opened, and again after a deletion.
  async open(): Promise<void> {
    await this.begin();
    void this.pump();
  }

  say(text: string, button: string | null = null): void {
    const pending = { client_id: newId(), text, button, at: new Date().toISOString() };
    this.memory.set("outbox", [...this.memory.get("outbox"), pending]);
    this.set({ notice: null, erased: false });
    void this.pump();
  }

  // Only a person is told that somebody is writing.
  writes(): void {
    const who = this.memory.get("credentials");
    if (!who || !this.rest.speaker || Date.now() - this.typedAt < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.server.types(who).catch(() => undefined); // it is no message: without a connection nothing is lost
  }

  seen(): void {
    if (this.rest.unread) this.set({ unread: 0 });
  }

  // Resolves to true when nothing of it is left on the server.
  async erase(): Promise<boolean> {
    const who = this.memory.get("credentials");
    try {
      if (who) await this.server.erase(who);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) return false;
    }
    this.forgotten(true);
    return true;
  }

  // Resolves to true when it is kept.
  async complain(text: string): Promise<boolean> {
    const who = this.memory.get("credentials");
    if (!who) return false;
    return this.server.complain(who, text).then(
      () => true,
      () => false,
    );
  }

  // All that the server keeps of this person, or null when it cannot be had just now.
  async data(format: "html" | "json"): Promise<string | null> {
    const who = this.memory.get("credentials");
    if (!who) return null;
    return this.server.data(who, format).catch(() => null);
  }

  leave(): void {
    this.stream?.stop();
    this.memory.forget();
  }

  // One at a time, whoever asks for it: two would be two conversations.
  private begin(): Promise<void> {
    return (this.beginning ??= this.start().finally(() => (this.beginning = null)));
  }

  private async start(): Promise<void> {
    if (this.stream) return;
    try {
      if (!this.memory.get("credentials")) {
        this.set({ restored: true }); // there is no history to be kept from being read out
        const { credentials, messages } = await this.server.begin();
        this.memory.set("credentials", credentials);
        messages.forEach((m) => this.stored.set(m.number || -this.stored.size - 1, m));
        this.streamed = Math.max(0, ...messages.map((m) => m.number));
      }
      this.listen();
      this.set({ connected: true });
    } catch (error) {
      this.set(error instanceof Refused && error.status === 429 ? { notice: error.message } : { connected: false });
      setTimeout(() => this.looking && void this.open(), LONGEST_MS); // the greeting comes by itself when the server is back
    }
  }

  private listen(): void {
    const who = this.memory.get("credentials");
    if (!who || this.stream) return;
    this.stream = new Stream(this.server, who, {
      message: (message) => {
        this.streamed = Math.max(this.streamed, message.number);
        this.heard(message);
      },
      typing: (typing) => this.set({ typing }),
      speaking: (speaker) => speaker !== this.rest.speaker && this.set({ speaker }),
      current: () => !this.rest.restored && this.set({ restored: true }),
      erased: () => this.forgotten(false),
      connected: (connected) => connected !== this.rest.connected && this.set({ connected }),
      last: () => this.streamed,
    });
  }

  private heard(message: Message): void {
    const known = this.stored.has(message.number);
    if (message.client_id && message.from === "person") {
      this.drop(message.client_id);
      this.replaceUnstored(message.client_id);
    }
    this.stored.set(message.number, message);
    const news = !known && message.from !== "person" && !this.looking;
    this.set({ unread: this.rest.unread + (news ? 1 : 0) });
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    for (let wait = 1000; this.memory.get("outbox").length; ) {
      try {
        await this.begin();
        const who = this.memory.get("credentials");
        const next = this.memory.get("outbox")[0];
        if (!who) throw new Error("no conversation yet");
        if (!next) break;
        const messages = await this.server.send(who, next);
        this.delivered(next, messages);
        wait = 1000;
      } catch (error) {
        if (error instanceof Refused && this.turnedAway(error)) continue;
        if (!(error instanceof Refused)) this.set({ connected: false });
        const seconds = error instanceof Refused ? error.retryAfter : 0;
        await new Promise((done) => setTimeout(done, Math.max(wait, seconds * 1000)));
        wait = Math.min(wait * 2, LONGEST_MS);
      }
    }
    this.pumping = false;
  }

  // What was answered while the database was away has no number; it is shown until the stored one comes.
  private delivered(sent: Pending, messages: Message[]): void {
    const stored = messages.filter((m) => m.number > 0);
    const before = stored.length ? Math.min(...stored.map((m) => m.number)) - 0.5 : Math.max(0, ...this.stored.keys()) + 0.0005;
    const known = [...this.stored.values()].some((m) => m.client_id === sent.client_id);
    if (!known) this.stored.set(before, ownOf(sent)); // until the stream brings it with its number
    stored.forEach((m) => this.heard(m));
    if (!stored.length) messages.forEach((m, n) => this.stored.set(before + (n + 1) / 1000, { ...m, client_id: null }));
    this.drop(sent.client_id);
    this.set({ connected: true, notice: null });
  }

  // Says whether the message will never be taken, so that the next may go on.
  private turnedAway(error: Refused): boolean {
    const next = this.memory.get("outbox")[0];
    this.set({ notice: error.message || null });
    if (error.status === 404) {
      this.stream?.stop();
      this.stream = null;
      this.memory.set("credentials", null); // deleted elsewhere: what was just written begins a new one
      this.stored.clear();
      this.streamed = 0;
      return true;
    }
    if (error.status >= 500 || error.status === 429 || !next) return false;
    this.drop(next.client_id);
    this.refusals.set(next.client_id, next);
    return true;
  }

  private drop(clientId: string): void {
    const outbox = this.memory.get("outbox");
    if (!outbox.some((p) => p.client_id === clientId)) return;
    this.memory.set("outbox", outbox.filter((p) => p.client_id !== clientId));
  }

  // What was said while the database was away has been stored meanwhile, and comes with its numbers.
  private replaceUnstored(clientId: string): void {
    const numbers = [...this.stored.keys()].filter((n) => !Number.isInteger(n));
    if (numbers.some((n) => this.stored.get(n)?.client_id === clientId)) numbers.forEach((n) => this.stored.delete(n));
  }

  private forgotten(here: boolean): void {
    this.stream?.stop();
    this.stream = null;
    this.stored.clear();
    this.refusals.clear();
    this.streamed = 0;
    this.memory.clear();
    this.set({ unread: 0, typing: false, speaker: null, notice: null, erased: true, restored: here });
  }

  // Another tab began, or deleted.
  private follow(): void {
    if (this.memory.get("credentials") && !this.stream && this.looking) void this.open();
    else this.set({});
  }

  private set(change: Partial<typeof this.rest>): void {
    this.rest = { ...this.rest, ...change };
    this.watchers.forEach((watcher) => watcher());
  }
}

function shownOf(message: Message): Shown {
  const key = message.from === "person" && message.client_id ? message.client_id : String(message.number);
  const { from, speaker, care, text, buttons, at } = message;
  return { key, from, speaker, care, text, buttons, at, state: "sent" };
}

function ofPending(pending: Pending, state: "waiting" | "refused"): Shown {
  return { key: pending.client_id, from: "person", speaker: null, care: false, text: pending.text, buttons: [], at: pending.at, state };
}

function ownOf(pending: Pending): Message {
  return { number: 0, from: "person", speaker: null, care: false, text: pending.text, buttons: [], client_id: pending.client_id, at: pending.at };
}

// getRandomValues, unlike randomUUID, also works where the page is not served over HTTPS.
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
