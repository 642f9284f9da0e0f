"""How long each kind of data is kept, and erasing what is older. Counts of the whole (referrals, rejections) hold no identifiers and stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Callable

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.store.console_tables import Draft, Note
from bot.store.database import Database
from bot.store.erasures import erase
from bot.store.events import Event, has_events
from bot.store.messages import now
from bot.store.pilot_tables import Alarm
from bot.store.review_tables import Debrief
from bot.store.sealed import ERASED
from bot.store.tables import Complaint, Consent, Conversation, Delivery, Erasure, Message

BATCH = 500


@dataclass(frozen=True)
class Periods:
    """Days for which each kind is kept.

    Texts of messages with what supporters noted and drafted beside them, the same of conversations in which somebody was in danger, complaints, whole
    conversations since their last message (closed cases and reviews go with them), conversations whose consent was withdrawn, what became of deliveries,
    how cases were for supporters, alarms that are over, and that something was erased.
    """

    text: float = 30
    urgent: float = 30
    complaint: float = 90
    conversation: float = 180
    withdrawn: float = 1
    delivery: float = 30
    debrief: float = 365
    alarm: float = 90
    erasure: float = 730


Find = Callable[[Session, datetime], Any]
Drop = Callable[[Session, list[Any]], None]


class Retention:
    """The periods over one database."""

    def __init__(self, database: Database, periods: Periods) -> None:
        self.database, self.periods = database, periods

    def due(self, at: datetime | None = None) -> dict[str, int]:
        """How many of each kind are older than their period, without erasing any."""
        moment = at or now()
        with self.database.unit() as session:
            return {kind: len(self._found(session, find, days, moment)) for kind, (find, _, days) in self._rules(session).items()}

    def run(self, at: datetime | None = None) -> dict[str, int]:
        """Erase what is older than its period; returns how many of each kind. Small units of work, so that nobody waits long for it."""
        moment, done = at or now(), {}
        with self.database.unit() as session:
            rules = self._rules(session)
        for kind, (find, drop, days) in rules.items():
            with self.database.unit() as session:
                found = self._found(session, find, days, moment)
            for start in range(0, len(found), BATCH):
                with self.database.unit() as session:
                    drop(session, found[start : start + BATCH])
            done[kind] = len(found)
        return done

    def _rules(self, session: Session) -> dict[str, tuple[Find, Drop, float]]:
        kept = self.periods
        rules: dict[str, tuple[Find, Drop, float]] = {
            "conversations": (_silent, _erase_whole, kept.conversation),
            "withdrawn": (_withdrawn, _erase_whole, kept.withdrawn),
            "texts": (_texts(~_urgent(Message.conversation_id)), _empty, kept.text),
            "urgent": (_texts(_urgent(Message.conversation_id)), _empty, kept.urgent),
            **_beside_texts(kept),
            "complaints": (_old(Complaint, Complaint.created_at), _rows(Complaint), kept.complaint),
            "deliveries": (_old(Delivery, Delivery.due_at, Delivery.state.in_(("sent", "dead"))), _rows(Delivery), kept.delivery),
            "debriefs": (_old(Debrief, Debrief.created_at), _rows(Debrief), kept.debrief),
            "alarms": (_old(Alarm, Alarm.over_at), _rows(Alarm), kept.alarm),
            "erasures": (_old(Erasure, Erasure.at), _rows(Erasure), kept.erasure),
        }
        if has_events(session):
            rules["events"] = (_events(~_urgent(Event.sender_id)), _drop_events, kept.text)
            rules["urgent_events"] = (_events(_urgent(Event.sender_id)), _drop_events, kept.urgent)
        return rules

    @staticmethod
    def _found(session: Session, find: Find, days: float, at: datetime) -> list[Any]:
        return list(session.execute(find(session, at - timedelta(days=days))).scalars())


def _beside_texts(kept: Periods) -> dict[str, tuple[Find, Drop, float]]:
    """What supporters wrote about messages, as long as those; a draft that waits is still under way."""
    rules: dict[str, tuple[Find, Drop, float]] = {}
    for kind, table, more in (("notes", Note, ()), ("drafts", Draft, (Draft.state != "waiting",))):
        urgent = _urgent(table.conversation_id)
        rules[kind] = (_old(table, table.created_at, ~urgent, *more), _rows(table), kept.text)
        rules[f"urgent_{kind}"] = (_old(table, table.created_at, urgent, *more), _rows(table), kept.urgent)
    return rules


def _urgent(conversation_id: Any) -> Any:
    """Whether somebody was in danger in a conversation."""
    message = aliased(Message)
    return exists().where(message.conversation_id == conversation_id, message.tier == "urgent")


def _silent(_: Session, before: datetime) -> Any:
    later = exists().where(Message.conversation_id == Conversation.id, Message.created_at >= before)
    return select(Conversation.id).where(Conversation.created_at < before, ~later)


def _withdrawn(_: Session, before: datetime) -> Any:
    last = select(func.max(Consent.id)).where(Consent.purpose == "keep").group_by(Consent.conversation_id)
    return select(Consent.conversation_id).where(Consent.id.in_(last), Consent.answer == "withdrawn", Consent.at < before)


def _texts(which: Any) -> Find:
    return lambda _, before: select(Message.number).where(Message.created_at < before, Message.text != ERASED, which)


def _old(of: Any, moment: Any, *more: Any) -> Find:
    return lambda _, before: select(of.id).where(moment < before, *more)


def _events(which: Any) -> Find:
    """Old events, but for the newest of each slot: it holds what the person kept, and goes with the conversation."""
    newest = select(func.max(Event.id)).where(Event.type_name == "slot").group_by(Event.sender_id, Event.action_name)
    nobodys = ~exists().where(Conversation.id == Event.sender_id)
    return lambda _, before: select(Event.id).where(Event.timestamp < before.timestamp(), or_(Event.id.not_in(newest), nobodys), which)


def _erase_whole(session: Session, found: list[str]) -> None:
    for conversation_id in found:
        erase(session, conversation_id, "period")


def _empty(session: Session, found: list[int]) -> None:
    session.execute(update(Message).where(Message.number.in_(found)).values(text=ERASED, buttons=[], evidence=[]))


def _drop_events(session: Session, found: list[int]) -> None:
    session.execute(delete(Event).where(Event.id.in_(found)))


def _rows(of: Any) -> Drop:
    return lambda session, found: session.execute(delete(of).where(of.id.in_(found)))
