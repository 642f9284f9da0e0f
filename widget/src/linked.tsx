// Text with its addresses as links. It is only ever set as text; what is not plainly http or https stays words.

import type { ComponentChildren } from "preact";

import { safeAddress } from "./config";
import { isEmergency } from "./directory";

const ADDRESS = /\bhttps?:\/\/[^\s<>"'()]+[^\s<>"'().,;:!?]|(?<=\bcall )\d{2,4}\b/gi;
// Signs that turn the direction of what follows could make an address look like another.
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;

// `dial` links the emergency numbers of an answer to danger; nothing else that looks like a number.
export function Linked({ text, dial }: { text: string; dial: boolean }) {
  const plain = text.replace(TURNING, "");
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of plain.matchAll(ADDRESS)) {
    const number = /^\d/.test(match[0]);
    if (number && !(dial && isEmergency(match[0]))) continue;
    const address = safeAddress(number ? `tel:${match[0]}` : match[0]);
    if (!address) continue;
    const outside = number ? {} : { target: "_blank", rel: "noopener noreferrer nofollow" };
    parts.push(plain.slice(from, match.index), <a href={address} {...outside}>{match[0]}</a>);
    from = match.index + match[0].length;
  }
  return <>{[...parts, plain.slice(from)]}</>;
}
