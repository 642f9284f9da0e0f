"""Which columns are sealed and as what: the one list by which rows are written, read, sealed for the first time and sealed anew."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Session, object_session

from bot.store.sealing import Sealer
from bot.store.tables import Complaint, Conversation, Message

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
        if self.of_json and not value:
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


TEXT = Sealed(Message, "text", "message.text/", ("conversation_id", "mark"))
BUTTONS = Sealed(Message, "buttons", "message.buttons/", ("conversation_id", "mark"))
COMPLAINED = Sealed(Complaint, "text", "complaint.text/", ("conversation_id", "mark"))
RISK = Sealed(Conversation, "crisis", "conversation.crisis/", ("id",))
ADDRESS = Sealed(Conversation, "address", "", ("id",))
SEALED: tuple[Sealed, ...] = (BUTTONS, TEXT, COMPLAINED, RISK, ADDRESS)
"""Every sealed column of our own tables. A new one that can hold what people write belongs here, and a test asks for it."""
