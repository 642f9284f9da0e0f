"""Everything that is kept of one person, for that person (GDPR art. 15 and 20)."""

from __future__ import annotations

from typing import Any, Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.messages import stored_of
from bot.store.sealed import COMPLAINED, RISK
from bot.store.tables import Complaint, Consent, Conversation, Message


def own_data(database: Database, conversation_id: str) -> Optional[dict[str, Any]]:
    """A conversation as plain data, or None when it is gone. The hash of the secret is left out, and the address of a messaging app is only said to be kept."""
    with database.unit() as session:
        row = session.get(Conversation, conversation_id)
        if row is None:
            return None
        of_it = {"id": row.id, "channel": row.channel, "began": _at(row.created_at), "address kept": row.address is not None, "who answers": row.mode}
        return {
            "conversation": of_it,
            "consent": [{"to": c.purpose, "answer": c.answer, "words": c.version, "at": _at(c.at)} for c in _of(session, Consent, conversation_id, Consent.id)],
            "messages": [_message(m) for m in _of(session, Message, conversation_id, Message.number)],
            "complaints": [{"at": _at(c.created_at), "text": COMPLAINED.get(c)} for c in _of(session, Complaint, conversation_id, Complaint.id)],
            "risk": RISK.get(row),
        }


def _message(row: Message) -> dict[str, Any]:
    kept = stored_of(row)
    said = {"number": kept.number, "from": kept.author, "name": kept.speaker, "at": _at(kept.at), "text": kept.text}
    return {**said, "choices": [button["title"] for button in kept.buttons], "risk": row.tier, "kind of risk": row.category}


def _of(session: Session, table: Any, conversation_id: str, order: Any) -> Any:
    return session.execute(select(table).where(table.conversation_id == conversation_id).order_by(order)).scalars()


def _at(moment: Any) -> str:
    return str(moment.isoformat())
