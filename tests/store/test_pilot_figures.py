"""What is counted, and what is not: practice never, and everything in its period."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text, update

from bot.desk.desk import Desk
from bot.pilot.practice import NOTICE, NoPractice, Practice, StandIn, scenarios
from bot.store.console_tables import ClosedCase
from bot.store.conversations import Conversations
from bot.store.events import Event
from bot.store.figures import Figures
from bot.store.handover import Handover
from bot.store.messages import PRACTICE, now
from bot.store.reviews import Reviews
from bot.store.sealed import EVENTS
from bot.store.tables import Message
from tests.store.console import account, closed, said
from tests.store.test_desk import desk_with, echo

BELIEFS = frozenset({"resistant"})


def today() -> tuple[datetime, datetime]:
    """Around now."""
    return now() - timedelta(hours=1), now() + timedelta(hours=1)


def practice(store: Conversations) -> Practice:
    """The practice of a store."""
    desk: Desk = desk_with(store, echo)
    desk.agent = StandIn()
    return Practice(desk)


async def test_practice_goes_the_way_of_a_real_case_and_is_never_counted(store: Conversations) -> None:
    """Screened, answered, closed, reviewed; but in no figure, and in no count of referrals."""
    conversation = await practice(store).begin("present_danger")
    said_there = store.messages(conversation)
    assert [m.text for m in said_there if m.author == "person"] == list(scenarios()[0].says)
    assert any(m.author == "crisis" for m in said_there)
    handover, anna = Handover(store.database), account(store, "anna")
    handover.join(conversation, anna, "Anna", "joined")
    handover.say(conversation, anna, "hello")
    handover.hand_back(conversation, anna, "left")
    case = closed(store, conversation, "anna", "urgent")
    assert [c.id for c in Reviews(store.database).due()] == [case]
    counted = Figures(store.database).counted(*today(), BELIEFS)
    assert (counted.conversations, counted.tiers, counted.takeovers, counted.reviews_due) == (0, {"urgent": 0, "check_in": 0}, 0, 0)
    assert store.referrals() == {}


async def test_only_in_practice_somebody_writes_as_the_person(store: Conversations) -> None:
    """Never into a real conversation."""
    real = store.open("web").id
    with pytest.raises(NoPractice):
        await practice(store).say(real, "I am the person")
    assert store.messages(real) == []
    with pytest.raises(NoPractice):
        await practice(store).begin("no such case")
    made = await practice(store).begin("asks_for_a_person")
    assert await practice(store).say(made, "still here")


def test_conversations_count_by_the_gravest_tier_met_in_the_period(store: Conversations) -> None:
    """Once each, and only where a person wrote then."""
    grave = said(store, "none")
    said(store, "urgent", grave)
    said(store, "check_in", grave)
    said(store, "check_in")
    said(store, None)
    store.open("web")
    old = said(store, "urgent")
    with store.database.unit() as session:
        session.execute(update(Message).where(Message.conversation_id == old).values(created_at=now() - timedelta(days=2)))
    counted = Figures(store.database).counted(*today(), BELIEFS)
    assert (counted.conversations, counted.tiers) == (3, {"urgent": 1, "check_in": 1})


def test_waiting_counts_from_the_need_until_somebody_held_it(store: Conversations) -> None:
    """For closed cases and for those that go on; what nobody held yet has no time."""
    for need, seconds in (("urgent", 60), ("person", 600)):
        closed(store, said(store, "urgent"), "anna", need)
        with store.database.engine.begin() as connection:
            trigger = {"sqlite": "DROP TRIGGER IF EXISTS case_not_changed", "postgresql": "ALTER TABLE closed_case DISABLE TRIGGER case_not_changed"}
            connection.execute(text(trigger[connection.dialect.name]))
        _held_after(store, need, seconds)
    counted = Figures(store.database).counted(*today(), BELIEFS)
    assert counted.waits == {"danger": [60.0], "other": [600.0]}
    assert (counted.reviews_due, counted.takeovers) == (2, 0)


def _held_after(store: Conversations, need: str, seconds: int) -> None:
    with store.database.unit() as session:
        row = session.query(ClosedCase).filter_by(need=need).one()
        row.held_since = row.since + timedelta(seconds=seconds)


def intent(name: str) -> dict[str, Any]:
    """A message of a person as Rasa keeps it."""
    return {"event": "user", "parse_data": {"intent": {"name": name}}}


def test_beliefs_and_weights_are_known_where_rasa_keeps_its_events_here(store: Conversations) -> None:
    """Each conversation once for a belief, each pair of weights once; without the table it is said that they are not known."""
    figures = Figures(store.database)
    assert (figures.counted(*today(), BELIEFS).beliefs, figures.counted(*today(), BELIEFS).weights) == (None, None)
    at = datetime.now(timezone.utc).timestamp()
    memory = [{"weight_before": 8}, {"weight_before": 8, "weight_after": 5}, {"weight_before": 8, "weight_after": 5}, None]
    happened = [("c", "user", at, intent("resistant")), ("c", "user", at + 1, intent("resistant")), ("d", "user", at, intent("greet"))]
    happened.append(("e", "user", 1.0, intent("resistant")))
    happened += [("c", "slot", at + n, {"name": "memory", "value": value}) for n, value in enumerate(memory)]
    Event.__table__.create(store.database.engine)
    with store.database.unit() as session:
        for sender, kind, moment, data in happened:
            row = Event(sender_id=sender, type_name=kind, timestamp=moment, action_name="memory" if kind == "slot" else None)
            EVENTS.put(session, row, json.dumps(data))
            session.add(row)
    counted = figures.counted(*today(), BELIEFS)
    assert (counted.beliefs, counted.weights) == ({"resistant": 1}, [(8, 5)])


def test_a_practice_notice_says_what_it_is() -> None:
    """So that nobody takes it for a real case."""
    assert "practice" in NOTICE
    assert PRACTICE == "practice"
