"""A conversation as a supporter sees it: every message with its assessment, where the danger stands, notes, and who speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Mapping, Optional

from sqlalchemy import select

from bot.store.audit import Units
from bot.store.console_tables import Account, ClosedCase, Note
from bot.store.messages import SURROGATES, Mode, Need, now
from bot.store.sealed import BUTTONS, EVIDENCE, NOTED, RISK, TEXT, marked
from bot.store.tables import Conversation, Delivery, Message


@dataclass(frozen=True)
class Line:
    """A message with its assessment. `undelivered` says why a messaging app did not bring it to the person."""

    number: int
    author: str
    speaker: Optional[str]
    text: str
    buttons: tuple[Mapping[str, str], ...]
    answers: Optional[int]
    left_to: Optional[str]
    tier: Optional[str]
    category: Optional[str]
    version: Optional[str]
    evidence: tuple[Mapping[str, Optional[str]], ...]
    reference: Optional[str]
    at: datetime
    undelivered: Optional[str] = None


@dataclass(frozen=True)
class Noted:
    """A supporter's note."""

    by: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Closing:
    """A case that was closed in this conversation."""

    need: str
    by: str
    at: datetime


@dataclass(frozen=True)
class View:
    """All of it. `crisis` is where the conversation in risk stands, as plain data."""

    id: str
    channel: str
    began_at: datetime
    mode: Mode
    holder: Optional[str]
    holder_name: Optional[str]
    need: Optional[Need]
    since: Optional[datetime]
    offer: Optional[str]
    offer_answer: Optional[str]
    typing_at: Optional[datetime]
    muted: Optional[str]
    crisis: Mapping[str, Any]
    lines: tuple[Line, ...]
    notes: tuple[Noted, ...]
    closings: tuple[Closing, ...]


class Transcripts:
    """The conversations of one database, as supporters see them. Reading is noted by whoever shows them."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def view(self, conversation_id: str) -> Optional[View]:
        """A conversation, or None when it is gone."""
        lines = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.number)
        notes = select(Note, Account.shown).join(Account, Account.id == Note.account_id).where(Note.conversation_id == conversation_id).order_by(Note.id)
        closings = select(ClosedCase, Account.shown).join(Account, Account.id == ClosedCase.closed_by)
        closings = closings.where(ClosedCase.conversation_id == conversation_id).order_by(ClosedCase.id)
        with self.units.unit() as session:
            row = session.get(Conversation, conversation_id)
            if row is None:
                return None
            problems = dict(session.execute(select(Delivery.message_number, Delivery.problem).filter_by(conversation_id=conversation_id, state="dead")).all())
            said = tuple(_line(message, problems.get(message.number)) for message in session.execute(lines).scalars())
            noted = tuple(Noted(by, NOTED.get(note), note.created_at) for note, by in session.execute(notes))
            closed = tuple(Closing(case.need, by, case.closed_at) for case, by in session.execute(closings))
            return _view(row, said, noted, closed)

    def holder(self, conversation_id: str) -> Optional[str]:
        """Who holds it."""
        with self.units.unit() as session:
            return session.execute(select(Conversation.holder).where(Conversation.id == conversation_id)).scalar()  # type: ignore[no-any-return]

    def by_reference(self, reference: str) -> Optional[str]:
        """The conversation in which a failure of this reference was told, as it stands in the log and in what the person saw."""
        with self.units.unit() as session:
            return session.execute(select(Message.conversation_id).where(Message.reference == reference)).scalars().first()  # type: ignore[no-any-return]

    def exists(self, conversation_id: str) -> bool:
        """Whether there is such a conversation."""
        with self.units.unit() as session:
            return session.get(Conversation, conversation_id) is not None

    def note(self, conversation_id: str, account_id: str, text: str) -> None:
        """Keep a note."""
        with self.units.unit() as session:
            row = Note(conversation_id=conversation_id, mark=marked(), account_id=account_id, created_at=now())
            NOTED.put(session, row, text.translate(SURROGATES))
            session.add(row)


def _line(row: Message, undelivered: Optional[str]) -> Line:
    own = {name: getattr(row, name) for name in ("number", "author", "speaker", "answers", "left_to", "tier", "category", "reference")}
    buttons, evidence = tuple(BUTTONS.get(row) or ()), tuple(EVIDENCE.get(row) or ())
    return Line(**own, text=TEXT.get(row), buttons=buttons, evidence=evidence, version=row.screened_with, at=row.created_at, undelivered=undelivered)


def _view(row: Conversation, said: tuple[Line, ...], noted: tuple[Noted, ...], closed: tuple[Closing, ...]) -> View:
    own = {name: getattr(row, name) for name in ("id", "channel", "mode", "holder", "holder_name", "need", "offer", "offer_answer", "muted")}
    times = {"began_at": row.created_at, "since": row.need_since, "typing_at": row.person_typing_at}
    return View(**own, **times, crisis=RISK.get(row) or {}, lines=said, notes=noted, closings=closed)
