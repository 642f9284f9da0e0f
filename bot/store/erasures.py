"""Erasing a conversation with everything that hangs on it, and remembering that it was, so that a restored backup does not bring it back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Iterable, Literal, Optional, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.database import Database
from bot.store.events import Event, has_events
from bot.store.messages import now
from bot.store.tables import Arrival, Conversation, Erasure

Reason = Literal["person", "supervisors", "period"]
Tombstone = tuple[str, Reason, datetime]
"""The hash of a conversation's id, the reason, the moment."""


class NoErasures(ReframeError):
    """A file that holds no erasures."""


def erase(session: Session, conversation_id: str, reason: Reason, at: datetime | None = None) -> None:
    """Erase in a unit of work: the conversation, every row that hangs on it by a foreign key, what waits for it, and Rasa's events.

    Counts of the whole stay, and the audit.
    What is under way in the process (the inbox, the spool, what the agent holds) is the desk's to forget.
    """
    if has_events(session):
        session.execute(delete(Event).where(Event.sender_id == conversation_id))
    # It may have come before there was a conversation.
    session.execute(delete(Arrival).where(Arrival.conversation_id == conversation_id))
    if session.execute(delete(Conversation).where(Conversation.id == conversation_id)).rowcount:
        session.add(Erasure(conversation_hash=hashed(conversation_id), reason=reason, at=at or now()))


def tombstones(database: Database) -> list[Tombstone]:
    """What was erased, oldest first."""
    with database.unit() as session:
        return [(row.conversation_hash, row.reason, row.at) for row in session.execute(select(Erasure).order_by(Erasure.id)).scalars()]


def erased_since(database: Database, after: Optional[int]) -> tuple[int, frozenset[str]]:
    """The number of the newest erasure, and the hashes of the conversations that were erased after number `after`; none of them for None."""
    with database.unit() as session:
        newest = int(session.execute(select(func.max(Erasure.id))).scalar() or 0)
        found = session.execute(select(Erasure.conversation_hash).where(Erasure.id > newest if after is None else Erasure.id > after)).scalars()
        return newest, frozenset(found)


def tombstones_in(file: Path) -> list[Tombstone]:
    """Those of a file, one a line: hash, reason, moment. Raises NoErasures when it cannot be read so."""
    try:
        lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [(name, cast("Reason", reason), datetime.fromisoformat(at)) for name, reason, at in lines]
    except (OSError, ValueError):
        raise NoErasures(f"{file} cannot be read as erasures. It has to be what `reframe retention erasures` printed.") from None


def reapply(database: Database, more: Iterable[Tombstone] = ()) -> int:
    """Erase again what was erased after a backup was made, and remember `more` of it; returns how many conversations that were.

    A conversation that began after the erasure is another one, as when somebody writes again from a messaging app, and stays.
    """
    _remember(database, more)
    latest = {name: (at, reason) for name, reason, at in sorted(tombstones(database), key=lambda t: t[2])}
    with database.unit() as session:
        there = session.execute(select(Conversation.id, Conversation.created_at)).all()
        back = [(name, *latest[hashed(name)]) for name, began in there if hashed(name) in latest and began <= latest[hashed(name)][0]]
        for name, at, reason in back:
            erase(session, name, reason, at)
    return len(back)


def hashed(conversation_id: str) -> str:
    """Ids are random or keyed hashes themselves, so nobody can guess what is behind it."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()


def _remember(database: Database, more: Iterable[Tombstone]) -> None:
    known = {(name, at) for name, _, at in tombstones(database)}
    with database.unit() as session:
        session.add_all([Erasure(conversation_hash=n, reason=r, at=at) for n, r, at in more if (n, at) not in known])
