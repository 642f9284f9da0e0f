"""What a conversation remembers between turns. Plain data, so that any tracker or store can hold it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Literal, Optional

from pydantic import BaseModel

from bot.reframing.catalogue import Line, Lines

Awaiting = Literal["question", "weight_before", "weight_after", "takeaway", "parked", "close", "choice"]


class Memory(BaseModel):
    """One conversation's state.

    `used` maps a pool of lines to the keys said so far, oldest first. `seed` gives each conversation its own order of lines.
    `clarified` are the pairs of beliefs asked between, `offered` the pair that is open, `unsure` counts unclear messages since the last clear one.
    """

    seed: str = ""
    used: dict[str, list[str]] = {}
    belief: Optional[str] = None
    parked: list[str] = []
    awaiting: Optional[Awaiting] = None
    answers: int = 0
    silences: int = 0
    reflection: Optional[str] = None
    step: int = 0
    unsure: int = 0
    clarified: list[str] = []
    offered: list[str] = []
    weight_asked: bool = False
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
        chosen = self._fitting(fresh, text.lower())
        said.append(chosen.key)
        return chosen

    def _fitting(self, lines: list[Line], text: str) -> Line:
        """Most matching cues first; then lines without cues before those whose cues are absent; then the conversation's own order."""

        def rank(line: Line) -> tuple[int, bool, str]:
            return sum(has(text, cue) for cue in line.cues), not line.cues, hashlib.blake2s((self.seed + line.key).encode()).hexdigest()

        return max(lines, key=rank)

    def exhausted(self, pool: str, lines: Lines) -> bool:
        """Whether every line of the pool has been said."""
        return all(line.key in self.used.get(pool, []) for line in lines)

    def leave_thread(self) -> None:
        """Forget what was being talked about; keep what was said and what the person kept."""
        self.belief = self.awaiting = self.reflection = None
        self.offered = []
        self.answers = self.silences = self.step = 0
        self.weight_asked = False
        self.weight_before = self.weight_after = None


def has(text: str, cue: str) -> bool:
    """Whether a cue stands in a text at the beginning of a word, so that `hour` finds `hours` and not `your`."""
    return re.search(rf"\b{re.escape(cue)}", text) is not None
