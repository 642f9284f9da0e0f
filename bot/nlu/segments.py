"""Cut a message into the sentences that may each voice a belief."""

from __future__ import annotations

import re

BREAK = re.compile(r"(?<=[.?!;])\s+|\n+|\s+(?:but|and also|also,|plus)\s+", re.IGNORECASE)
MOST = 24
"""More sentences than this are joined in pairs, threes …; the whole text is still covered."""

COMMAND = re.compile(r"^[\s\u2060]*/[\w:]+\s*(\{.*?\}+)?", re.DOTALL)


def spoken(text: str) -> str:
    """A message without a command at its head: nobody's `/word{...}` is a thing that was said."""
    return COMMAND.sub("", text).strip()


def segments(text: str) -> list[str]:
    """Sentences of four words or more, at most MOST of them; empty for a message that is a single one."""
    parts = [p.strip() for p in BREAK.split(text) if p and len(p.split()) >= 4]
    if len(parts) < 2:
        return []
    size = -(-len(parts) // MOST)
    return [" ".join(parts[i : i + size])[:1000] for i in range(0, len(parts), size)]
