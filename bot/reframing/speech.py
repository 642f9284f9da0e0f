"""What passes between the person and the dialogue, and how a line is chosen and said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.reframing.catalogue import Belief, Catalogue
from bot.reframing.memory import Memory


@dataclass(frozen=True)
class Heard:
    """One message as the recogniser understood it. Confidences go from 0 to 1; `beliefs` are all that were voiced, surest first.

    `doubted` are the two likeliest beliefs where it is not clear that either was voiced, else empty. `attended` says whether a supporter is on duty.
    """

    text: str
    at: datetime
    intent: str
    beliefs: tuple[tuple[str, float], ...] = ()
    confidence: float = 1.0
    doubted: tuple[str, ...] = ()
    attended: bool = False


@dataclass(frozen=True)
class Button:
    """A choice. `payload` is sent back when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True)
class Message:
    """One message to the person."""

    text: str
    buttons: tuple[Button, ...] = ()


class Speaker:
    """Chooses lines from one catalogue, by what a conversation has already used."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def line(self, moment: str, memory: Memory, **fields: str) -> str:
        """The next line of a moment, with its fields filled in."""
        return memory.pick(moment, self.catalogue.moment(moment)).text.format(**fields)

    def say(self, moment: str, memory: Memory, **fields: str) -> list[Message]:
        """A moment as the whole reply."""
        return [Message(self.line(moment, memory, **fields))]

    def part(self, belief: Belief, name: str, memory: Memory, text: str = "") -> str:
        """The next line of one list of a belief, by its cues in `text`."""
        return memory.pick(f"{belief.id}.{name}", getattr(belief, name), text).text

    def question(self, belief: Belief, memory: Memory) -> str:
        """The next reflective question; what has to be cleared first comes first."""
        unasked = belief.first and not memory.exhausted(f"{belief.id}.first", belief.first)
        return self.part(belief, "first" if unasked else "questions", memory)
