"""Who did what, when and why: written with the deed in one transaction, append-only, each entry hashed together with the one before it."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ContextManager, Iterator, Mapping, Optional, Protocol

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from bot.store.console_tables import AuditEntry, AuditHead
from bot.store.database import Database
from bot.store.messages import now
from bot.store.sealed import REASON, marked
from bot.store.sealing import KeyProblem

GENESIS = "0" * 64
"""In place of the hash before the first entry."""
SYSTEM = "system"
"""The actor where no account is."""


class Units(Protocol):
    """What gives units of work: a database, or a database that notes a deed first."""

    def unit(self) -> ContextManager[Session]:
        """A unit of work: committed at its end, rolled back by any exception."""
        ...


@dataclass(frozen=True)
class Deed:
    """What is to be noted. `actor` and `subject` are ids; `detail` holds ids, numbers and names of states, never words of a conversation."""

    actor: str
    action: str
    subject: Optional[str] = None
    why: Optional[str] = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A deed as it was noted."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: Optional[str]
    why: Optional[str]
    detail: Mapping[str, Any]


class Noted:
    """A database whose units of work note a deed first; the deed and its entry are kept together or not at all."""

    def __init__(self, database: Database, deed: Deed) -> None:
        self.database, self.deed = database, deed

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """A unit of work that begins with the entry, and so with the lock on the end of the chain."""
        with self.database.unit() as session:
            _append(session, self.deed)
            yield session


class Audit:
    """The audit of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, deed: Deed) -> Noted:
        """Units of work that note a deed."""
        return Noted(self.database, deed)

    def note(self, deed: Deed) -> None:
        """Note a deed that writes nothing else, such as reading."""
        with self.of(deed).unit():
            pass

    def entries(self, before: Optional[int] = None, most: int = 100, subject: Optional[str] = None, actor: Optional[str] = None) -> list[Entry]:
        """The newest first, those with a number below `before` where one is given."""
        query = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(most)
        for column, value in ((AuditEntry.subject, subject), (AuditEntry.actor, actor)):
            query = query.where(column == value) if value else query
        with self.database.unit() as session:
            rows = session.execute(query.where(AuditEntry.number < before) if before else query).scalars()
            return [Entry(r.number, r.at, r.actor, r.action, r.subject, REASON.get(r), json.loads(r.detail)) for r in rows]

    def noted_since(self, actor: str, action: str, subject: str, since: datetime) -> bool:
        """Whether an account has done this since a moment, as having given a reason to read a conversation."""
        done = exists().where(AuditEntry.subject == subject, AuditEntry.actor == actor, AuditEntry.action == action, AuditEntry.at >= since)
        with self.database.unit() as session:
            return bool(session.execute(select(done)).scalar())

    def verify(self) -> tuple[list[str], int, str]:
        """What is wrong with the chain, one sentence each; how many entries there are, and the hash of the last, to be kept elsewhere."""
        with self.database.unit() as session:
            head = session.get(AuditHead, 1)
            rows = session.execute(select(AuditEntry).order_by(AuditEntry.number)).scalars()
            return _verified(list(rows), head.number if head else None, head.hash if head else None)


def _append(session: Session, deed: Deed) -> None:
    # Taking the next number locks the row, so that two writers cannot both follow the same entry.
    session.execute(update(AuditHead).where(AuditHead.id == 1).values(number=AuditHead.number + 1))
    head = session.execute(select(AuditHead.number, AuditHead.hash).where(AuditHead.id == 1)).one()
    entry = AuditEntry(number=head.number, mark=marked(), at=now(), actor=deed.actor, action=deed.action, subject=deed.subject, previous=head.hash)
    entry.detail = json.dumps(dict(deed.detail), sort_keys=True, ensure_ascii=True)
    entry.hash = digest(entry, deed.why)
    REASON.put(session, entry, deed.why)
    session.add(entry)
    session.flush()
    session.execute(update(AuditHead).where(AuditHead.id == 1).values(hash=entry.hash))


def digest(entry: AuditEntry, why: Optional[str]) -> str:
    """SHA-256 over everything an entry says, its reason in plain words, and the hash of the one before, each field apart from the next."""
    fields = [entry.number, entry.at.isoformat(), entry.actor, entry.action, entry.subject, why, entry.detail, entry.previous]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()


def _changed(row: AuditEntry) -> bool:
    try:
        return bool(digest(row, REASON.get(row)) != row.hash)
    except KeyProblem:  # the reason was changed or moved; a wrong key is noticed at the start
        return True


def _verified(rows: list[AuditEntry], counted: Optional[int], last: Optional[str]) -> tuple[list[str], int, str]:
    found, previous, expected = [], GENESIS, 1
    for row in rows:
        if row.number != expected:
            found.append(f"Entry {expected} is missing: {row.number} comes after {expected - 1}.")
        elif row.previous != previous:
            found.append(f"Entry {row.number} does not follow the one before it: one of them was put in, moved or changed.")
        if _changed(row):
            found.append(f"Entry {row.number} was changed.")
        previous, expected = row.hash, row.number + 1
    if counted is None or (counted, last) != (expected - 1, previous):
        found.append(f"The end of the chain is missing: {counted} entries were written, the last that is there is {expected - 1}.")
    return found, len(rows), previous
