"""Messages as the desk, the channels and the store hand them to each other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, Optional

from sqlalchemy.orm import Session

from bot.store.sealed import BUTTONS, TEXT, marked
from bot.store.tables import Message

CRISIS, HELP, SUPPORTER, PROGRAM = "crisis", "help", "supporter", ("bot", "crisis", "help", "standing")
"""Authors: an answer to danger, so that a channel can show it as what it is; the directory of help, said as it stands; a human; whatever the program says
by itself."""
CARE = (CRISIS, HELP)
"""Authors of what names people to turn to: it comes first where it has to be cut, is sent again in doubt, and reaches also who said stop."""
AUTOMATIC = ("bot", CRISIS)
"""Authors of replies that the program works out, and that can be stopped."""
PRACTICE = "practice"
"""The channel of practice cases: shown as what they are, and never counted."""
ID_BYTES = 24
"""192 random bits: not to be guessed."""
Need = Literal["immediate", "urgent", "check_in", "person", "unsure", "error"]
"""What awaits a supporter: danger now, danger, signs of it, asked for a person, twice not understood, something failed."""
Mode = Literal["automatic", "approving", "taken"]
"""Who answers: the program, the program with a supporter's leave, or a supporter."""
SURROGATES = str.maketrans(dict.fromkeys(range(55296, 57344), "�") | {0: "\u2400"})
"""What UTF-8 or PostgreSQL cannot hold becomes a visible sign, so that the rest of the message is kept."""


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
    """A message on its way in. `payload` is that of a button, free text has none; `media` names what cannot be read (picture, voice, file).

    `edits` says that it changes an earlier message, which is answered only where there is danger in it.
    """

    text: str
    client_id: Optional[str] = None
    payload: Optional[str] = None
    media: Optional[str] = None
    edits: bool = False


@dataclass(frozen=True)
class Reply:
    """A message on its way out. `buttons` are {title, payload}; `reference` names a failure in the log; `speaker` is the supporter who wrote it.

    `delivered` says that it has reached the person already, as when it was sent past a database that was away. `wants` says that the person asked for a
    person, or was not understood twice.
    """

    text: str
    buttons: tuple[dict[str, str], ...] = ()
    author: str = "bot"
    reference: Optional[str] = None
    speaker: Optional[str] = None
    delivered: bool = False
    wants: Optional[Literal["person", "unsure"]] = None


@dataclass(frozen=True)
class Stored:
    """A row of the conversation as others see it. `number` grows with time."""

    number: int
    author: str
    speaker: Optional[str]
    text: str
    payload: Optional[str]
    buttons: tuple[dict[str, str], ...]
    client_id: Optional[str]
    answers: Optional[int]
    at: datetime


@dataclass(frozen=True)
class Finding:
    """The risk of one message as it is kept beside it. `evidence` are the rules with the words they saw; `need` is what it calls a supporter for."""

    tier: str
    category: Optional[str]
    version: str
    evidence: tuple[dict[str, Optional[str]], ...] = ()
    need: Optional[Need] = None


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands: the conversation in risk as plain data, when a notice was last given, when the person wrote last, who answers.

    `referred` says that the answers kept with it name a crisis service. `need` is what awaits a supporter after them. `offered` says that a handover to
    a person was offered and not answered yet. `found` is the risk of the message after which it stands so.
    """

    crisis: Optional[dict[str, Any]] = None
    noticed_at: Optional[datetime] = None
    last_seen: Optional[datetime] = None
    referred: bool = False
    mode: Mode = "automatic"
    need: Optional[Need] = None
    offered: bool = False
    found: Optional[Finding] = None


@dataclass(frozen=True)
class Before:
    """What there is of a message before its turn: the replies it has already, whether it was left to somebody else, and where the conversation stood."""

    said: tuple[Stored, ...]
    left: bool
    standing: Standing


@dataclass(frozen=True)
class Presence:
    """Who speaks in a conversation: the name of the supporter who took it over, if one has, and when they were last seen writing."""

    speaker: Optional[str] = None
    typed_at: Optional[datetime] = None


def row_of(session: Session, conversation_id: str, text: str, buttons: tuple[dict[str, str], ...] = (), **columns: Any) -> Message:
    """A new row, of now, with what it says sealed."""
    row = Message(conversation_id=conversation_id, mark=marked(), created_at=now(), **columns)
    TEXT.put(session, row, text.translate(SURROGATES))
    BUTTONS.put(session, row, list(buttons))
    return row


def stored_of(row: Message) -> Stored:
    """A row of an open session as others see it. Raises KeyProblem when it does not open."""
    return Stored(row.number, row.author, row.speaker, TEXT.get(row), row.payload, tuple(BUTTONS.get(row) or ()), row.client_id, row.answers, row.created_at)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(timezone.utc)
