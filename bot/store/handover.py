"""A supporter takes a conversation over, speaks in it, and hands it back. Who holds it is decided by the database, so two can never both answer."""

from __future__ import annotations

from typing import Any, Optional

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.conversations import NoConversation, add_replies
from bot.store.database import Database
from bot.store.messages import SUPPORTER, Reply, Stored, now
from bot.store.tables import Conversation


class Held(ReframeError):
    """Somebody else holds the conversation, or nobody does."""


class Handover:
    """The store of one database, seen by supporters. `holder` is an account's id, `name` what the person is told."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def join(self, conversation_id: str, holder: str, name: str, words: str) -> Stored:
        """Take a conversation over; `words` announce it to the person. Raises Held when another holds it, NoConversation when it is gone."""
        with self.database.unit() as session:
            free = or_(Conversation.holder.is_(None), Conversation.holder == holder)
            _change(session, conversation_id, free, mode="taken", holder=holder, holder_name=name)
            return _announced(session, conversation_id, words)

    def say(self, conversation_id: str, holder: str, text: str, answers: Optional[int] = None) -> Stored:
        """What the supporter says, under the name given on joining. Raises Held unless they hold the conversation."""
        with self.database.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, holder_typing_at=None)
            conversation = session.get(Conversation, conversation_id)
            return add_replies(session, conversation, answers, [Reply(text, author=SUPPORTER, speaker=conversation.holder_name)])[0]

    def types(self, conversation_id: str, holder: str) -> None:
        """The supporter is writing something, now. Raises Held unless they hold the conversation."""
        with self.database.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, holder_typing_at=now())

    def hand_back(self, conversation_id: str, holder: str, words: str) -> Stored:
        """The program answers again; `words` say so to the person. Raises Held unless they hold the conversation."""
        with self.database.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, mode="automatic", holder=None, holder_name=None, holder_typing_at=None)
            return _announced(session, conversation_id, words)


def _change(session: Session, conversation_id: str, condition: Any, **values: Any) -> None:
    """One statement decides, whoever comes at the same time."""
    changed = session.execute(update(Conversation).where(Conversation.id == conversation_id, condition).values(**values)).rowcount
    if changed:
        return
    if session.get(Conversation, conversation_id) is None:
        raise NoConversation("This conversation is gone; the person may have deleted it.")
    raise Held("Somebody else holds this conversation, or nobody does. Look at the queue again.")


def _announced(session: Session, conversation_id: str, words: str) -> Stored:
    conversation = session.get(Conversation, conversation_id, populate_existing=True)
    return add_replies(session, conversation, None, [Reply(words, author="standing")])[0]
