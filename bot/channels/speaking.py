"""How a reply is said in a messaging app: who speaks, in how many parts, and where its buttons are."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from bot.channels.splitting import split
from bot.desk.courier import Part
from bot.store.messages import CARE, Reply


def said(reply: Reply) -> str:
    """The text of a reply; what a supporter wrote begins with who speaks."""
    return f"{reply.speaker} (a person): {reply.text}" if reply.speaker else reply.text


def parted(reply: Reply, longest: int, text: Optional[str] = None) -> list[Part]:
    """A reply in parts of at most `longest` UTF-16 units, its buttons on the last; `text` is what is said instead of its own."""
    parts = [Part(piece) for piece in split(said(reply) if text is None else text, longest, care=reply.author in CARE)]
    return [*parts[:-1], *(replace(part, buttons=reply.buttons) for part in parts[-1:])]
