"""Alarms: raised once for each thing, sent out until somebody acknowledges them or the thing is over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Mapping, Optional

from sqlalchemy import or_, select, update

from bot.store.audit import Units
from bot.store.pilot_tables import Alarm


@dataclass(frozen=True)
class Raised:
    """An alarm as others see it. `times` is how often it went out."""

    id: int
    words: str
    began_at: datetime
    sent_at: Optional[datetime]
    times: int
    acknowledged_by: Optional[str]


class Alarms:
    """The alarms of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def settle(self, going_on: Mapping[str, str], at: datetime) -> None:
        """Raise an alarm for each thing that goes on and has none, and end those of things that are over. Subjects are kept as hashes only."""
        subjects = {_hashed(subject): words for subject, words in going_on.items()}
        with self.units.unit() as session:
            open_ones = session.execute(select(Alarm).where(Alarm.over_at.is_(None))).scalars().all()
            for row in open_ones:
                row.over_at = None if row.subject in subjects else at
                row.words = subjects.get(row.subject, row.words)
            known = {row.subject for row in open_ones}
            session.add_all(Alarm(subject=s, words=words, began_at=at, times=0) for s, words in subjects.items() if s not in known)

    def due(self, at: datetime, every: timedelta) -> list[Raised]:
        """What has to be sent now: new ones, and those that nobody has acknowledged for so long."""
        waited = or_(Alarm.sent_at.is_(None), Alarm.sent_at <= at - every)
        with self.units.unit() as session:
            rows = session.execute(select(Alarm).where(Alarm.over_at.is_(None), Alarm.acknowledged_at.is_(None), waited).order_by(Alarm.id)).scalars()
            return [_raised(row) for row in rows]

    def claim(self, alarm: Raised, at: datetime) -> bool:
        """Whether it is ours to send; of several processes one gets it."""
        before = Alarm.sent_at.is_(None) if alarm.sent_at is None else Alarm.sent_at == alarm.sent_at
        mine = update(Alarm).where(Alarm.id == alarm.id, Alarm.times == alarm.times, before)
        with self.units.unit() as session:
            return bool(session.execute(mine.values(sent_at=at, times=alarm.times + 1)).rowcount)

    def unsent(self, alarm: Raised) -> None:
        """Nobody could be reached after all; it is due again."""
        with self.units.unit() as session:
            session.execute(update(Alarm).where(Alarm.id == alarm.id).values(sent_at=alarm.sent_at, times=alarm.times))

    def acknowledge(self, alarm: int, by: str, at: datetime) -> None:
        """Somebody takes it on; the first one is kept."""
        with self.units.unit() as session:
            unknown = update(Alarm).where(Alarm.id == alarm, Alarm.acknowledged_at.is_(None))
            session.execute(unknown.values(acknowledged_by=by, acknowledged_at=at))

    def open(self) -> list[Raised]:
        """Those that go on, the newest first."""
        with self.units.unit() as session:
            return [_raised(row) for row in session.execute(select(Alarm).where(Alarm.over_at.is_(None)).order_by(Alarm.id.desc())).scalars()]


def _hashed(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()


def _raised(row: Alarm) -> Raised:
    return Raised(row.id, row.words, row.began_at, row.sent_at, row.times, row.acknowledged_by)
