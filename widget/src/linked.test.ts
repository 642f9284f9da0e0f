import { describe, expect, it } from "vitest";

import { safeAddress } from "./config";
import { dialable, emergencyOf, partsOf, servicesFor, type Service } from "./directory";

describe("addresses", () => {
  it.each([
    ["https://findahelpline.com", true],
    ["tel:999", true],
    ["sms:85258?&body=SHOUT", true],
    ["javascript:alert(1)", false],
    ["data:text/html,hi", false],
    ["//evil.example", false],
    ["", false],
  ])("%s is a link: %s", (given, allowed) => {
    expect(safeAddress(given) !== null).toBe(allowed);
  });
});

describe("the directory that is carried along", () => {
  it("names a country's own services before the international one, and never another country's", () => {
    const countries = servicesFor("GB").map((s) => s.country);
    expect(new Set(countries)).toEqual(new Set(["GB", "INT"]));
    expect(countries[countries.length - 1]).toBe("INT");
  });
  it("names only the international directory where the country is not known", () => {
    expect(servicesFor("").every((s) => s.country === "INT")).toBe(true);
    expect(emergencyOf("")).toBeNull();
  });
  it("finds the services that an answer names, whole lines only", () => {
    const line = (servicesFor("GB")[0] as Service).line;
    expect(partsOf(`First.\n\n${line}\n\nThen?`).map((p) => "service" in p)).toEqual([false, true, false]);
    expect(partsOf(`I called ${line} once`).some((p) => "service" in p)).toBe(false);
  });
  it("links a short number only inside its country", () => {
    const lifeline = servicesFor("US").find((s) => s.ways.some((w) => w.short)) as Service;
    const short = lifeline.ways.find((w) => w.short);
    expect(short && dialable(short, lifeline, "US")).toBe(true);
    expect(short && dialable(short, lifeline, "GB")).toBe(false);
  });
});
