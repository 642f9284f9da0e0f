// Help now: people to turn to in the chosen country, from the list the widget carries. It asks the server nothing.

import { CHECKED, countries, emergencyOf, servicesFor } from "./directory";
import { ServiceCard } from "./message";
import type { Strings } from "./strings";

interface Props {
  strings: Strings;
  lang: string;
  country: string;
  choose(country: string): void;
}

// A country with several numbers says what each is for; only a single one can be a link.
function Emergency({ words, number }: { words: string; number: string }) {
  return /^\d+$/.test(number) ? <a href={`tel:${number}`}>{words}</a> : <>{words}</>;
}

export function Help({ strings, lang, country, choose }: Props) {
  const emergency = emergencyOf(country);
  return (
    <div class="sheet">
      <p>{strings.helpLead}</p>
      <label>
        {strings.country}
        <select value={country} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{strings.countryNone}</option>
          {countries(lang).map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <p class="emergency">{emergency ? <Emergency words={strings.emergency(emergency)} number={emergency} /> : strings.emergencyUnknown}</p>
      <ul>
        {servicesFor(country).map((service) => (
          <li key={service.country + service.line}>
            <ServiceCard service={service} country={country} strings={strings} />
          </li>
        ))}
      </ul>
      {!CHECKED && <p class="quiet">{strings.unchecked}</p>}
    </div>
  );
}
