// The directory of help, carried along so that it can be shown when the server cannot be reached. Made by `reframe resources export`.

import data from "./generated/directory.json";

export interface Way {
  kind: "call" | "text" | "chat" | "web";
  label: string;
  href: string;
  short: boolean;
}

export interface Service {
  country: string;
  name: string;
  line: string;
  topics: string[];
  ways: Way[];
}

const SERVICES = data.services as Service[];
const EMERGENCIES = data.emergencies as Record<string, string>;
const INTERNATIONAL = "INT";
export const CHECKED = data.checked as boolean;

export function countries(lang: string): { code: string; name: string }[] {
  const names = new Intl.DisplayNames([lang, "en"], { type: "region" });
  const codes = [...new Set([...SERVICES.map((s) => s.country), ...Object.keys(EMERGENCIES)])].filter((c) => c !== INTERNATIONAL);
  return codes.map((code) => ({ code, name: names.of(code) ?? code })).sort((a, b) => a.name.localeCompare(b.name, lang));
}

// General lines first; without a country the international directory alone.
export function servicesFor(country: string): Service[] {
  const general = (s: Service) => (s.topics.some((t) => t === "crisis" || t === "suicide") ? 0 : 1);
  const local = SERVICES.filter((s) => s.country === country).sort((a, b) => general(a) - general(b));
  return [...local, ...SERVICES.filter((s) => s.country === INTERNATIONAL)];
}

export function emergencyOf(country: string): string | null {
  return EMERGENCIES[country] ?? null;
}

export function isEmergency(number: string): boolean {
  return Object.values(EMERGENCIES).some((known) => known.split(/\D+/).includes(number));
}

export type Part = { text: string } | { service: Service };

// A crisis answer as plain parts and the services it names, which become cards. The lines are compared whole, so nothing else can pass for one.
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  for (const line of text.split("\n")) {
    const service = SERVICES.find((s) => s.line === line.trim());
    const last = parts[parts.length - 1];
    if (service) parts.push({ service });
    else if (last && "text" in last) last.text += `\n${line}`;
    else parts.push({ text: line });
  }
  return parts.map((p) => ("text" in p ? { text: p.text.trim() } : p)).filter((p) => !("text" in p) || p.text);
}

// Short numbers work only inside their country: elsewhere they are words and no link.
export function dialable(way: Way, service: Service, country: string): boolean {
  return !way.short || service.country === country;
}
