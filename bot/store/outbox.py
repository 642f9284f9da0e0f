"""Replies on their way to messaging apps: what is due, who sends it, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from bot.store.database import Database
from bot.store.messages import CARE, Stored, now, stored_of
from bot.store.needs import raise_need
from bot.store.tables import Conversation, Delivery, Message, Rejection

LONGEST_PROBLEM = 255


@dataclass(frozen=True)
class Due:
    """A reply to be sent. `address` is sealed; `parts` of the text have been sent before; `attempts` have failed."""

    id: int
    conversation_id: str
    channel: str
    address: str
    message: Stored
    parts: int
    attempts: int


class Outbox:
    """The deliveries of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def due(self, at: datetime, most: int = 50) -> list[Due]:
        """What may be sent now: of each conversation the oldest that is under way, so that the order is kept."""
        older = aliased(Delivery)
        first = ~exists().where(
            older.conversation_id == Delivery.conversation_id, older.message_number < Delivery.message_number, older.state.in_(("waiting", "sending"))
        )
        query = select(Delivery, Message, Conversation).join(Message, Message.number == Delivery.message_number)
        query = query.join(Conversation, Conversation.id == Delivery.conversation_id)
        query = query.where(Delivery.state == "waiting", Delivery.due_at <= at, Conversation.address.is_not(None), first).order_by(Delivery.id).limit(most)
        with self.database.unit() as session:
            return [_due(*row) for row in session.execute(query)]

    def claim(self, delivery_id: int) -> bool:
        """Whether it is ours to send; of several processes one gets it."""
        with self.database.unit() as session:
            mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.state == "waiting").values(state="sending")
            return bool(session.execute(mine).rowcount)

    def part_sent(self, delivery_id: int, parts: int) -> None:
        """So many parts of it have been sent."""
        self._set(delivery_id, parts=parts)

    def sent(self, delivery_id: int) -> None:
        """It has been sent whole."""
        self._set(delivery_id, state="sent", problem=None)

    def again(self, delivery_id: int, at: datetime, problem: str, attempts: int) -> None:
        """Try again at a moment."""
        self._set(delivery_id, state="waiting", due_at=at, problem=problem[:LONGEST_PROBLEM], attempts=attempts)

    def dead(self, delivery_id: int, problem: str) -> None:
        """It will not be sent; the conversation comes into the supervisors' queue, and there it is shown why."""
        with self.database.unit() as session:
            row = session.get(Delivery, delivery_id)
            if row is not None:
                row.state, row.problem = "dead", problem[:LONGEST_PROBLEM]
                raise_need(session, row.conversation_id, "error", row.message_number)

    def stranded(self) -> tuple[int, int]:
        """Settle what a stop of the process left in the middle of sending: an answer to danger is sent again, anything else is not.

        Returns how many of each. Whether it had arrived nobody can know: twice is better than never where somebody is in danger, and elsewhere it is not.
        """
        with self.database.unit() as session:
            cared = select(Message.number).where(Message.author.in_(CARE))
            left = Delivery.state == "sending"
            again = update(Delivery).where(left, Delivery.message_number.in_(cared)).values(state="waiting", due_at=now())
            given_up = update(Delivery).where(left).values(state="dead", problem="The process stopped while this was being sent; it may have arrived.")
            unsynchronised = {"synchronize_session": False}
            sent_again = session.execute(again, execution_options=unsynchronised).rowcount
            for conversation_id, number in session.execute(select(Delivery.conversation_id, Delivery.message_number).where(left)).all():
                raise_need(session, conversation_id, "error", number)
            return sent_again, session.execute(given_up, execution_options=unsynchronised).rowcount

    def dead_letters(self) -> list[tuple[str, str, Stored, str]]:
        """Conversation, channel, message and problem of each, oldest first."""
        query = select(Delivery, Message, Conversation).join(Message, Message.number == Delivery.message_number)
        query = query.join(Conversation, Conversation.id == Delivery.conversation_id).where(Delivery.state == "dead").order_by(Delivery.id)
        with self.database.unit() as session:
            return [(c.id, c.channel, stored_of(m), d.problem or "") for d, m, c in session.execute(query)]

    def rejected(self, channel: str, day: date) -> None:
        """Count a request that was not believed."""
        with self.database.unit() as session:
            mine = Rejection.channel == channel, Rejection.day == day
            if not session.execute(update(Rejection).where(*mine).values(count=Rejection.count + 1)).rowcount:
                session.add(Rejection(channel=channel, day=day, count=1))

    def rejections(self) -> list[tuple[str, date, int]]:
        """Channel, day (UTC) and count."""
        with self.database.unit() as session:
            return [(r.channel, r.day, r.count) for r in session.execute(select(Rejection).order_by(Rejection.day, Rejection.channel)).scalars()]

    def _set(self, delivery_id: int, **values: Any) -> None:
        with self.database.unit() as session:
            session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**values))


def _due(delivery: Delivery, message: Message, conversation: Conversation) -> Due:
    return Due(delivery.id, conversation.id, conversation.channel, conversation.address, stored_of(message), delivery.parts, delivery.attempts)
