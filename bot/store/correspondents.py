"""People who write from messaging apps: their conversation by a keyed hash, where to answer them, and whether they want to hear from us."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from bot.store.database import Database
from bot.store.messages import Reply, now
from bot.store.sending import add_replies
from bot.store.tables import Conversation

NOBODY = "-"
"""In place of the hash of a secret: a conversation that no client can open."""


class Correspondents:
    """The conversations of messaging apps in one database. A conversation's id is the pseudonym of its person."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def meet(self, conversation_id: str, channel: str, address: str, first: list[Reply]) -> bool:
        """Make sure that the conversation exists with `first` said in it, and that its sealed address is the newest. Says whether it is new."""
        with self.database.unit() as session:
            row = session.get(Conversation, conversation_id)
            if row is not None:
                row.address = address
                return False
            row = Conversation(id=conversation_id, secret_hash=NOBODY, channel=channel, address=address, created_at=now(), noticed_at=now(), mode="automatic")
            session.add(row)
            session.flush()
            add_replies(session, row, None, first)
            return True

    def mute(self, conversation_id: str, why: str) -> None:
        """From now on nothing is put on its way: the person stopped it, or cannot be reached. What is under way already still goes out."""
        self._set(conversation_id, muted=why)

    def muted(self, conversation_id: str) -> bool:
        """Whether nothing may be put on its way."""
        with self.database.unit() as session:
            row = session.get(Conversation, conversation_id)
            return row is not None and row.muted is not None

    def unmute(self, conversation_id: str) -> None:
        """Deliver again."""
        self._set(conversation_id, muted=None)

    def reached(self, conversation_id: str) -> None:
        """Someone who had blocked us has written, so they can be written to; someone who said stop has to say start."""
        with self.database.unit() as session:
            session.execute(update(Conversation).where(Conversation.id == conversation_id, Conversation.muted == "blocked").values(muted=None))

    def _set(self, conversation_id: str, **values: Any) -> None:
        with self.database.unit() as session:
            session.execute(update(Conversation).where(Conversation.id == conversation_id).values(**values))
