"""When lines of the rota fall due, in local time, so that a shift keeps its hours when the clocks change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Iterable, Iterator
from zoneinfo import ZoneInfo

from dateutil.rrule import WEEKLY, rrule

from bot.store.duty import Planned


@dataclass(frozen=True)
class Occurrence:
    """One time at which somebody is planned; `ends` is not in it. Both carry their zone."""

    planned: Planned
    begins: datetime
    ends: datetime


def occurrences(rota: Iterable[Planned], since: datetime, until: datetime) -> list[Occurrence]:
    """Everything planned that touches the time from `since` up to `until`, by its beginning."""
    found = [o for planned in rota for o in _of(planned, until) if o.ends > since and o.begins < until]
    return sorted(found, key=lambda o: (o.begins, o.planned.id))


def planned_now(rota: Iterable[Planned], at: datetime) -> list[Occurrence]:
    """Who is planned to be on duty at a moment."""
    return occurrences(rota, at, at + timedelta(microseconds=1))


def _of(planned: Planned, until: datetime) -> Iterator[Occurrence]:
    zone = ZoneInfo(planned.zone)
    starts, ends = time.fromisoformat(planned.starts), time.fromisoformat(planned.ends)
    last = until.astimezone(zone).replace(tzinfo=None)
    if planned.weekly and planned.last_day:
        last = min(last, datetime.combine(planned.last_day, time.max))
    first = datetime.combine(planned.day, starts)
    # Days are counted on the wall, without a zone, so that nine o'clock stays nine o'clock.
    for begins in rrule(WEEKLY, dtstart=first, until=max(first, last), count=None) if planned.weekly else [first]:
        over = timedelta(days=0 if ends > starts else 1)
        end = datetime.combine(begins.date() + over, ends)
        yield Occurrence(planned, begins.replace(tzinfo=zone), end.replace(tzinfo=zone))
