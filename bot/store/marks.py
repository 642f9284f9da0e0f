"""What tells whether a conversation looks otherwise than before, for many conversations at once."""

from __future__ import annotations

from typing import Sequence

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.tables import Conversation, Message

AT_ONCE = 500
Mark = tuple[object, ...]


def marks(database: Database, ids: Sequence[str]) -> dict[str, Mark]:
    """For each conversation that exists its last number, who speaks in it and when they were seen writing. Raises StoreAway."""
    last = select(func.max(Message.number)).where(Message.conversation_id == Conversation.id).scalar_subquery()
    query = select(Conversation.id, last, Conversation.mode, Conversation.holder_name, Conversation.holder_typing_at)
    found: dict[str, Mark] = {}
    with database.unit() as session:
        for begin in range(0, len(ids), AT_ONCE):
            rows = session.execute(query.where(Conversation.id.in_(ids[begin : begin + AT_ONCE])))
            found |= {row[0]: tuple(row[1:]) for row in rows}
    return found
