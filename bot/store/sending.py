"""Replies become rows, and go on their way where the conversation is in a messaging app."""

from __future__ import annotations

from typing import Any, Optional

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.store.messages import CARE, Reply, Stored, now, row_of, stored_of
from bot.store.tables import Conversation, Delivery


def add_replies(session: Session, conversation: Conversation, answers: Optional[int], replies: list[Reply]) -> list[Stored]:
    """New rows for replies, in a unit of work, each with its delivery where the conversation is in a messaging app that may be written to."""
    in_order(session, conversation.id)
    columns = [{name: value for name, value in vars(reply).items() if name not in ("delivered", "wants")} for reply in replies]
    rows = [row_of(session, conversation.id, answers=answers, **column) for column in columns]
    session.add_all(rows)
    session.flush()
    if conversation.address and conversation.muted != "blocked":
        # Who said stop is not written to, except where they write of danger or ask for help themselves.
        due = [row for row, reply in zip(rows, replies) if not reply.delivered and (not conversation.muted or reply.author in CARE)]
        session.add_all([Delivery(conversation_id=conversation.id, message_number=row.number, state="waiting", due_at=now()) for row in due])
    return [stored_of(row) for row in rows]


def in_order(session: Session, conversation_id: str) -> None:
    """Until the unit of work ends nobody else adds messages to the conversation, so that nobody can see one before another with a lower number.

    SQLite has one writer at a time in any case.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Conversation.id).where(Conversation.id == conversation_id).with_for_update())


def locked(session: Session, conversation_id: str) -> Any:
    """A conversation that nobody else changes until the unit of work ends, or None when it is gone.

    By an update that changes nothing, since SQLite knows no SELECT … FOR UPDATE and reads before it locks.
    """
    mine = update(Conversation).where(Conversation.id == conversation_id).values(mode=Conversation.mode)
    if not session.execute(mine, execution_options={"synchronize_session": False}).rowcount:
        return None
    return session.get(Conversation, conversation_id, populate_existing=True)
