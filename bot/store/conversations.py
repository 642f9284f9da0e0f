"""Conversations and messages: the writes and the reads of the desk and the channels."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Optional

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bot.errors import ReframeError
from bot.store.database import Database
from bot.store.drafts import add_draft, discard_drafts
from bot.store.erasures import Reason, erase
from bot.store.messages import (
    AUTOMATIC,
    CRISIS,
    PRACTICE,
    PROGRAM,
    SURROGATES,
    Before,
    Credentials,
    Finding,
    Inbound,
    Need,
    Presence,
    Reply,
    Standing,
    Stored,
    now,
    row_of,
    stored_of,
)
from bot.store.needs import raise_need
from bot.store.sealed import COMPLAINED, ERASED, EVIDENCE, RISK, marked
from bot.store.sending import add_replies, in_order, locked
from bot.store.stopped import RepliesStopped, are_stopped
from bot.store.tables import Complaint, Conversation, Message, Referral


class NoConversation(ReframeError):
    """A message came for a conversation that does not exist."""


class Conversations:
    """The store of one database."""

    def __init__(self, database: Database, draft_waits: timedelta = timedelta(seconds=120)) -> None:
        """`draft_waits` is how long an answer may wait for a supporter's leave."""
        self.database, self.draft_waits = database, draft_waits

    def open(self, channel: str, new: Optional[Credentials] = None) -> Credentials:
        """A conversation under new credentials. The secret is given out once and kept only as a hash. Opened twice, it is one."""
        new = new or Credentials.issued()
        with self.database.unit() as session:
            if session.get(Conversation, new.id) is None:
                session.add(Conversation(id=new.id, secret_hash=_hash(new.secret), channel=channel, created_at=now(), noticed_at=now()))
        return new

    def admits(self, shown: Credentials) -> bool:
        """Whether the conversation exists and the secret is its own."""
        with self.database.unit() as session:
            row = session.get(Conversation, shown.id)
            return row is not None and hmac.compare_digest(row.secret_hash, _hash(shown.secret))

    def receive(self, conversation_id: str, inbound: Inbound) -> Stored:
        """Keep an inbound message; one sent before under the same client id is returned as it was kept.

        Raises NoConversation when the conversation does not exist.
        """
        try:
            return self._add(conversation_id, author="person", text=inbound.text, payload=inbound.payload, client_id=inbound.client_id)
        except IntegrityError:
            with self.database.unit() as session:
                same = select(Message).filter_by(conversation_id=conversation_id, client_id=inbound.client_id)
                if row := session.execute(same).scalar_one_or_none():
                    return stored_of(row)
            raise NoConversation("There is no such conversation; it may have been deleted. Start a new one.") from None

    def screened(self, number: int, found: Finding) -> None:
        """Write the risk assessment beside its message, and what it calls a supporter for. Nothing when it was deleted meanwhile."""
        with self.database.unit() as session:
            _screened(session, number, found)

    def call(self, conversation_id: str, need: Need, number: int) -> None:
        """Call a supporter."""
        with self.database.unit() as session:
            raise_need(session, conversation_id, need, number)

    def reply(self, conversation_id: str, answers: Optional[int], replies: list[Reply], standing: Optional[Standing] = None) -> list[Stored]:
        """Keep replies, where the conversation stands after them, and what was found in the message, all or nothing, and put replies on their way to an app.

        What another has answered meanwhile is not answered again: then what is kept already is given back.
        Nothing when it was deleted meanwhile; and what the program has to say is not said when a supporter has taken over meanwhile, and waits for
        their leave when they approve first. An answer to danger never waits, and what waited before it is not said any more.
        Raises RepliesStopped for what the program worked out while automatic replies are stopped; then nothing is kept.
        """
        with self.database.unit() as session:
            conversation = locked(session, conversation_id)
            if conversation is None:
                return []
            if standing and standing.found and answers is not None:
                _screened(session, answers, standing.found)
            since = _answered_since(session, conversation_id, answers)
            if kept := [message for message in since if message.answers == answers]:
                return kept
            if standing and not since:  # a later message may be answered first, as danger is when an answer before it takes long: what came of that stands
                _stand(session, conversation, standing)
            if conversation.mode == "taken" and answers is not None:
                _leave(session, answers, "taken")
                replies = [reply for reply in replies if reply.author not in PROGRAM]
            if any(reply.author in AUTOMATIC and not reply.delivered for reply in replies) and are_stopped(session):
                raise RepliesStopped("Automatic replies are stopped.")
            if any(reply.author == CRISIS for reply in replies):
                discard_drafts(session, conversation_id)
            if conversation.mode == "approving" and answers is not None and add_draft(session, conversation_id, answers, replies, self.draft_waits):
                _leave(session, answers, "draft")
                replies = [reply for reply in replies if reply.author != "bot"]
            if standing and standing.need and answers is not None:
                raise_need(session, conversation_id, standing.need, answers)
            return add_replies(session, conversation, answers, replies)

    def leave(self, number: int, to: str) -> None:
        """Say of a message why the program does not answer it."""
        with self.database.unit() as session:
            _leave(session, number, to)

    def left(self, number: int) -> bool:
        """Whether the program does not answer a message, or not before a supporter has looked."""
        with self.database.unit() as session:
            return _left(session, number)

    def answer_offer(self, conversation_id: str, accepted: str, number: int) -> Optional[str]:
        """The person answers the handover that was offered (accepted, declined); gives the name of who offered it, or None when nothing was open."""
        with self.database.unit() as session:
            row = locked(session, conversation_id)
            if row is None or row.offer is None or row.offer_answer is not None:
                return None
            row.offer_answer = accepted
            if accepted == "accepted" and row.offer == "person":
                raise_need(session, conversation_id, "person", number)
            return str(row.holder_name)

    def person_types(self, conversation_id: str) -> None:
        """The person is writing something, now."""
        with self.database.unit() as session:
            session.execute(update(Conversation).where(Conversation.id == conversation_id).values(person_typing_at=now()))

    def presence(self, conversation_id: str) -> Presence:
        """Who speaks in a conversation."""
        query = select(Conversation.holder_name, Conversation.holder_typing_at).where(Conversation.id == conversation_id, Conversation.mode == "taken")
        with self.database.unit() as session:
            row = session.execute(query).one_or_none()
            return Presence(*row) if row else Presence()

    def standing(self, conversation_id: str, before: int) -> Standing:
        """Where a conversation stood before a message."""
        with self.database.unit() as session:
            return _standing(session, conversation_id, before)

    def before(self, conversation_id: str, number: int) -> Before:
        """What there is of a message before its turn, read in one go."""
        with self.database.unit() as session:
            return Before(tuple(_replies_to(session, number)), _left(session, number), _standing(session, conversation_id, number))

    def referrals(self) -> dict[int, int]:
        """How many answers named a crisis service, by calendar year."""
        with self.database.unit() as session:
            return {row.year: row.count for row in session.execute(select(Referral).order_by(Referral.year)).scalars()}

    def complain(self, conversation_id: str, text: str) -> None:
        """Keep what a person found wrong with an answer."""
        with self.database.unit() as session:
            row = Complaint(conversation_id=conversation_id, mark=marked(), created_at=now())
            COMPLAINED.put(session, row, text.translate(SURROGATES))
            session.add(row)

    def complaints(self) -> list[tuple[datetime, str, str]]:
        """When, in which conversation, and what, oldest first."""
        with self.database.unit() as session:
            rows = session.execute(select(Complaint).order_by(Complaint.id)).scalars()
            return [(row.created_at, row.conversation_id, COMPLAINED.get(row)) for row in rows]

    def replies_to(self, number: int) -> list[Stored]:
        """What was answered to a message, in order."""
        with self.database.unit() as session:
            return _replies_to(session, number)

    def messages(self, conversation_id: str, after: int = 0) -> list[Stored]:
        """The conversation from a number on, without what has been erased of it."""
        with self.database.unit() as session:
            return _all(session, select(Message).where(Message.conversation_id == conversation_id, Message.number > after, Message.text != ERASED))

    def waits_before(self, conversation_id: str, number: int) -> bool:
        """Whether an earlier message of a conversation still waits for its answer."""
        answer = aliased(Message)
        earlier = select(Message.number).where(Message.conversation_id == conversation_id, Message.number < number, Message.author == "person")
        earlier = earlier.where(Message.left_to.is_(None), ~exists().where(answer.answers == Message.number)).limit(1)
        with self.database.unit() as session:
            return session.execute(earlier).first() is not None

    def last_number(self) -> int:
        """The number of the latest message of all, 0 without any."""
        with self.database.unit() as session:
            return int(session.execute(select(func.max(Message.number))).scalar() or 0)

    def unanswered(self, after: int = 0) -> list[tuple[str, Stored]]:
        """Every person's message after a number without a reply, with its conversation, oldest first. Those of messaging apps wait in the inbox instead."""
        answer = aliased(Message)
        waiting = select(Message).join(Conversation).where(Message.author == "person", Message.left_to.is_(None), Conversation.address.is_(None))
        waiting = waiting.where(Message.number > after, ~exists().where(answer.answers == Message.number)).order_by(Message.number)
        with self.database.unit() as session:
            return [(row.conversation_id, stored_of(row)) for row in session.execute(waiting).scalars()]

    def offered(self, conversation_id: str, payload: str) -> Optional[str]:
        """The title of a button that was offered in this conversation, or None."""
        titles = {b["payload"]: b["title"] for row in self.messages(conversation_id) for b in row.buttons}
        return titles.get(payload)

    def delete(self, conversation_id: str, reason: Reason = "person") -> None:
        """Erase a conversation with all that hangs on it."""
        with self.database.unit() as session:
            erase(session, conversation_id, reason)

    def exists(self, conversation_id: str) -> bool:
        """Whether a conversation is there."""
        with self.database.unit() as session:
            return session.get(Conversation, conversation_id) is not None

    def _add(self, conversation_id: str, **columns: Any) -> Stored:
        with self.database.unit() as session:
            in_order(session, conversation_id)
            row = row_of(session, conversation_id, **columns)
            session.add(row)
            session.flush()
            return stored_of(row)


