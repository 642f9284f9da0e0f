import { beforeEach, expect, it, vi } from "vitest";

import { Conversation } from "./conversation";
import { Memory } from "./memory";
import { Refused, type Message, type Server } from "./server";

const message = (number: number, from: "person" | "bot", text: string, client_id: string | null = null): Message => ({
  number, from, text, client_id, speaker: null, care: false, buttons: [], at: "2026-01-01T00:00:00Z",
});

// A server whose stream can be written to and broken off, and which remembers from where it was asked to go on.
class Fake {
  asked: number[] = [];
  sent: { client_id: string; text: string }[] = [];
  answer: (client_id: string) => Message[] | Refused | Error = () => [];
  private control: ReadableStreamDefaultController<Uint8Array> | null = null;

  down = false;
  begun = 0;
  async begin() {
    if (this.down) throw new Error("offline");
    this.begun += 1;
    return { credentials: { id: "a", secret: "b" }, messages: [message(1, "bot", "hello")] };
  }
  async send(_: unknown, pending: { client_id: string; text: string }) {
    this.sent.push(pending);
    const got = this.answer(pending.client_id);
    if (got instanceof Error) throw got;
    return got;
  }
  async events(_: unknown, after: number) {
    this.asked.push(after);
    return new ReadableStream<Uint8Array>({ start: (control) => void (this.control = control) });
  }
  async erase() {}
  bring(...messages: Message[]) {
    const text = messages.map((m) => `id: ${m.number}\nevent: message\ndata: ${JSON.stringify(m)}\n\n`).join("");
    this.control?.enqueue(new TextEncoder().encode(text));
  }
  breakOff() {
    this.control?.close();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => {});
});

async function begun() {
  const server = new Fake();
  const conversation = new Conversation(server as unknown as Server, new Memory("k"));
  await conversation.open();
  await vi.advanceTimersByTimeAsync(10);
  return { server, conversation, texts: () => conversation.state().messages.map((m) => m.text) };
}

it("goes on after what the stream brought, so that nothing is left out between an answer and the stream", async () => {
  const { server, conversation, texts } = await begun();
  server.answer = () => [message(5, "bot", "five")];
  server.breakOff();
  conversation.say("four");
  await vi.advanceTimersByTimeAsync(3000);
  expect(texts()).toEqual(["hello", "four", "five"]);
  expect(server.asked[server.asked.length - 1]).toBe(1);
  const own = server.sent[0]?.client_id ?? "";
  server.bring(message(2, "person", "two", "x"), message(3, "bot", "three"), message(4, "person", "four", own), message(5, "bot", "five"));
  await vi.advanceTimersByTimeAsync(10);
  expect(texts()).toEqual(["hello", "two", "three", "four", "five"]);
});

it("shows what was answered while the database was away once, also after it was stored", async () => {
  const { server, conversation, texts } = await begun();
  server.answer = () => [message(0, "bot", "help is here")];
  conversation.say("in danger");
  await vi.advanceTimersByTimeAsync(10);
  expect(texts()).toEqual(["hello", "in danger", "help is here"]);
  const own = server.sent[0]?.client_id ?? "";
  server.bring(message(2, "person", "in danger", own), message(3, "bot", "help is here"));
  await vi.advanceTimersByTimeAsync(10);
  expect(texts()).toEqual(["hello", "in danger", "help is here"]);
});

it.each([
  ["no connection", new Error("offline"), "waiting"],
  ["an error of the server", new Refused(500, "broken", 0), "waiting"],
  ["too much at once", new Refused(429, "wait", 2), "waiting"],
  ["a message that is never taken", new Refused(422, "no", 0), "refused"],
])("keeps what was written after %s", async (_, failure, state) => {
  const { server, conversation } = await begun();
  server.answer = () => failure;
  conversation.say("words");
  await vi.advanceTimersByTimeAsync(10);
  expect(conversation.state().messages.map((m) => [m.text, m.state])).toContainEqual(["words", state]);
});

it("sends two quick messages in their order, the second after the first was taken", async () => {
  const { server, conversation } = await begun();
  let down = true;
  server.answer = () => (down ? new Error("offline") : []);
  conversation.say("one");
  conversation.say("two");
  await vi.advanceTimersByTimeAsync(10);
  down = false;
  await vi.advanceTimersByTimeAsync(20_000);
  const order = server.sent.map((s) => s.text);
  expect(order.indexOf("two")).toBeGreaterThan(order.lastIndexOf("one"));
});

it("greets by itself, once, when a server that was away at the opening is back", async () => {
  const server = new Fake();
  server.down = true;
  const conversation = new Conversation(server as unknown as Server, new Memory("k"));
  conversation.looking = true;
  await conversation.open();
  conversation.say("already writing");
  expect(conversation.state().connected).toBe(false);
  server.down = false;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(server.begun).toBe(1);
  expect(conversation.state().messages[0]?.text).toBe("hello");
});
