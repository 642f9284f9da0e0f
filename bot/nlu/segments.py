"""Cut a message into the sentences that may each voice a belief."""

from __future__ import annotations

import re

BREAK = re.compile(r"(?<=[.?!;])\s+|\n+|\s+(?:but|and also|also,|plus)\s+", re.IGNORECASE)
LONG = 14
"""From so many words on a message is also looked at sentence by sentence."""
WINDOW = 80
"""Words that are read in one piece, about what the encoder takes in."""
MOST = 24
"""More sentences than this are joined in pairs, threes …; the whole text is still covered."""

COMMAND = re.compile(r"^[\s\u2060]*/[\w:]+\s*(\{.*?\}+)?", re.DOTALL)


def spoken(text: str) -> str:
    """A message without a command at its head: nobody's `/word{...}` is a thing that was said."""
    return COMMAND.sub("", text).strip()


def windows(text: str) -> list[str]:
    """The whole text in as few pieces as the encoder can read, at most MOST of them; one for almost every message."""
    words = text.split()
    size = max(WINDOW, -(-len(words) // MOST))
    return [" ".join(words[start : start + size])[:4000] for start in range(0, len(words), size)] or [text[:4000]]


def segments(text: str) -> list[str]:
    """Sentences of four words or more of a message of LONG words or more, at most MOST of them; empty when there is but one."""
    if len(text.split()) < LONG:
        return []
    parts = [p.strip() for p in BREAK.split(text) if p and len(p.split()) >= 4]
    if len(parts) < 2:
        return []
    size = -(-len(parts) // MOST)
    return [" ".join(parts[i : i + size])[:1000] for i in range(0, len(parts), size)]
