"""How many wait for supporters, how long, and whether anybody is there: what Prometheus reads of the console. Practice is never counted."""

from __future__ import annotations

from datetime import datetime

from bot.console.live import Snapshot
from bot.console.order import breaches, held, waited, waiting
from bot.console.terms import Targets
from bot.metrics.levels import Level
from bot.store.database import StoreAway
from bot.store.duty import Duty
from bot.store.messages import PRACTICE
from bot.store.needs import NEEDS
from bot.store.queue import Row


def queued(snapshot: Snapshot, targets: Targets, at: datetime) -> list[Level]:
    """The queue at the last look. Raises StoreAway when that look was not possible, so that old figures do not pass for new ones."""
    if snapshot.away or snapshot.at is None:
        raise StoreAway("The queue could not be read.")
    rows = [row for row in snapshot.rows if row.channel != PRACTICE]
    late = breaches(rows, targets, at)
    free = [row for row in waiting(rows, targets, at) if row.need]
    return [
        Level("reframe_queue_depth", "Conversations that wait for a supporter and that nobody holds, by need.", _by_need([r.need for r in free]), "need"),
        Level("reframe_queue_oldest_seconds", "How long the one that has waited longest has waited, by need.", _oldest(free, at), "need"),
        Level("reframe_queue_breaches", "Conversations that have waited for longer than their target, by need.", _by_need([b.need for b in late]), "need"),
        Level("reframe_queue_held", "Conversations that a supporter holds.", {"": float(len(held(rows)))}),
    ]


def attended(duty: Duty, stopped: bool, at: datetime) -> list[Level]:
    """Who is there, and whether automatic replies are stopped. Raises StoreAway."""
    return [
        Level("reframe_supporters_on_duty", "Supporters and supervisors who are on duty and there.", {"": float(len(duty.on_duty(at)))}),
        Level("reframe_replies_stopped", "Whether automatic replies are stopped: 1 or 0.", {"": float(stopped)}),
    ]


def _by_need(needs: list[str | None]) -> dict[str, float]:
    return {need: float(needs.count(need)) for need in NEEDS}


def _oldest(rows: list[Row], at: datetime) -> dict[str, float]:
    return {need: max((waited(row, at).total_seconds() for row in rows if row.need == need), default=0.0) for need in NEEDS}
