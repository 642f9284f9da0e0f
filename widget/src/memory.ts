// What is kept in this browser: the conversation's id and secret, messages not sent yet, the draft, the country. Never what was said.

export interface Credentials {
  id: string;
  secret: string;
}

export interface Pending {
  client_id: string;
  text: string;
  button: string | null;
  at: string;
}

interface Kept {
  credentials: Credentials | null;
  outbox: Pending[];
  draft: string;
  country: string;
}

const EMPTY: Kept = { credentials: null, outbox: [], draft: "", country: "" };

// A browser that forbids storage still gets a conversation; it only does not survive a reload.
export class Memory {
  private kept: Kept;

  constructor(private readonly key: string) {
    this.kept = this.read();
    addEventListener("storage", (event) => {
      if (event.key === key || event.key === null) this.kept = this.read();
    });
  }

  get<K extends keyof Kept>(name: K): Kept[K] {
    return this.kept[name];
  }

  set<K extends keyof Kept>(name: K, value: Kept[K]): void {
    this.kept = { ...this.read(), [name]: value };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // Forbidden or full: it stays in this page's memory.
    }
  }

  clear(): void {
    const { country } = this.kept;
    this.forget();
    if (country) this.set("country", country);
  }

  forget(): void {
    this.kept = EMPTY;
    try {
      localStorage.removeItem(this.key);
    } catch {
      // There is nothing to remove where nothing may be kept.
    }
  }

  private read(): Kept {
    try {
      return { ...EMPTY, ...JSON.parse(localStorage.getItem(this.key) ?? "{}") };
    } catch {
      return this.kept ?? EMPTY;
    }
  }
}
