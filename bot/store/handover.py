"""A supporter takes a conversation over, speaks in it, and hands it back. Who holds it is decided by the database, so two can never both answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Optional

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.console_tables import Account, ClosedCase
from bot.store.conversations import NoConversation
from bot.store.drafts import discard_drafts, send_drafts
from bot.store.messages import SUPPORTER, Reply, Stored, now
from bot.store.sealed import RISK
from bot.store.sending import add_replies
from bot.store.tables import Conversation, Message


class Held(ReframeError):
    """Somebody else holds the conversation, or nobody does."""


class Handover:
    """The store of one database, seen by supporters. `holder` is an account's id, `name` what the person is told.

    A conversation is held from being claimed until it is released or closed; whoever holds it decides who speaks.
    """

    def __init__(self, units: Units) -> None:
        self.units = units

    def claim(self, conversation_id: str, holder: str, name: str) -> None:
        """Hold a conversation that nobody holds. Raises Held when another does, NoConversation when it is gone."""
        with self.units.unit() as session:
            _change(session, conversation_id, _free(holder), holder=holder, holder_name=name, held_since=_since())

    def release(self, conversation_id: str, holder: str) -> None:
        """Give it back to the queue. Raises Held unless they hold it and the program speaks: whoever speaks has to hand back first."""
        with self.units.unit() as session:
            mine = (Conversation.holder == holder) & (Conversation.mode == "automatic")
            _change(session, conversation_id, mine, holder=None, holder_name=None, held_since=None, offer=None, offer_answer=None)

    def offer(self, conversation_id: str, holder: str, to: str, reply: Reply) -> Stored:
        """Ask the person whether `to` (person, program) may go on. Raises Held unless they hold the conversation."""
        with self.units.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, offer=to, offer_answer=None)
            return add_replies(session, session.get(Conversation, conversation_id), None, [reply])[0]

    def approve_first(self, conversation_id: str, holder: str, name: str, words: str) -> Stored:
        """From now on answers wait for the supporter's leave; `words` say so to the person. Raises Held when another holds it."""
        with self.units.unit() as session:
            _change(session, conversation_id, _free(holder), mode="approving", holder=holder, holder_name=name, held_since=_since())
            return _announced(session, conversation_id, words)

    def join(self, conversation_id: str, holder: str, name: str, words: str) -> Stored:
        """Take a conversation over; `words` announce it to the person. Raises Held when another holds it, NoConversation when it is gone."""
        with self.units.unit() as session:
            taken = {"mode": "taken", "holder": holder, "holder_name": name, "held_since": _since(), "offer": None, "offer_answer": None}
            _change(session, conversation_id, _free(holder), **taken)
            discard_drafts(session, conversation_id)
            return _announced(session, conversation_id, words)

    def say(self, conversation_id: str, holder: str, text: str, answers: Optional[int] = None) -> Stored:
        """What the supporter says, under the name given on joining. Raises Held unless they hold the conversation."""
        with self.units.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, holder_typing_at=None)
            conversation = session.get(Conversation, conversation_id)
            return add_replies(session, conversation, answers, [Reply(text, author=SUPPORTER, speaker=conversation.holder_name)])[0]

    def types(self, conversation_id: str, holder: str) -> None:
        """The supporter is writing something, now. Raises Held unless they hold the conversation."""
        with self.units.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, holder_typing_at=now())

    def hand_back(self, conversation_id: str, holder: str, words: str) -> Stored:
        """The program answers again; `words` say so to the person, and what it had waiting is sent. The supporter still holds the conversation.

        Raises Held unless they do, and it is not the program that speaks already.
        """
        with self.units.unit() as session:
            speaking = (Conversation.holder == holder) & (Conversation.mode != "automatic")
            _change(session, conversation_id, speaking, mode="automatic", holder_typing_at=None, offer=None, offer_answer=None)
            return _back(session, conversation_id, words)

    def pass_on(self, conversation_id: str, holder: Optional[str], to: str, name: str, words: str) -> None:
        """Another supporter holds it instead; `words` tell the person where one of them speaks. Raises Held unless `holder` held it."""
        with self.units.unit() as session:
            held = Conversation.holder.is_(None) if holder is None else Conversation.holder == holder
            _change(session, conversation_id, held, holder=to, holder_name=name, held_since=now(), holder_typing_at=None)
            if session.get(Conversation, conversation_id, populate_existing=True).mode != "automatic":
                _announced(session, conversation_id, words)

    def close(self, conversation_id: str, account_id: str) -> None:
        """What the conversation needed has been met: kept as a closed case, and out of the queue. Raises Held unless they hold it or nobody does."""
        with self.units.unit() as session:
            _change(session, conversation_id, _free(account_id) & (Conversation.mode == "automatic"), holder_typing_at=None)
            conversation = session.get(Conversation, conversation_id, populate_existing=True)
            if conversation.need is not None:
                session.add(_closed(session, conversation, account_id))
                session.flush()
            _change(session, conversation_id, Conversation.mode == "automatic", **dict.fromkeys(OPEN))

    def cared_for(self, conversation_id: str, holder: str) -> None:
        """The danger has been looked after by people: the program may go back to ordinary conversation. Raises Held unless they hold it."""
        with self.units.unit() as session:
            _change(session, conversation_id, Conversation.holder == holder, holder_typing_at=None)
            conversation = session.get(Conversation, conversation_id, populate_existing=True)
            if crisis := RISK.get(conversation):
                RISK.put(session, conversation, {**crisis, "state": "cared_for"})

    def return_quiet(self, conversation_id: str, holder: str, words: str) -> None:
        """The holder has gone quiet: nobody holds it, and the program answers again; `words` say so where the person was told of a supporter."""
        with self.units.unit() as session:
            told = session.execute(select(Conversation.mode).where(Conversation.id == conversation_id)).scalar() != "automatic"
            values = {"mode": "automatic", "holder": None, "holder_name": None, "held_since": None, "holder_typing_at": None}
            _change(session, conversation_id, Conversation.holder == holder, offer=None, offer_answer=None, **values)
            if told:
                _back(session, conversation_id, words)

    def quiet(self, since: datetime) -> list[tuple[str, str, str]]:
        """Conversations whose holders have not moved a hand since a moment: the conversation, the account and the name that the person knows."""
        moved = func.coalesce(Account.active_at, Account.created_at)
        query = select(Conversation.id, Conversation.holder, Conversation.holder_name).join(Account, Account.id == Conversation.holder)
        query = query.where(moved < since, Conversation.held_since < since)
        with self.units.unit() as session:
            return [tuple(row) for row in session.execute(query)]


OPEN = ("need", "need_since", "need_number", "holder", "holder_name", "held_since", "offer", "offer_answer")
"""What a conversation has while somebody looks after it."""


def _free(holder: str) -> Any:
    return or_(Conversation.holder.is_(None), Conversation.holder == holder)


def _since() -> Any:
    """Since when it is held: from the first time, while it goes on."""
    return func.coalesce(Conversation.held_since, now())


def _back(session: Session, conversation_id: str, words: str) -> Stored:
    said = _announced(session, conversation_id, words)
    send_drafts(session, session.get(Conversation, conversation_id))
    return said


def _closed(session: Session, conversation: Conversation, account_id: str) -> ClosedCase:
    last = session.execute(select(func.max(Message.number)).where(Message.conversation_id == conversation.id)).scalar()
    case = ClosedCase(conversation_id=conversation.id, need=conversation.need, since=conversation.need_since, held_since=conversation.held_since)
    case.first_number, case.last_number, case.closed_at, case.closed_by = conversation.need_number, last or conversation.need_number, now(), account_id
    return case


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
