"""What people agreed to, when, and in which words they were asked."""

from __future__ import annotations

from typing import Literal, Optional

from sqlalchemy import select

from bot.store.database import Database
from bot.store.messages import now
from bot.store.tables import Consent, Conversation

Purpose = Literal["keep", "research"]
Answer = Literal["agreed", "refused", "withdrawn"]


class Consents:
    """The answers of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record(self, conversation_id: str, purpose: Purpose, answer: Answer, version: str) -> None:
        """Write an answer down, unless it is the one that holds already or the conversation is gone; `version` is that of the words."""
        with self.database.unit() as session:
            if session.get(Conversation, conversation_id, with_for_update=True) is None:
                return
            last = session.execute(_last(conversation_id, purpose)).scalar()
            if last is None or (last.answer, last.version) != (answer, version):
                session.add(Consent(conversation_id=conversation_id, purpose=purpose, answer=answer, version=version, at=now()))

    def answer(self, conversation_id: str, purpose: Purpose) -> Optional[Answer]:
        """The answer that holds, or None when there was none."""
        with self.database.unit() as session:
            last = session.execute(_last(conversation_id, purpose)).scalar()
            return last.answer if last else None


def _last(conversation_id: str, purpose: Purpose) -> object:
    return select(Consent).filter_by(conversation_id=conversation_id, purpose=purpose).order_by(Consent.id.desc()).limit(1)
