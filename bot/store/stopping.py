"""The one switch that stops all automatic replies, in every process at once: a row that every reply is checked against, in its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Callable, Optional

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.store.audit import Units
from bot.store.messages import AUTOMATIC, HELP, Reply, now
from bot.store.pilot_tables import Stop
from bot.store.sealed import RISK, STOP_REASON, marked
from bot.store.sending import add_replies
from bot.store.tables import Conversation, Delivery, Message

STOPPED = "Automatic replies were stopped before this was sent; the person was given the static help instead."


@dataclass(frozen=True)
class Stopped:
    """Since when automatic replies are stopped, by which account, and why."""

    by: str
    at: datetime
    why: str


class Stopping:
    """The switch of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def state(self) -> Optional[Stopped]:
        """None while replies are given."""
        with self.units.unit() as session:
            row = session.get(Stop, 1)
            return Stopped(row.by, row.at, STOP_REASON.get(row)) if row else None

    def stop(self, by: str, why: str, words: Callable[[Optional[str]], str]) -> None:
        """Stop them. What waits to be sent to messaging apps is held back, and `words`, the static help for a country, take its place."""
        with self.units.unit() as session:
            if session.get(Stop, 1) is None:
                row = Stop(id=1, mark=marked(), by=by, at=now())
                STOP_REASON.put(session, row, why)
                session.add(row)
                _replace_waiting(session, words)

    def resume(self) -> None:
        """Give automatic replies again."""
        with self.units.unit() as session:
            session.execute(delete(Stop))


def _replace_waiting(session: Session, words: Callable[[Optional[str]], str]) -> None:
    query = select(Delivery).join(Message, Message.number == Delivery.message_number)
    waiting = session.execute(query.where(Delivery.state == "waiting", Message.author.in_(AUTOMATIC))).scalars().all()
    for delivery in waiting:
        delivery.state, delivery.problem = "dead", STOPPED
    for conversation_id in dict.fromkeys(delivery.conversation_id for delivery in waiting):
        conversation = session.get(Conversation, conversation_id)
        add_replies(session, conversation, None, [Reply(words((RISK.get(conversation) or {}).get("country")), author=HELP)])
