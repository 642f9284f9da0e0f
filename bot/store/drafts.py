"""Answers of the program that wait for a supporter's leave: sent, edited, discarded, or too old. Each ends once, whoever comes at the same time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Optional

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.console_tables import Draft
from bot.store.messages import SURROGATES, Reply, now
from bot.store.sealed import DRAFT_BUTTONS, DRAFTED, marked
from bot.store.sending import add_replies, locked
from bot.store.stopped import are_stopped
from bot.store.tables import Conversation, Message

State = Literal["waiting", "sent", "edited", "discarded", "expired"]
OPEN: tuple[State, ...] = ("waiting", "expired")
"""One that waited too long may still be sent: the person was told that it takes longer."""


class Decided(ReframeError):
    """Somebody has decided on a draft already, or it is not theirs to decide."""


@dataclass(frozen=True)
class Waiting:
    """A draft as its supporter sees it."""

    id: int
    answers: int
    text: str
    state: State
    due_at: datetime


class Drafts:
    """The drafts of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def waiting(self, conversation_id: str) -> list[Waiting]:
        """Those that may still be sent, oldest first."""
        query = select(Draft).where(Draft.conversation_id == conversation_id, Draft.state.in_(OPEN)).order_by(Draft.id)
        with self.units.unit() as session:
            return [Waiting(row.id, row.answers, DRAFTED.get(row), row.state, row.due_at) for row in session.execute(query).scalars()]

    def send(self, conversation_id: str, draft_id: int, holder: str, text: Optional[str] = None) -> None:
        """Send it as it is, or with another text. Raises Decided unless it is open and the conversation is held by `holder`, who approves first.

        What was edited is still the program's answer; that somebody looked at it the person was told.
        """
        with self.units.unit() as session:
            conversation = _held(session, conversation_id, holder)
            draft = _decide(session, conversation_id, draft_id, "sent" if text is None else "edited", holder)
            add_replies(session, conversation, draft.answers, [_reply(draft) if text is None else replace(_reply(draft), text=text)])

    def discard(self, conversation_id: str, draft_id: int, holder: str) -> None:
        """It is not sent. Raises Decided as above."""
        with self.units.unit() as session:
            _held(session, conversation_id, holder)
            _decide(session, conversation_id, draft_id, "discarded", holder)

    def expire(self, at: datetime, words: str) -> list[str]:
        """Say a standing sentence where a draft has waited too long; gives the conversations. Raises StoreAway when the database is away."""
        due = select(Draft.id).where(Draft.state == "waiting", Draft.due_at <= at)
        with self.units.unit() as session:
            return [done for (draft_id,) in session.execute(due).all() if (done := _expired(session, draft_id, words))]


def add_draft(session: Session, conversation_id: str, answers: int, replies: list[Reply], waits: timedelta) -> bool:
    """Keep what the program wants to answer as one draft, in a unit of work; says whether there was anything. A message gets one draft only."""
    held = [reply for reply in replies if reply.author == "bot"]
    if not held or session.execute(select(Draft.id).where(Draft.answers == answers)).first():
        return bool(held)
    at = now()
    draft = Draft(conversation_id=conversation_id, mark=marked(), answers=answers, state="waiting", created_at=at, due_at=at + waits)
    DRAFTED.put(session, draft, "\n\n".join(reply.text for reply in held).translate(SURROGATES))
    DRAFT_BUTTONS.put(session, draft, list(held[-1].buttons))
    session.add(draft)
    return True


def discard_drafts(session: Session, conversation_id: str) -> None:
    """Nothing that waits is said any more: there is danger, or a supporter speaks."""
    open_ones = update(Draft).where(Draft.conversation_id == conversation_id, Draft.state.in_(OPEN)).values(state="discarded")
    session.execute(open_ones, execution_options={"synchronize_session": False})


def send_drafts(session: Session, conversation: Conversation) -> None:
    """What waits is said: the program speaks by itself again. One that waited too long only if it answers the latest message.

    While automatic replies are stopped none is.
    """
    if are_stopped(session):
        discard_drafts(session, conversation.id)
        return
    latest = select(func.max(Message.number)).where(Message.conversation_id == conversation.id, Message.author == "person").scalar_subquery()
    fresh = or_(Draft.state == "waiting", and_(Draft.state == "expired", Draft.answers == latest))
    for (draft_id,) in session.execute(select(Draft.id).where(Draft.conversation_id == conversation.id, fresh).order_by(Draft.id)).all():
        draft = _decided(session, draft_id, OPEN, "sent", None)
        if draft:
            add_replies(session, conversation, draft.answers, [_reply(draft)])


def _reply(draft: Draft) -> Reply:
    return Reply(DRAFTED.get(draft), tuple(DRAFT_BUTTONS.get(draft) or ()))


def _held(session: Session, conversation_id: str, holder: str) -> Any:
    conversation = locked(session, conversation_id)
    if conversation is None or (conversation.holder, conversation.mode) != (holder, "approving"):
        raise Decided("You do not hold this conversation any more, or answers do not wait for you there. Load the page again.")
    conversation.holder_typing_at = None
    return conversation


def _decide(session: Session, conversation_id: str, draft_id: int, state: State, by: str) -> Any:
    draft = _decided(session, draft_id, OPEN, state, by)
    if draft is None or draft.conversation_id != conversation_id:
        raise Decided("This draft was sent or discarded already. Load the page again.")
    return draft


def _decided(session: Session, draft_id: int, among: tuple[State, ...], state: State, by: Optional[str]) -> Any:
    """The draft, if this decided it."""
    one = update(Draft).where(Draft.id == draft_id, Draft.state.in_(among)).values(state=state, decided_by=by)
    changed = session.execute(one, execution_options={"synchronize_session": False}).rowcount
    return session.get(Draft, draft_id, populate_existing=True) if changed else None


def _expired(session: Session, draft_id: int, words: str) -> Optional[str]:
    draft = _decided(session, draft_id, ("waiting",), "expired", None)
    if draft is None:
        return None
    add_replies(session, session.get(Conversation, draft.conversation_id), None, [Reply(words, author="standing")])
    return str(draft.conversation_id)
