"""Who is planned to be on duty, and who is. The two are kept apart: a plan watches over nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Optional

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from bot.store.audit import Units
from bot.store.console_tables import Account
from bot.store.messages import now
from bot.store.pilot_tables import OnDuty, Shift

GRACE = timedelta(minutes=10)
"""Who has not moved a hand in the console for so long is taken to be away, whatever their switch says."""
WATCHING = ("supporter", "supervisor")
"""The roles that can be on duty: those who can answer."""


@dataclass(frozen=True)
class Planned:
    """One line of the rota. Times are local to `zone`, as HH:MM; an end that is not after the start is on the day after."""

    account: str
    day: date
    starts: str
    ends: str
    weekly: bool = False
    last_day: Optional[date] = None
    zone: str = "UTC"
    id: int = 0


@dataclass(frozen=True)
class Watcher:
    """Somebody who has switched themselves on. `there` says whether they moved a hand lately."""

    account: str
    name: str
    since: datetime
    there: bool


class Duty:
    """The duty of one installation."""

    def __init__(self, units: Units, grace: timedelta = GRACE) -> None:
        self.units, self.grace = units, grace

    def begin(self, account: str) -> None:
        """Switch somebody on."""
        with self.units.unit() as session:
            if session.get(OnDuty, account) is None:
                session.add(OnDuty(account=account, since=now()))

    def end(self, account: str) -> None:
        """Switch somebody off."""
        with self.units.unit() as session:
            session.execute(delete(OnDuty).where(OnDuty.account == account))

    def watchers(self, at: datetime) -> list[Watcher]:
        """All who are switched on, by name."""
        query = select(OnDuty, Account).join(Account, Account.id == OnDuty.account).where(*_may_watch()).order_by(Account.name)
        with self.units.unit() as session:
            rows = session.execute(query).all()
            return [Watcher(a.id, a.name, on.since, a.active_at is not None and a.active_at > at - self.grace) for on, a in rows]

    def on_duty(self, at: datetime) -> list[Watcher]:
        """Those who are switched on and there."""
        return [watcher for watcher in self.watchers(at) if watcher.there]

    def attended(self, at: datetime) -> bool:
        """Whether anybody is on duty: the only ground on which a person may be told that somebody can read along."""
        with self.units.unit() as session:
            return attended(session, at, self.grace)

    def plan(self, planned: Planned) -> None:
        """Put a line on the rota."""
        values = {name: value for name, value in vars(planned).items() if name != "id"}
        with self.units.unit() as session:
            session.add(Shift(**values))

    def cancel(self, shift: int) -> None:
        """Take it off."""
        with self.units.unit() as session:
            session.execute(delete(Shift).where(Shift.id == shift))

    def rota(self) -> list[Planned]:
        """All lines, by day and time."""
        with self.units.unit() as session:
            rows = session.execute(select(Shift).order_by(Shift.day, Shift.starts, Shift.id)).scalars()
            return [Planned(r.account, r.day, r.starts, r.ends, r.weekly, r.last_day, r.zone, r.id) for r in rows]


def attended(session: Session, at: datetime, grace: timedelta) -> bool:
    """Whether anybody is on duty, seen from inside a unit of work."""
    there = exists().where(OnDuty.account == Account.id, *_may_watch(), Account.active_at > at - grace)
    return bool(session.execute(select(there)).scalar())


def _may_watch() -> tuple[Any, ...]:
    return Account.active.is_(True), Account.role.in_(WATCHING)
