"""What awaits supporters, as the database has it: the conversations that need somebody, that somebody holds, or in which somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional

from sqlalchemy import func, or_, select

from bot.store.audit import Units
from bot.store.console_tables import Draft
from bot.store.messages import PROGRAM, Mode, Need
from bot.store.sealed import EVIDENCE, RISK, TEXT
from bot.store.tables import Conversation, Message

LONGEST_SENTENCE = 160
"""Characters of the last message that are shown."""


@dataclass(frozen=True)
class Row:
    """A conversation in the queue. `rule` and `words` are why: the rule that saw something and the words it saw, or the words that brought it here.

    `said_by` and `sentence` are the last that a person or a supporter said; `drafts` counts answers that wait; `offer` is a handover that was offered, with
    its answer.
    """

    conversation_id: str
    channel: str
    country: Optional[str]
    mode: Mode
    need: Optional[Need]
    since: Optional[datetime]
    rule: Optional[str]
    words: str
    holder: Optional[str]
    holder_name: Optional[str]
    held_since: Optional[datetime]
    said_by: str
    sentence: str
    said_at: Optional[datetime]
    drafts: int
    offer: Optional[str]
    offer_answer: Optional[str]


class Queue:
    """The queue of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def rows(self) -> list[Row]:
        """Everything that is open, in no order."""
        with self.units.unit() as session:
            found = session.execute(_open()).all()
            ids = [conversation.id for conversation, _ in found]
            last = {m.conversation_id: m for m in session.execute(_last(ids)).scalars()}
            drafts: dict[str, int] = dict(session.execute(_waiting(ids)).all())
            return [_row(c, why, last.get(c.id), drafts.get(c.id, 0)) for c, why in found]

    def others(self, since: datetime, most: int = 50) -> list[Row]:
        """Conversations that go on and need nobody, the latest first, without a word of what is said in them."""
        lately = select(Message.conversation_id, func.max(Message.created_at).label("newest")).where(Message.author == "person", Message.created_at >= since)
        lately = lately.group_by(Message.conversation_id).subquery()
        query = select(Conversation, lately.c.newest).join(lately, lately.c.conversation_id == Conversation.id)
        query = query.where(Conversation.need.is_(None), Conversation.holder.is_(None), Conversation.mode == "automatic")
        query = query.order_by(lately.c.newest.desc()).limit(most)
        with self.units.unit() as session:
            return [_row(conversation, None, None, 0, at) for conversation, at in session.execute(query)]


def _open() -> Any:
    query = select(Conversation, Message).outerjoin(Message, Message.number == Conversation.need_number)
    # SQLite finds by an index what is greater than nothing, but not what is not null.
    return query.where(or_(Conversation.need > "", Conversation.holder > "", Conversation.mode.in_(("approving", "taken"))))


def _last(ids: list[str]) -> Any:
    # Whoever is not the program: said so, SQLite looks by the conversations, and not through all that people ever wrote.
    of_people = Message.conversation_id.in_(ids), Message.author.not_in(PROGRAM)
    newest = select(func.max(Message.number)).where(*of_people).group_by(Message.conversation_id)
    return select(Message).where(Message.number.in_(newest))


def _waiting(ids: list[str]) -> Any:
    waiting = select(Draft.conversation_id, func.count()).where(Draft.conversation_id.in_(ids), Draft.state.in_(("waiting", "expired")))
    return waiting.group_by(Draft.conversation_id)


def _row(conversation: Conversation, why: Optional[Message], last: Optional[Message], drafts: int, at: Optional[datetime] = None) -> Row:
    return Row(
        conversation_id=conversation.id,
        channel=conversation.channel,
        country=(RISK.get(conversation) or {}).get("country"),
        mode=conversation.mode,
        need=conversation.need,
        since=conversation.need_since,
        **_why(why),
        holder=conversation.holder,
        holder_name=conversation.holder_name,
        held_since=conversation.held_since,
        said_by=(last.speaker or last.author) if last else "",
        sentence=_shortened(TEXT.get(last)) if last else "",
        said_at=last.created_at if last else at,
        drafts=drafts,
        offer=conversation.offer,
        offer_answer=conversation.offer_answer,
    )


def _why(message: Optional[Message]) -> dict[str, Any]:
    """The gravest evidence beside the message that brought the conversation here, or the message itself."""
    if message is None:
        return {"rule": None, "words": ""}
    counted = [e for e in EVIDENCE.get(message) or [] if not e["lowered_by"] and e["tier"] == message.tier != "none"]
    if counted:
        return {"rule": counted[0]["rule"], "words": counted[0]["span"]}
    return {"rule": None, "words": _shortened(TEXT.get(message))}


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_SENTENCE else f"{flat[:LONGEST_SENTENCE].rstrip()}…"
