"""What a turn no longer does must not be missed: results of actions are still checked, and a long conversation is still known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.agent import trackers
from bot.agent.actions import CheckedAction
from bot.agent.rasa import RasaAgent, latest_model
from bot.agent.trackers import RECENT, RecentTrackers
from bot.settings import ROOT
from bot.store.database import Database
from tests.conftest import keys

WRITTEN = "what a person wrote"
RESULTS: list[tuple[Any, bool]] = [
    ({"events": [], "responses": []}, True),
    ({}, True),
    ({"events": [{"event": "slot", "timestamp": None, "name": "memory", "value": {"answers": 1}}], "responses": [{"text": "hello"}]}, True),
    ({"events": [{"event": "slot", "value": WRITTEN}]}, False),
    ({"events": [{"event": "no_such_event", "text": WRITTEN}]}, False),
    ({"events": {"event": "slot"}}, False),
    ({"events": [], "responses": [WRITTEN]}, False),
    (None, False),
    ([WRITTEN], False),
]


@pytest.mark.parametrize(("result", "good"), RESULTS)
def test_what_an_action_gives_is_refused_where_rasa_refuses_it(result: Any, good: bool) -> None:
    """By the same schema, and without repeating what it holds."""
    for action in (RemoteAction("action_reframe", None), CheckedAction("action_reframe", None)):
        if good:
            assert action._validate_action_result(result)
            continue
        with pytest.raises(ValidationError) as refused:
            action._validate_action_result(result)
    assert good or WRITTEN not in str(refused.value)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecentTrackers]:
    """A tracker store on a database of its own."""
    database = Database(f"sqlite:///{tmp_path / 'trackers.db'}", keys())
    made = RecentTrackers(database.engine)
    made.domain = Domain.load(str(ROOT / "domain.yml"))
    yield made
    database.engine.dispose()


async def turn(store: RecentTrackers, text: str, *more: Any) -> DialogueStateTracker:
    """One turn as Rasa's processor takes it."""
    tracker = await store.get_or_create_tracker("somebody", append_action_listen=False)
    for event in (UserUttered(text, {"name": "greet"}), ActionExecuted("action_listen"), *more):
        tracker.update(event, store.domain)
    await store.save(tracker)
    return tracker


async def test_a_turn_reads_a_bounded_part_and_every_slot(store: RecentTrackers) -> None:
    """What was set long ago is known, by its last value; what is read does not grow."""
    await turn(store, "first", SlotSet("crisis", {"turns": 1}))
    await turn(store, "second", SlotSet("memory", {"answers": 1}), SlotSet("crisis", {"turns": 2}))
    for number in range(RECENT * 3):
        await turn(store, f"message {number}")
    tracker = await store.retrieve("somebody")
    assert len(tracker.events) <= RECENT + 2
    assert (tracker.get_slot("memory"), tracker.get_slot("crisis")) == ({"answers": 1}, {"turns": 2})
    assert tracker.latest_message.text == f"message {RECENT * 3 - 1}"


async def test_nothing_is_written_twice_and_nothing_is_lost(store: RecentTrackers) -> None:
    """Also when a tracker is saved several times, and when more was said than is read."""
    for number in range(RECENT * 2):
        await store.save(await turn(store, f"message {number}"))
    whole = await store.retrieve_full_tracker("somebody")
    assert [event.text for event in whole.events if isinstance(event, UserUttered)] == [f"message {number}" for number in range(RECENT * 2)]
    assert len(whole.events) == RECENT * 4


async def test_another_conversation_is_another(store: RecentTrackers) -> None:
    """Even where it is longer."""
    for number in range(RECENT):
        await turn(store, f"message {number}", SlotSet("memory", {"answers": number}))
    assert await store.retrieve("nobody") is None


async def test_an_event_broker_is_told_each_event_once(store: RecentTrackers) -> None:
    """In long conversations too."""
    told: list[dict[str, Any]] = []

    class Listening(EventBroker):
        def publish(self, event: dict[str, Any]) -> None:
            told.append(event)

    store.event_broker = Listening()
    for number in range(RECENT * 2):
        await turn(store, f"message {number}")
    assert [event["text"] for event in told if event["event"] == "user"] == [f"message {number}" for number in range(RECENT * 2)]


SAID = (
    *("I failed therapy", "my sleep, I guess", "yes", "no", "not sure", "a little lighter maybe", "can we talk about something else?", "who are you?"),
    *("I'm broken and nothing works", "it was two years ago", "thank you", "I should be over this by now", "I don't know", "that doesn't fit", "hello"),
)


async def test_the_end_of_a_conversation_gives_the_answers_that_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same thirty messages, read back in part and as a whole, in a conversation of the same name."""
    heard = {}
    for most in (RECENT, 10_000):
        monkeypatch.setattr(trackers, "RECENT", most)
        database = Database(f"sqlite:///{tmp_path / str(most)}.db", keys())
        agent = RasaAgent(latest_model(ROOT / "models"), RecentTrackers(database.engine))
        heard[most] = [[reply.text for reply in await agent.answer("somebody", text, None, False)] for text in SAID * 2]
        database.engine.dispose()
    assert heard[RECENT] == heard[10_000]
    assert all(heard[RECENT])
