"""Corrections on their way to `reframe learn` (docs/corrections.md): redacted first, appended to a file that only its owner reads."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Callable, Optional

from bot.errors import ReframeError
from bot.store.reviews import Label, Reviews

Redact = Callable[[str], str]


class NoRedaction(ReframeError):
    """There is nothing that takes personal data out, so nothing is written."""


class CorrectionsFile:
    """The file of one installation. Without `redact` it refuses to write."""

    def __init__(self, path: Path, redact: Optional[Redact]) -> None:
        self.path, self.redact = path, redact

    def bring(self, reviews: Reviews) -> int:
        """Write what is not written yet; returns how many. What is written twice, after a stop in between, `reframe learn` knows already.

        Raises NoRedaction when there is something to write and nothing to redact it with; it then waits in the database.
        """
        waiting = reviews.unwritten()
        if not waiting:
            return 0
        if self.redact is None:
            raise NoRedaction("The corrections are kept, but not written for learning: nothing is set up that takes personal data out of them.")
        for number, text, label in waiting:
            self._append(_line(number, self.redact(text), label))
            reviews.written(number)
        return len(waiting)

    def _append(self, row: dict[str, Any]) -> None:
        """One line, whole on disk when this returns, whoever else writes."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
            handle.flush()
            os.fsync(handle.fileno())


def _line(number: int, redacted: str, label: Label) -> dict[str, Any]:
    category = label.category if label.tier not in (None, "none") else None
    given = {"intent": label.intent, "tier": label.tier, "category": category}
    return {"id": f"review-{number}", "text": " ".join(redacted.split()), **{name: value for name, value in given.items() if value}}
