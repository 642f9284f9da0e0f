// What the page that embeds the widget may set: attributes of the script tag.

export type Theme = "auto" | "light" | "dark";

export interface Config {
  server: string;
  lang: string;
  theme: Theme;
  side: "start" | "end";
  title: string | null;
  exit: string;
  open: boolean;
}

const EXIT = "https://www.wikipedia.org/";

export function configOf(script: HTMLScriptElement): Config {
  const { lang, theme, side, title, exit, open } = script.dataset;
  return {
    server: new URL(script.dataset.server ?? script.src, location.href).origin,
    lang: lang ?? document.documentElement.lang,
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    side: side === "start" ? "start" : "end",
    title: title ?? null,
    exit: safeAddress(exit) ?? EXIT,
    open: open !== undefined,
  };
}

// Only addresses a person may be sent to; anything else (`javascript:` first of all) is none.
export function safeAddress(given: string | undefined): string | null {
  if (!given) return null;
  try {
    const url = new URL(given);
    return ["http:", "https:", "tel:", "sms:"].includes(url.protocol) ? given : null;
  } catch {
    return null;
  }
}
