// One message: who speaks, what, when; a crisis answer with the services it names as cards.

import { dialable, partsOf, type Service } from "./directory";
import { Linked } from "./linked";
import type { Shown } from "./conversation";
import type { Strings } from "./strings";

interface Props {
  message: Shown;
  strings: Strings;
  lang: string;
}

export function MessageView({ message, strings, lang }: Props) {
  const time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" }).format(new Date(message.at));
  const who = message.from === "person" ? strings.you : (message.speaker ? strings.human(message.speaker) : strings.bot);
  return (
    <div class={`message ${message.from}${message.care ? " care" : ""} ${message.state}`}>
      <p class="who">
        {who} <time dateTime={message.at}>{time}</time>
        {message.state !== "sent" && <span class="state"> · {message.state === "waiting" ? strings.waiting : strings.refused}</span>}
      </p>
      <div class="words" lang="en" dir="auto">
        {partsOf(message.text).map((part, n) =>
          "text" in part ? (
            <p key={n}>
              <Linked text={part.text} dial={message.care} />
            </p>
          ) : (
            <ServiceCard key={n} service={part.service} country={part.service.country} strings={strings} />
          ),
        )}
      </div>
    </div>
  );
}

export function ServiceCard({ service, country, strings }: { service: Service; country: string; strings: Strings }) {
  const ways = service.ways.filter((w) => w.kind !== "web" || service.ways.length === 1 || service.country === "INT");
  return (
    <div class="service">
      <p class="line" lang="en" dir="ltr">
        {service.line}
      </p>
      <p class="ways">
        {ways.map((way) =>
          dialable(way, service, country) ? (
            <a key={way.href} href={way.href} rel="noopener noreferrer" {...(way.href.startsWith("http") ? { target: "_blank" } : {})}>
              {strings[way.kind]} <span dir="ltr">{way.label}</span>
            </a>
          ) : (
            <span key={way.href}>
              {strings[way.kind]} <span dir="ltr">{way.label}</span>
            </span>
          ),
        )}
      </p>
    </div>
  );
}
