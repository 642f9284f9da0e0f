"""One turn as it is counted: how risky, what answered, how long, and whether danger was left without its answer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from time import perf_counter
from types import TracebackType
from typing import Iterable, Optional, Type

from bot.metrics.counted import DANGER_UNANSWERED, SCREENED, TURN_SECONDS, TURNS

URGENT = "urgent"
ANSWERS = ("crisis", "help", "bot", "standing")
"""Authors of answers; where several spoke in one turn, the first here counts."""
CARING = ("crisis", "help")


class Turn(AbstractContextManager["Turn"]):
    """Counted at its end, also when it broke."""

    def __init__(self) -> None:
        self._began, self._tier, self._answer = perf_counter(), "none", "broke"

    def screened(self, tier: str) -> None:
        """The tier of risk of the message."""
        self._tier = tier
        SCREENED.labels(tier).inc()

    def answered(self, authors: Iterable[str]) -> None:
        """Who spoke in the answer that was kept; nobody where a supporter has the conversation."""
        spoke = set(authors)
        self._answer = next((answer for answer in ANSWERS if answer in spoke), "nobody")

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        TURNS.labels(self._answer).inc()
        TURN_SECONDS.labels(self._answer).observe(perf_counter() - self._began)
        if self._tier == URGENT and self._answer not in (*CARING, "nobody"):
            DANGER_UNANSWERED.inc()
