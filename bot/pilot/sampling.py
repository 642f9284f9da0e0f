"""Which closed cases are reviewed: every urgent one, a share of the others, and a share of those twice, so that agreement can be measured.

The draw is a keyed hash of the case's own name: the same for everybody at any time, and not to be foreseen or steered by anyone without the key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Callable

SPAN = 2**64


@dataclass(frozen=True)
class Sampling:
    """The settings of an installation. `keyed` makes a keyed hash of a name; shares run from 0 to 1."""

    keyed: Callable[[str], str]
    share: float = 0.1
    twice: float = 0.2

    def wanted(self, urgent: bool, case: str) -> int:
        """How many people are to review a case."""
        if not urgent and self._drawn("review", case) >= self.share:
            return 0
        return 2 if self._drawn("twice", case) < self.twice else 1

    def _drawn(self, purpose: str, case: str) -> float:
        digest = hashlib.sha256(self.keyed(f"{purpose} {case}").encode()).digest()
        return int.from_bytes(digest[:8], "big") / SPAN
