"""How a case was for the supporter: written by them, read by supervisors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from sqlalchemy import select

from bot.store.audit import Units
from bot.store.console_tables import Account
from bot.store.messages import SURROGATES, now
from bot.store.review_tables import Debrief
from bot.store.sealed import DEBRIEFED, marked


@dataclass(frozen=True)
class Said:
    """What a supporter says after a case. `how` runs from 1 (very hard) to 5 (fine)."""

    how: int
    needs_break: bool = False
    wants_to_talk: bool = False
    text: str = ""


@dataclass(frozen=True)
class Heard:
    """The same as a supervisor reads it, with the name of who said it."""

    id: int
    account: str
    at: datetime
    said: Said
    seen_by: Optional[str]


class Debriefs:
    """The debriefs of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def keep(self, account: str, said: Said, case_id: Optional[int] = None) -> None:
        """Keep what a supporter says."""
        values = {name: value for name, value in vars(said).items() if name != "text"}
        with self.units.unit() as session:
            row = Debrief(account=account, mark=marked(), case_id=case_id, created_at=now(), **values)
            DEBRIEFED.put(session, row, said.text.translate(SURROGATES))
            session.add(row)

    def all(self) -> list[Heard]:
        """Those that nobody has seen first, then the newest."""
        with self.units.unit() as session:
            query = select(Debrief, Account.name).join(Account, Account.id == Debrief.account)
            rows = session.execute(query.order_by(Debrief.seen_at.is_not(None), Debrief.id.desc()))
            return [Heard(r.id, name, r.created_at, Said(r.how, r.needs_break, r.wants_to_talk, DEBRIEFED.get(r)), r.seen_by) for r, name in rows]

    def seen(self, debrief: int, by: str) -> None:
        """A supervisor has read it and says so; the first one is kept."""
        with self.units.unit() as session:
            row = session.get(Debrief, debrief)
            if row is not None and row.seen_by is None:
                row.seen_by, row.seen_at = by, now()
