"""How a case was for the supporter: written by them, read by supervisors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from sqlalchemy import select

from bot.store.database import Database
from bot.store.messages import SURROGATES, now
from bot.store.review_tables import Debrief


@dataclass(frozen=True)
class Said:
    """What a supporter says after a case. `how` runs from 1 (very hard) to 5 (fine)."""

    how: int
    needs_break: bool = False
    wants_to_talk: bool = False
    text: str = ""


@dataclass(frozen=True)
class Heard:
    """The same as a supervisor reads it."""

    id: int
    account: str
    at: datetime
    said: Said
    seen_by: Optional[str]


class Debriefs:
    """The debriefs of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, account: str, said: Said, closing_id: Optional[int] = None) -> None:
        """Keep what a supporter says."""
        values = {**vars(said), "text": said.text.translate(SURROGATES)}
        with self.database.unit() as session:
            session.add(Debrief(account=account, closing_id=closing_id, created_at=now(), **values))

    def all(self) -> list[Heard]:
        """Those that nobody has seen first, then the newest."""
        with self.database.unit() as session:
            rows = session.execute(select(Debrief).order_by(Debrief.seen_at.is_not(None), Debrief.id.desc())).scalars()
            return [Heard(r.id, r.account, r.created_at, Said(r.how, r.needs_break, r.wants_to_talk, r.text), r.seen_by) for r in rows]

    def seen(self, debrief: int, by: str) -> None:
        """A supervisor has read it and says so; the first one is kept."""
        with self.database.unit() as session:
            row = session.get(Debrief, debrief)
            if row is not None and row.seen_by is None:
                row.seen_by, row.seen_at = by, now()
