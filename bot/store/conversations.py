"""Conversations and messages: the writes and the reads of the desk and the channels."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bot.errors import ReframeError
from bot.store.database import Database
from bot.store.tables import Complaint, Conversation, Message, Referral

CRISIS = "crisis"
"""The author of an answer to danger, so that a channel can show it as what it is."""
ID_BYTES = 24
"""192 random bits: not to be guessed."""
SURROGATES = str.maketrans(dict.fromkeys(range(55296, 57344), "�") | {0: "\u2400"})
"""What UTF-8 or PostgreSQL cannot hold becomes a visible sign, so that the rest of the message is kept."""


class NoConversation(ReframeError):
    """A message came for a conversation that does not exist."""


@dataclass(frozen=True)
class Credentials:
    """What the person's client keeps: who it is, and the proof."""

    id: str
    secret: str

    @classmethod
    def issued(cls) -> Credentials:
        """New ones that nobody can guess."""
        return cls(secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(ID_BYTES))


@dataclass(frozen=True)
class Inbound:
    """A message on its way in. `payload` is that of a button, free text has none; `media` names what cannot be read (picture, voice, file)."""

    text: str
    client_id: Optional[str] = None
    payload: Optional[str] = None
    media: Optional[str] = None


@dataclass(frozen=True)
class Reply:
    """A message on its way out. `buttons` are {title, payload}; `reference` names a failure in the log."""

    text: str
    buttons: tuple[dict[str, str], ...] = ()
    author: str = "bot"
    reference: Optional[str] = None


