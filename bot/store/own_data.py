"""Everything that is kept of one person, for that person (GDPR art. 15 and 20): what they wrote, what was answered, found and noted, what is remembered."""

from __future__ import annotations

import json
from typing import Any, Optional

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.console_tables import Account, ClosedCase, Draft, Note
from bot.store.database import Database
from bot.store.events import Event, has_events
from bot.store.messages import stored_of
from bot.store.review_tables import DIMENSIONS, Review
from bot.store.sealed import COMPLAINED, DRAFTED, EVENTS, EVIDENCE, NOTED, REMARK, RISK
from bot.store.tables import Complaint, Consent, Conversation, Delivery, Message


def own_data(database: Database, conversation_id: str) -> Optional[dict[str, Any]]:
    """A conversation as plain data, or None when it is gone. The hash of the secret is left out, and the address of a messaging app is only said to be kept."""
    with database.unit() as session:
        row = session.get(Conversation, conversation_id)
        if row is None:
            return None
        of_it = {"id": row.id, "channel": row.channel, "began": _at(row.created_at), "address kept": row.address is not None, "who answers": row.mode}
        consents, messages = _of(session, Consent, row, Consent.id), _of(session, Message, row, Message.number)
        return {
            "conversation": of_it,
            "consent": [{"to": c.purpose, "answer": c.answer, "words": c.version, "at": _at(c.at)} for c in consents],
            "messages": [_message(m) for m in messages],
            "complaints": [{"at": _at(c.created_at), "text": COMPLAINED.get(c)} for c in _of(session, Complaint, row, Complaint.id)],
            "risk": RISK.get(row),
            "remembered": _remembered(session, row.id),
            "by supporters": _by_supporters(session, row),
            "deliveries": [{"message": d.message_number, "state": d.state, "problem": d.problem} for d in _of(session, Delivery, row, Delivery.id)],
        }


def _message(row: Message) -> dict[str, Any]:
    kept = stored_of(row)
    said = {"number": kept.number, "from": kept.author, "name": kept.speaker, "at": _at(kept.at), "text": kept.text}
    noticed = [{"rule": found["rule"], "words": found["span"]} for found in EVIDENCE.get(row) or []]
    return {**said, "choices": [button["title"] for button in kept.buttons], "risk": row.tier, "kind of risk": row.category, "noticed": noticed}


def _remembered(session: Session, conversation_id: str) -> dict[str, Any]:
    """The newest of each slot of the program: where the talk stands, sentences that were kept."""
    if not has_events(session):
        return {}
    newest = select(func.max(Event.id)).where(Event.sender_id == conversation_id, Event.type_name == "slot").group_by(Event.action_name)
    rows = session.execute(select(Event).where(Event.id.in_(newest))).scalars()
    slots = {row.action_name: json.loads(EVENTS.get(row)).get("value") for row in rows}
    return {name: value for name, value in slots.items() if value is not None}


def _by_supporters(session: Session, row: Conversation) -> dict[str, Any]:
    """What those who support wrote about it, and what became of it. Their names are those the person knows them by."""
    notes = session.execute(select(Note, Account.shown).join(Account, Account.id == Note.account_id).where(Note.conversation_id == row.id).order_by(Note.id))
    reviews = session.execute(select(Review).join(ClosedCase, ClosedCase.id == Review.case_id).where(ClosedCase.conversation_id == row.id)).scalars()
    cases = _of(session, ClosedCase, row, ClosedCase.id)
    return {
        "notes": [{"by": name, "at": _at(note.created_at), "text": NOTED.get(note)} for note, name in notes],
        "answers that waited": [{"text": DRAFTED.get(draft), "state": draft.state} for draft in _of(session, Draft, row, Draft.id)],
        "cases": [{"because": case.need, "since": _at(case.since), "closed": _at(case.closed_at)} for case in cases],
        "reviews": [{**{name: getattr(review, name) for name in DIMENSIONS}, "remark": REMARK.get(review)} for review in reviews],
    }


def _of(session: Session, table: Any, row: Conversation, order: Any) -> Any:
    return session.execute(select(table).where(table.conversation_id == row.id).order_by(order)).scalars()


def _at(moment: Any) -> str:
    return str(moment.isoformat())
