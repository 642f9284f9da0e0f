"""The alarms of this process: what waits too long by the console's own look at the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from bot.console.live import Watcher
from bot.console.visits import Parts
from bot.pilot.alerting import Alerting
from bot.store.alarms import Alarms
from bot.store.duty import Duty
from bot.store.messages import PRACTICE


@dataclass(frozen=True)
class Late:
    """One conversation that waits too long."""

    conversation_id: str
    need: str
    waited: timedelta
    target: timedelta
    practice: bool


class Queued:
    """The breaches of a watcher, each with whether it is practice."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def breaches(self, at: datetime) -> list[Late]:
        """By the last look at the queue."""
        practice = {row.conversation_id for row in self.watcher.snapshot.rows if row.channel == PRACTICE}
        return [Late(b.conversation_id, b.need, b.waited, b.target, b.conversation_id in practice) for b in self.watcher.breaches(at)]


def alerting_of(parts: Parts) -> Optional[Alerting]:
    """What looks and tells, or None where nobody is to be told and nothing raised, as in most tests."""
    if parts.terms.pilot.lines is None:
        return None
    return Alerting(Queued(parts.watcher), Duty(parts.database, parts.terms.pilot.grace), Alarms(parts.database), parts.terms.pilot.lines)
