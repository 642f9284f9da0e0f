"""In which order the queue stands, and what has waited too long. Pure functions of rows, targets and a moment.

The formula. Each need has a place: immediate 0, urgent 1, check_in 2, person 3, unsure 4, error 5. For each AGEING times its target that a conversation
has waited it moves up one place, but never beyond urgent: danger now stays first, and danger is only ever overtaken by what has waited for hours.
Within a place whoever has waited longest comes first. So whatever is let in is at the head of its place at some time, and nothing starves.
With the targets as they ship (2 min, 15 min, 10 min, 30 min, 30 min) and AGEING 8, signs of danger stand with danger after 2 hours, someone who asked
for a person after 2 h 40 min, somebody not understood after 12 hours, and a failure after 16.
What somebody holds does not wait: it comes after, in the order in which it was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.console.terms import Targets
from bot.store.messages import Need
from bot.store.needs import NEEDS
from bot.store.queue import Row

AGEING = 8
HIGHEST = NEEDS.index("urgent")
"""The place beyond which waiting does not lift."""


@dataclass(frozen=True)
class Breach:
    """Somebody has waited longer than the target for what they need, and nobody holds the conversation."""

    conversation_id: str
    need: Need
    since: datetime
    waited: timedelta
    target: timedelta


def place(need: Need, waited: timedelta, target: timedelta) -> int:
    """The place by need, lifted by waiting; lower is earlier."""
    own = NEEDS.index(need)
    return own if own <= HIGHEST else max(HIGHEST, own - int(waited / (AGEING * target)))


def waited(row: Row, at: datetime) -> timedelta:
    """How long a row has waited for somebody; nothing where it needs nobody."""
    return max(timedelta(), at - row.since) if row.since else timedelta()


def waiting(rows: list[Row], targets: Targets, at: datetime) -> list[Row]:
    """The rows that nobody holds, in the order in which they are to be taken."""

    def key(row: Row) -> tuple[int, timedelta, str]:
        so_long = waited(row, at)
        where = place(row.need, so_long, targets[row.need]) if row.need else len(NEEDS)
        return where, -so_long, row.conversation_id

    return sorted((row for row in rows if row.holder is None), key=key)


def held(rows: list[Row]) -> list[Row]:
    """The rows that somebody holds, the first taken first."""
    return sorted((row for row in rows if row.holder is not None), key=lambda row: (row.held_since is not None, row.held_since, row.conversation_id))


def breaches(rows: list[Row], targets: Targets, at: datetime) -> list[Breach]:
    """What has waited longer than its target with nobody holding it, in the order of the queue."""
    needing = [(row, row.need, row.since) for row in waiting(rows, targets, at) if row.need and row.since]
    late = [(row, need, since) for row, need, since in needing if waited(row, at) > targets[need]]
    return [Breach(row.conversation_id, need, since, waited(row, at), targets[need]) for row, need, since in late]