def _replies_to(session: Session, number: int) -> list[Stored]:
    return _all(session, select(Message).filter_by(answers=number))


def _left(session: Session, number: int) -> bool:
    return session.execute(select(Message.left_to).where(Message.number == number)).scalar() is not None


def _standing(session: Session, conversation_id: str, before: int) -> Standing:
    row = session.get(Conversation, conversation_id)
    if row is None:
        return Standing()
    earlier = select(func.max(Message.created_at)).where(Message.conversation_id == conversation_id, Message.number < before)
    last_seen = session.execute(earlier.where(Message.author == "person")).scalar()
    offered = row.offer == "person" and row.offer_answer is None
    return Standing(RISK.get(row), row.noticed_at or row.created_at, last_seen, mode=row.mode, offered=offered)


def _screened(session: Session, number: int, found: Finding) -> None:
    row = session.get(Message, number)
    if row is None:
        return
    row.tier, row.category, row.screened_with = found.tier, found.category, found.version
    EVIDENCE.put(session, row, list(found.evidence))
    raise_need(session, row.conversation_id, found.need, number)


def _leave(session: Session, number: int, to: str) -> None:
    session.execute(update(Message).where(Message.number == number).values(left_to=to))


def _answered_since(session: Session, conversation_id: str, answers: Optional[int]) -> list[Stored]:
    """What was answered to a message and to those after it."""
    if answers is None:
        return []
    return _all(session, select(Message).where(Message.conversation_id == conversation_id, Message.answers >= answers))


def _stand(session: Session, conversation: Conversation, standing: Standing) -> None:
    RISK.put(session, conversation, standing.crisis)
    conversation.noticed_at = standing.noticed_at
    if standing.referred and conversation.channel != PRACTICE:
        year = now().year
        counted = session.execute(update(Referral).where(Referral.year == year).values(count=Referral.count + 1)).rowcount
        if not counted:
            session.add(Referral(year=year, count=1))


def _all(session: Session, query: Any) -> list[Stored]:
    return [stored_of(row) for row in session.execute(query.order_by(Message.number)).scalars()]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