@dataclass(frozen=True)
class Stored:
    """A row of the conversation as others see it. `number` grows with time."""

    number: int
    author: str
    text: str
    payload: Optional[str]
    buttons: tuple[dict[str, str], ...]
    client_id: Optional[str]
    answers: Optional[int]
    at: datetime


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands: the conversation in risk as plain data, when a notice was last given, when the person wrote last.

    `referred` says that the answers kept with it name a crisis service.
    """

    crisis: Optional[dict[str, Any]] = None
    noticed_at: Optional[datetime] = None
    last_seen: Optional[datetime] = None
    referred: bool = False


class Conversations:
    """The store of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open(self, channel: str, new: Optional[Credentials] = None) -> Credentials:
        """A conversation under new credentials. The secret is given out once and kept only as a hash. Opened twice, it is one."""
        new = new or Credentials.issued()
        with self.database.unit() as session:
            if session.get(Conversation, new.id) is None:
                session.add(Conversation(id=new.id, secret_hash=_hash(new.secret), channel=channel, created_at=_now(), noticed_at=_now()))
        return new

    def admits(self, shown: Credentials) -> bool:
        """Whether the conversation exists and the secret is its own."""
        with self.database.unit() as session:
            row = session.get(Conversation, shown.id)
            return row is not None and hmac.compare_digest(row.secret_hash, _hash(shown.secret))

    def receive(self, conversation_id: str, inbound: Inbound) -> Stored:
        """Keep an inbound message; one sent before under the same client id is returned as it was kept.

        Raises NoConversation when the conversation does not exist.
        """
        try:
            return self._add(conversation_id, author="person", text=inbound.text, payload=inbound.payload, client_id=inbound.client_id)
        except IntegrityError:
            with self.database.unit() as session:
                same = select(Message).filter_by(conversation_id=conversation_id, client_id=inbound.client_id)
                if row := session.execute(same).scalar_one_or_none():
                    return _stored(row)
            raise NoConversation("There is no such conversation; it may have been deleted. Start a new one.") from None

    def screened(self, number: int, tier: str, category: Optional[str], version: str) -> None:
        """Write the risk assessment beside its message."""
        with self.database.unit() as session:
            row = session.get(Message, number)
            row.tier, row.category, row.screened_with = tier, category, version

    def reply(self, conversation_id: str, answers: Optional[int], replies: list[Reply], standing: Optional[Standing] = None) -> list[Stored]:
        """Keep replies and where the conversation stands after them, all or nothing; nothing when it was deleted meanwhile."""
        with self.database.unit() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                return []
            if standing:
                _stand(session, conversation, standing)
            rows = [_row(conversation_id, answers=answers, **vars(reply)) for reply in replies]
            session.add_all(rows)
            session.flush()
            return [_stored(row) for row in rows]

    def standing(self, conversation_id: str, before: int) -> Standing:
        """Where a conversation stood before a message."""
        earlier = select(func.max(Message.created_at)).where(Message.conversation_id == conversation_id, Message.number < before)
        with self.database.unit() as session:
            row = session.get(Conversation, conversation_id)
            if row is None:
                return Standing()
            return Standing(row.crisis, row.noticed_at or row.created_at, session.execute(earlier.where(Message.author == "person")).scalar())

    def referrals(self) -> dict[int, int]:
        """How many answers named a crisis service, by calendar year."""
        with self.database.unit() as session:
            return {row.year: row.count for row in session.execute(select(Referral).order_by(Referral.year)).scalars()}

    def complain(self, conversation_id: str, text: str) -> None:
        """Keep what a person found wrong with an answer."""
        with self.database.unit() as session:
            session.add(Complaint(conversation_id=conversation_id, text=text.translate(SURROGATES), created_at=_now()))

    def complaints(self) -> list[tuple[datetime, str, str]]:
        """When, in which conversation, and what, oldest first."""
        with self.database.unit() as session:
            rows = session.execute(select(Complaint).order_by(Complaint.id)).scalars()
            return [(row.created_at, row.conversation_id, row.text) for row in rows]

    def replies_to(self, number: int) -> list[Stored]:
        """What was answered to a message, in order."""
        with self.database.unit() as session:
            return _all(session, select(Message).filter_by(answers=number))

    def messages(self, conversation_id: str, after: int = 0) -> list[Stored]:
        """The conversation from a number on."""
        with self.database.unit() as session:
            return _all(session, select(Message).where(Message.conversation_id == conversation_id, Message.number > after))

    def unanswered(self) -> list[tuple[str, Stored]]:
        """Every person's message without a reply, with its conversation, oldest first."""
        answer = aliased(Message)
        waiting = select(Message).where(Message.author == "person", ~exists().where(answer.answers == Message.number)).order_by(Message.number)
        with self.database.unit() as session:
            return [(row.conversation_id, _stored(row)) for row in session.execute(waiting).scalars()]

    def offered(self, conversation_id: str, payload: str) -> Optional[str]:
        """The title of a button that was offered in this conversation, or None."""
        titles = {b["payload"]: b["title"] for row in self.messages(conversation_id) for b in row.buttons}
        return titles.get(payload)

    def delete(self, conversation_id: str) -> None:
        """Erase a conversation with all its messages."""
        with self.database.unit() as session:
            session.execute(delete(Complaint).where(Complaint.conversation_id == conversation_id))
            session.execute(delete(Message).where(Message.conversation_id == conversation_id))
            session.execute(delete(Conversation).where(Conversation.id == conversation_id))

    def _add(self, conversation_id: str, **columns: Any) -> Stored:
        with self.database.unit() as session:
            row = _row(conversation_id, **columns)
            session.add(row)
            session.flush()
            return _stored(row)


def _row(conversation_id: str, text: str, buttons: tuple[dict[str, str], ...] = (), **columns: Any) -> Message:
    kept = text.translate(SURROGATES)
    return Message(conversation_id=conversation_id, text=kept, buttons=list(buttons), created_at=_now(), **columns)


def _stand(session: Session, conversation: Conversation, standing: Standing) -> None:
    conversation.crisis, conversation.noticed_at = standing.crisis, standing.noticed_at
    if standing.referred:
        year = _now().year
        counted = session.execute(update(Referral).where(Referral.year == year).values(count=Referral.count + 1)).rowcount
        if not counted:
            session.add(Referral(year=year, count=1))


def _all(session: Session, query: Any) -> list[Stored]:
    return [_stored(row) for row in session.execute(query.order_by(Message.number)).scalars()]


def _stored(row: Message) -> Stored:
    return Stored(row.number, row.author, row.text, row.payload, tuple(row.buttons or ()), row.client_id, row.answers, row.created_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _now() -> datetime:
    return datetime.now(timezone.utc)
