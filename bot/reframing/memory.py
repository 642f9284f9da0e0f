"""What a conversation remembers between turns. Plain data, so that any tracker or store can hold it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Optional

from pydantic import BaseModel

from bot.reframing.catalogue import Line, Lines

Awaiting = Literal["question", "weight_before", "weight_after", "takeaway", "parked", "close"]


class Memory(BaseModel):
    """One conversation's state. `used` maps a pool of lines to the keys said so far, oldest first."""

    used: dict[str, list[str]] = {}
    belief: Optional[str] = None
    parked: list[str] = []
    awaiting: Optional[Awaiting] = None
    answers: int = 0
    reflection: Optional[str] = None
    step: int = 0
    weight_before: Optional[float] = None
    weight_after: Optional[float] = None
    takeaways: list[str] = []
    last_seen: Optional[datetime] = None

    def pick(self, pool: str, lines: Lines, text: str = "") -> Line:
        """The next line of a pool: one whose cues are in `text` if there is any, never a used one while others remain."""
        said = self.used.setdefault(pool, [])
        fresh = [line for line in lines if line.key not in said]
        if not fresh:
            last = said[-1:]
            fresh = [line for line in lines if line.key not in last] or list(lines)
            said[:] = last
        chosen = _fitting(fresh, text.lower())
        said.append(chosen.key)
        return chosen

    def exhausted(self, pool: str, lines: Lines) -> bool:
        """Whether every line of the pool has been said."""
        return all(line.key in self.used.get(pool, []) for line in lines)

    def leave_thread(self) -> None:
        """Forget what was being talked about; keep what was said and what the person kept."""
        self.belief = self.awaiting = self.reflection = None
        self.answers = self.step = 0
        self.weight_before = self.weight_after = None


def _fitting(lines: list[Line], text: str) -> Line:
    """Most matching cues first; among equals a line without cues before one whose cues are absent."""
    return max(lines, key=lambda line: (sum(cue in text for cue in line.cues), not line.cues))
