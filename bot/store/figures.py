"""What is counted of a period, exactly. Nothing of it may be shown as it is: bot/pilot/figures.py decides what may. Practice is never counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.audit import Units
from bot.store.console_tables import ClosedCase
from bot.store.events import Event, has_events
from bot.store.messages import PRACTICE, SUPPORTER
from bot.store.review_tables import Owed, Review
from bot.store.sealed import EVENTS
from bot.store.tables import Conversation, Message, Referral

DANGER = ("immediate", "urgent")
MEMORY = "memory"
"""The slot of the dialogue's memory."""


@dataclass(frozen=True)
class Counted:
    """A period. `tiers` counts conversations by the gravest tier met, `waits` are seconds until somebody held a conversation, for danger and for the rest.

    `beliefs` counts conversations in which a belief was met, `weights` are pairs before and after; both are None where Rasa's events are not kept here.
    """

    conversations: int
    tiers: dict[str, int]
    waits: dict[str, list[float]]
    takeovers: int
    reviews_due: int
    beliefs: dict[str, int] | None
    weights: list[tuple[float, float]] | None


class Figures:
    """The counts of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def counted(self, since: datetime, until: datetime, beliefs: frozenset[str]) -> Counted:
        """From `since` up to `until`; `beliefs` are the intents that count as such."""
        with self.units.unit() as session:
            gravest = _gravest(session, since, until)
            tiers = {tier: sum(met == tier for met in gravest.values()) for tier in ("urgent", "check_in")}
            told = has_events(session)
            return Counted(
                len(gravest),
                tiers,
                _waits(session, since, until),
                _takeovers(session, since, until),
                _due(session, since, until),
                _beliefs(session, since, until, beliefs) if told else None,
                list(_weights(session, since, until)) if told else None,
            )

    def referrals(self) -> dict[int, int]:
        """How many answers named a crisis service, by calendar year (UTC)."""
        with self.units.unit() as session:
            return dict(session.execute(select(Referral.year, Referral.count).order_by(Referral.year)).all())


def _real(since: datetime, until: datetime, at: Any) -> tuple[Any, ...]:
    return Conversation.channel != PRACTICE, at >= since, at < until


def _gravest(session: Session, since: datetime, until: datetime) -> dict[str, str]:
    """Every conversation in which a person wrote, with the gravest tier of that."""
    query = select(Message.conversation_id, Message.tier).join(Conversation).where(Message.author == "person", *_real(since, until, Message.created_at))
    order = {"urgent": 2, "check_in": 1}
    found: dict[str, str] = {}
    for conversation_id, tier in session.execute(query.distinct()):
        found[conversation_id] = max(found.get(conversation_id, "none"), tier or "none", key=lambda met: order.get(met, 0))
    return found


def _waits(session: Session, since: datetime, until: datetime) -> dict[str, list[float]]:
    closed = select(ClosedCase.need, ClosedCase.since, ClosedCase.held_since).join(Conversation, Conversation.id == ClosedCase.conversation_id)
    going = select(Conversation.need, Conversation.need_since, Conversation.held_since)
    rows = [
        *session.execute(closed.where(ClosedCase.held_since.is_not(None), *_real(since, until, ClosedCase.since))),
        *session.execute(going.where(Conversation.need.is_not(None), Conversation.held_since.is_not(None), *_real(since, until, Conversation.need_since))),
    ]
    waits: dict[str, list[float]] = {"danger": [], "other": []}
    for need, began, held in rows:
        waits["danger" if need in DANGER else "other"].append(max(timedelta(), held - began).total_seconds())
    return waits


def _takeovers(session: Session, since: datetime, until: datetime) -> int:
    """Conversations in which a supporter wrote."""
    query = select(func.count(func.distinct(Message.conversation_id))).join(Conversation, Conversation.id == Message.conversation_id)
    return int(session.execute(query.where(Message.author == SUPPORTER, *_real(since, until, Message.created_at))).scalar() or 0)


def _due(session: Session, since: datetime, until: datetime) -> int:
    """Cases closed in the period that still want a review."""
    given = select(func.count()).where(Review.case_id == Owed.case_id).correlate(Owed).scalar_subquery()
    query = select(func.count()).select_from(Owed).join(ClosedCase, ClosedCase.id == Owed.case_id)
    query = query.join(Conversation, Conversation.id == ClosedCase.conversation_id)
    return int(session.execute(query.where(Owed.wanted > given, *_real(since, until, ClosedCase.closed_at))).scalar() or 0)


def _happened(since: datetime, until: datetime, kind: str) -> Any:
    """Rasa's events of a kind, in order."""
    of_it = Event.type_name == kind, Event.timestamp >= since.timestamp(), Event.timestamp < until.timestamp()
    return select(Event).where(*of_it).order_by(Event.timestamp)


def _beliefs(session: Session, since: datetime, until: datetime, beliefs: frozenset[str]) -> dict[str, int]:
    """The intent is in the sealed event only, so each has to be opened."""
    met: dict[str, set[str]] = {}
    for row in session.execute(_happened(since, until, "user")).scalars():
        intent = ((json.loads(EVENTS.get(row)).get("parse_data") or {}).get("intent") or {}).get("name")
        if intent in beliefs:
            met.setdefault(intent, set()).add(row.sender_id)
    return {name: len(conversations) for name, conversations in met.items()}


def _weights(session: Session, since: datetime, until: datetime) -> Iterator[tuple[float, float]]:
    """Before and after, where both were given: each pair once, since the dialogue's memory is written after every message."""
    last: dict[str, tuple[Any, Any]] = {}
    for row in session.execute(_happened(since, until, "slot").where(Event.action_name == MEMORY)).scalars():
        event = json.loads(EVENTS.get(row))
        if not event.get("value"):
            continue
        pair = event["value"].get("weight_before"), event["value"].get("weight_after")
        if None not in pair and last.get(row.sender_id) != pair:
            yield pair
        last[row.sender_id] = pair
