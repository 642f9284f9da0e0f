// The interface of the server, as described in docs/openapi.yml.

import type { Credentials, Pending } from "./memory";

export interface Button {
  title: string;
  payload: string;
}

export interface Message {
  number: number;
  from: "person" | "bot" | "supporter";
  speaker: string | null;
  care: boolean;
  text: string;
  buttons: Button[];
  client_id: string | null;
  at: string;
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfter: number,
  ) {
    super(message);
  }
}

export class Server {
  constructor(private readonly origin: string) {}

  async begin(): Promise<{ credentials: Credentials; messages: Message[] }> {
    const got = await this.call("POST", "/", null);
    return { credentials: { id: got.id, secret: got.secret }, messages: got.messages };
  }

  async send(who: Credentials, pending: Pending): Promise<Message[]> {
    const said = pending.button === null ? { text: pending.text } : { button: pending.button };
    return (await this.call("POST", `/${who.id}/messages`, who, { ...said, client_id: pending.client_id })).messages;
  }

  async news(who: Credentials, after: number, wait: number, signal: AbortSignal): Promise<{ messages: Message[]; speaker: string | null }> {
    return this.call("GET", `/${who.id}/messages?after=${after}&wait=${wait}`, who, undefined, signal);
  }

  async types(who: Credentials): Promise<void> {
    await this.call("POST", `/${who.id}/typing`, who);
  }

  async complain(who: Credentials, text: string): Promise<void> {
    await this.call("POST", `/${who.id}/complaints`, who, { text });
  }

  async erase(who: Credentials): Promise<void> {
    await this.call("DELETE", `/${who.id}`, who);
  }

  async data(who: Credentials, format: "html" | "json"): Promise<string> {
    return this.ask("GET", `/${who.id}/data?format=${format}`, who);
  }

  // EventSource can send no Authorization header, and the secret must not stand in an address.
  async events(who: Credentials, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = { Authorization: `Bearer ${who.secret}`, "Last-Event-ID": String(after), Accept: "text/event-stream" };
    const response = await fetch(`${this.origin}/api/conversations/${who.id}/events`, { headers, signal, cache: "no-store" });
    if (!response.ok) throw await refused(response);
    if (!response.body) throw new Error("no stream");
    return response.body;
  }

  private async call(method: string, path: string, who: Credentials | null, body?: unknown, signal?: AbortSignal): Promise<any> {
    const got = await this.ask(method, path, who, body, signal);
    return got ? JSON.parse(got) : {};
  }

  private async ask(method: string, path: string, who: Credentials | null, body?: unknown, signal?: AbortSignal): Promise<string> {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (who) headers.Authorization = `Bearer ${who.secret}`;
    const init: RequestInit = { method, headers, credentials: "omit", cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal) init.signal = signal;
    const response = await fetch(`${this.origin}/api/conversations${path}`, init);
    if (!response.ok) throw await refused(response);
    return response.text();
  }
}

async function refused(response: Response): Promise<Refused> {
  const said = await response.json().then(
    (got) => String(got?.error?.message ?? ""),
    () => "",
  );
  return new Refused(response.status, said, Number(response.headers.get("Retry-After")) || 0);
}
