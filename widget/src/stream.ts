// News of a conversation, by server-sent events; where a stream gives no sign of life, by asking again and again.

import { createParser } from "eventsource-parser";

import type { Credentials } from "./memory";
import { Refused, type Message, type Server } from "./server";

const SILENT_MS = 40_000; // the server gives a sign of life every 15 seconds
const FAILURES = 3; // streams that broke before anything came: then ask instead
const WAIT_SECONDS = 25;
const LONGEST_MS = 15_000;

export interface Listener {
  message(message: Message): void;
  typing(typing: boolean): void;
  speaking(speaker: string | null): void;
  current(): void;
  erased(): void;
  connected(connected: boolean): void;
  last(): number;
}

export class Stream {
  private control = new AbortController();
  private failures = 0;

  constructor(
    private readonly server: Server,
    private readonly who: Credentials,
    private readonly listener: Listener,
  ) {
    void this.run();
  }

  stop(): void {
    this.control.abort();
  }

  private async run(): Promise<void> {
    for (let wait = 1000; !this.control.signal.aborted; wait = Math.min(wait * 2, LONGEST_MS)) {
      try {
        if (this.failures < FAILURES) await this.listen();
        else await this.ask();
        wait = 500;
      } catch (error) {
        if (this.control.signal.aborted) return;
        if (error instanceof Refused && error.status === 404) return this.listener.erased();
        this.listener.connected(false);
      }
      await new Promise((done) => setTimeout(done, wait * (0.7 + Math.random() * 0.6)));
    }
  }

  private async listen(): Promise<void> {
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    this.control.signal.addEventListener("abort", stop);
    let alive = setTimeout(stop, SILENT_MS);
    this.failures += 1;
    try {
      const body = await this.server.events(this.who, this.listener.last(), attempt.signal);
      const parser = createParser({ onEvent: (event) => this.heard(event.event, event.data) });
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.failures = 0;
        this.listener.connected(true);
        clearTimeout(alive);
        alive = setTimeout(stop, SILENT_MS);
        parser.feed(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(alive);
      this.control.signal.removeEventListener("abort", stop);
    }
  }

  private heard(name: string | undefined, data: string): void {
    if (name === "message") this.listener.message(JSON.parse(data));
    else if (name === "typing") this.listener.typing(JSON.parse(data).typing);
    else if (name === "speaking") this.listener.speaking(JSON.parse(data).speaker);
    else if (name === "current") this.listener.current();
    else if (name === "erased") {
      this.stop();
      this.listener.erased();
    }
  }

  private async ask(): Promise<void> {
    const { messages, speaker } = await this.server.news(this.who, this.listener.last(), WAIT_SECONDS, this.control.signal);
    this.listener.connected(true);
    messages.forEach((message) => this.listener.message(message));
    this.listener.speaking(speaker);
    this.listener.current();
  }
}
