"""Rasa's event broker, as `endpoints.yml` names it: its class is made, events reach it, and one that is slow, broken or away holds up nobody."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.brokers.file import FileEventBroker
from rasa.core.brokers.kafka import KafkaEventBroker
from rasa.core.brokers.pika import PikaEventBroker
from rasa.core.brokers.sql import SQLEventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.agent import broker as brokers
from bot.agent.broker import BesideBroker, NoBroker


def made(folder: Path, words: str) -> BesideBroker:
    """The broker of an `endpoints.yml`."""
    file = folder / "endpoints.yml"
    file.write_text(f"event_broker:\n{words}", encoding="utf-8")
    return BesideBroker(AvailableEndpoints.read_endpoints(str(file)).event_broker)


def until(done: Callable[[], bool]) -> None:
    """Wait until something is so. Fails after some seconds."""
    for _ in range(200):
        if done():
            return
        time.sleep(0.02)
    pytest.fail("never came")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("  type: SQL\n  dialect: sqlite\n  db: FOLDER/events.db\n", SQLEventBroker),
        ("  type: file\n  path: FOLDER/events.log\n", FileEventBroker),
        ("  type: kafka\n  url: 127.0.0.1:1\n  topic: reframe\n", KafkaEventBroker),
        ("  type: pika\n  url: 127.0.0.1\n  username: reframe\n  password: word\n  queues: [reframe]\n", PikaEventBroker),
    ],
)
def test_the_configured_class_is_made(tmp_path: Path, words: str, kind: type[EventBroker], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of Rasa's own; RabbitMQ is not called here."""

    async def connected(_: PikaEventBroker) -> None:
        return None

    monkeypatch.setattr(PikaEventBroker, "connect", connected)
    assert type(made(tmp_path, words.replace("FOLDER", str(tmp_path))).broker) is kind


def test_without_one_there_is_none(tmp_path: Path) -> None:
    """As it ships."""
    file = tmp_path / "endpoints.yml"
    file.write_text("action_endpoint:\n  url: http://localhost:5055/webhook\n", encoding="utf-8")
    assert AvailableEndpoints.read_endpoints(str(file)).event_broker is None


async def test_what_is_kept_in_a_tracker_reaches_the_broker(tmp_path: Path) -> None:
    """With its conversation, in order, once."""
    broker = made(tmp_path, f"  type: SQL\n  dialect: sqlite\n  db: {tmp_path / 'events.db'}\n")
    store = SQLTrackerStore(db=str(tmp_path / "trackers.db"), event_broker=broker)
    tracker = DialogueStateTracker("anna", [])
    for said in ("one", "two"):
        tracker.update(UserUttered(said))
        await store.save(tracker)
    with sqlite3.connect(tmp_path / "events.db") as there:
        until(lambda: there.execute("SELECT count(*) FROM events").fetchone()[0] >= 2)
        rows = [(who, json.loads(data)) for who, data in there.execute("SELECT sender_id, data FROM events ORDER BY id")]
    assert [(who, event["text"]) for who, event in rows] == [("anna", "one"), ("anna", "two")]


class Slow(EventBroker):
    """Waits where it is called, as Rasa's for Kafka does, then breaks."""

    may_go_on = threading.Event()

    @classmethod
    async def from_endpoint_config(cls, broker_config: Any, event_loop: Optional[Any] = None) -> Slow:  # noqa: ARG003  # Rasa's signature
        """It needs nothing."""
        return cls()

    def publish(self, event: dict[str, Any]) -> None:
        """Wait and break."""
        self.may_go_on.wait(10)
        raise ConnectionError("secret detail of the inside")


def test_a_broker_that_is_slow_and_breaks_holds_up_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it did not take is said in the log, by kind only; beyond a bound nothing piles up."""
    monkeypatch.setattr(brokers, "MOST_WAITING", 3)
    broker, began = made(tmp_path, "  type: tests.nlu.test_broker.Slow\n"), time.monotonic()
    for _ in range(5):
        broker.publish({"event": "user", "text": "something private"})
    assert time.monotonic() - began < 1
    assert caplog.text.count("does not keep up") == 2
    broker.broker.may_go_on.set()
    until(lambda: caplog.text.count("did not reach the broker") == 3)
    assert "something private" not in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        "  type: pika\n  url: 127.0.0.1\n  port: 1\n  username: reframe\n  password: word\n  connection_attempts: 1\n  retry_delay_in_seconds: 0\n",
        "  type: SQL\n  dialect: sqlite\n  db: /nowhere/at/all/events.db\n",
    ],
)
def test_one_that_cannot_be_used_is_said_at_the_start(tmp_path: Path, words: str) -> None:
    """Plainly, without its password."""
    with pytest.raises(NoBroker, match=r"endpoints\.yml cannot be used") as refused:
        made(tmp_path, words)
    assert "word" not in str(refused.value)
