"""Which columns are sealed and as what: the one list by which rows are written, read, sealed for the first time and sealed anew."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Session, object_session

from bot.store.console_tables import Account, AuditEntry, Draft, Note
from bot.store.events import Event
from bot.store.pilot_tables import Stop
from bot.store.review_tables import Debrief, Review
from bot.store.sealing import Sealer
from bot.store.tables import Arrival, Complaint, Conversation, Message

ERASED = ""
"""In place of a text that has been erased."""
MARK_BYTES = 12
"""96 random bits: no two rows of a table get the same."""
SEALER = "sealer"
"""Where a session carries the sealer of its database."""


@dataclass(frozen=True)
class Sealed:
    """A column of a table. `identity` are the columns that say which row it is; they are known before the row is written and never change."""

    table: Any
    column: str
    prefix: str
    identity: tuple[str, ...]

    def put(self, session: Session, row: Any, value: Any) -> None:
        """Seal a value into its row. Nothing (None, an empty list) stays nothing; an empty text is sealed, since empty means erased."""
        if value is None or (self.of_json and not value):
            setattr(row, self.column, value)
            return
        words = json.dumps(value) if self.of_json else value
        setattr(row, self.column, sealer_in(session).seal(words, self.about(row)))

    def get(self, row: Any) -> Any:
        """The value again. Raises KeyProblem when it does not open. An erased text is empty."""
        kept = getattr(row, self.column)
        if not kept:
            return kept
        opened = sealer_in(object_session(row)).open(kept, self.about(row))
        return json.loads(opened) if self.of_json else opened

    def about(self, row: Any) -> str:
        """The identity of a row, to which its sealed value is bound."""
        return self.prefix + "/".join(repr(getattr(row, name)) if isinstance(getattr(row, name), float) else str(getattr(row, name)) for name in self.identity)

    def plain(self, row: Any) -> bool:
        """Whether a row still holds the value as it was kept before there was sealing."""
        kept = getattr(row, self.column)
        if self.of_json:
            return bool(kept) and not isinstance(kept, str)
        return bool(kept) and hasattr(row, "mark") and row.mark is None

    @property
    def of_json(self) -> bool:
        """Whether the value is more than a text."""
        return isinstance(getattr(self.table, self.column).type, JSON)

    def __str__(self) -> str:
        return f"{self.table.__tablename__}.{self.column}"


def marked() -> str:
    """A random identity for a new row."""
    return secrets.token_urlsafe(MARK_BYTES)


def sealer_in(session: Session) -> Sealer:
    """The sealer of a unit of work."""
    sealer: Sealer = session.info[SEALER]
    return sealer


class SealedEvents(Sealed):
    """The column of Rasa's events. That table has no random identity, so a row is told by its conversation, kind and moment."""

    def plain(self, row: Any) -> bool:
        """Rasa writes JSON objects, and nothing sealed begins like one."""
        return str(row.data).startswith("{")


TEXT = Sealed(Message, "text", "message.text/", ("conversation_id", "mark"))
BUTTONS = Sealed(Message, "buttons", "message.buttons/", ("conversation_id", "mark"))
COMPLAINED = Sealed(Complaint, "text", "complaint.text/", ("conversation_id", "mark"))
EVIDENCE = Sealed(Message, "evidence", "message.evidence/", ("conversation_id", "mark"))
DRAFTED = Sealed(Draft, "text", "draft.text/", ("conversation_id", "mark"))
DRAFT_BUTTONS = Sealed(Draft, "buttons", "draft.buttons/", ("conversation_id", "mark"))
NOTED = Sealed(Note, "text", "note.text/", ("conversation_id", "mark"))
REMARK = Sealed(Review, "note", "review.note/", ("case_id", "mark"))
DEBRIEFED = Sealed(Debrief, "text", "debrief.text/", ("account", "mark"))
REASON = Sealed(AuditEntry, "why", "audit.why/", ("number", "mark"))
STOP_REASON = Sealed(Stop, "why", "stop.why/", ("by", "mark"))
CODES = Sealed(Account, "totp", "", ("id",))
EVENTS = SealedEvents(Event, "data", "events.data/", ("sender_id", "type_name", "timestamp"))
RISK = Sealed(Conversation, "crisis", "conversation.crisis/", ("id",))
ARRIVED = Sealed(Arrival, "data", "inbox", ())
ADDRESS = Sealed(Conversation, "address", "", ("id",))
OF_PEOPLE = (BUTTONS, TEXT, EVIDENCE, COMPLAINED, RISK, ADDRESS, ARRIVED)
OF_SUPPORTERS = (DRAFTED, DRAFT_BUTTONS, NOTED, REMARK, DEBRIEFED, REASON, STOP_REASON, CODES)
SEALED: tuple[Sealed, ...] = (*OF_PEOPLE, *OF_SUPPORTERS, EVENTS)
"""Every sealed column. A new one that can hold what anybody writes belongs here, and a test asks for it."""
