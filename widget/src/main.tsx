// One script tag starts the widget. It lives in a shadow root, so styles leak neither way (docs/decisions/0003-shadow-root.md).

import { render } from "preact";

import { App } from "./app";
import { configOf } from "./config";
import { Conversation } from "./conversation";
import { Memory } from "./memory";
import { Server } from "./server";
import { stringsFor } from "./strings";
import css from "./style.css?inline";

const TAG = "reframe-chat";

function start(script: HTMLScriptElement): void {
  if (document.querySelector(TAG)) return;
  const config = configOf(script);
  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // no style element: a strict content security policy need not allow inline styles
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  document.body.append(host);
  const memory = new Memory(`reframe:${config.server}`);
  const conversation = new Conversation(new Server(config.server), memory);
  render(<App config={config} conversation={conversation} memory={memory} {...stringsFor(config.lang)} />, root);
}

const script = document.currentScript as HTMLScriptElement | null;
if (script) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
