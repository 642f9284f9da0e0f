"""What is counted while messages are worked through, and that nothing of a person is in it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Callable

import httpx
import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from bot.desk import depths
from bot.desk.arrivals import Arrival, Inbox
from bot.metrics.levels import Level, measure
from bot.metrics.serving import NoMetrics, serve_metrics
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.database import StoreAway
from bot.store.handover import Handover
from bot.store.messages import Inbound, Reply, now
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.store.test_desk import Answer, breaks, desk_with, echo, hangs, nothing

DANGER = "I want to kill myself"
LABELS = {"answer", "step", "tier", "kind", "channel", "outcome", "state", "need", "le"}
"""All labels that a measure of ours may have."""


def counted(name: str, **labels: str) -> float:
    """A counter as it stands."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def grown(name: str, **labels: str) -> Callable[[], float]:
    """How much it has grown since."""
    before = counted(name, **labels)
    return lambda: counted(name, **labels) - before


@pytest.mark.parametrize(
    ("text", "tier", "by"),
    [("hello there", "none", "bot"), (DANGER, "urgent", "crisis"), ("I am tired of therapy", "none", "bot")],
    ids=["calm", "danger", "tired"],
)
async def test_a_turn_is_counted_by_its_risk_and_by_what_answered(store: Conversations, text: str, tier: str, by: str) -> None:
    """Once, with its time."""
    turns, screened, timed = grown("reframe_turns_total", answer=by), grown("reframe_screened_total", tier=tier), grown("reframe_turn_seconds_count", answer=by)
    missed = grown("reframe_danger_unanswered_total")
    await desk_with(store, echo).receive(store.open("web").id, Inbound(text))
    assert (turns(), screened(), timed(), missed()) == (1, 1, 1, 0)


@pytest.mark.parametrize(("answer", "kind"), [(nothing, "agent_empty"), (hangs, "agent_late"), (breaks, "agent_broke")])
async def test_what_went_wrong_is_counted_by_its_kind(store: Conversations, answer: Answer, kind: str) -> None:
    """And the turn as one with a standing reply; a turn that goes well is no failure."""
    failures, standing = grown("reframe_failures_total", kind=kind), grown("reframe_turns_total", answer="standing")
    conversation = store.open("web").id
    await desk_with(store, echo).receive(conversation, Inbound("hello"))
    assert (failures(), standing()) == (0, 0)
    await desk_with(store, answer, seconds=0.1).receive(conversation, Inbound("hello"))
    assert (failures(), standing()) == (1, 1)


@pytest.mark.parametrize(("text", "missed"), [(DANGER, 1), ("hello there", 0)])
async def test_danger_whose_answer_could_not_be_kept_is_counted(store: Conversations, monkeypatch: pytest.MonkeyPatch, text: str, missed: int) -> None:
    """An ordinary message that broke is not."""
    unanswered, broke = grown("reframe_danger_unanswered_total"), grown("reframe_turns_total", answer="broke")
    conversation, desk = store.open("web").id, desk_with(store, echo)

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(store, "reply", fails)
    with pytest.raises(RuntimeError):
        await desk.receive(conversation, Inbound(text))
    assert (unanswered(), broke()) == (missed, 1)


async def test_danger_in_the_hands_of_a_supporter_is_not_counted_as_unanswered(store: Conversations) -> None:
    """They have it, and the program keeps still."""
    unanswered, nobody = grown("reframe_danger_unanswered_total"), grown("reframe_turns_total", answer="nobody")
    conversation = store.open("web").id
    handover = Handover(store.database)
    handover.claim(conversation, "u1", "Una")
    handover.join(conversation, "u1", "Una", "Una is here.")
    await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    assert (unanswered(), nobody()) == (0, 1)


async def test_what_waits_in_files_is_seen_and_counted(store: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spool while the database is away, the inbox until somebody was answered."""
    conversation, desk, away = store.open("web").id, desk_with(store, echo), grown("reframe_failures_total", kind="store_away")
    inbox = Inbox(tmp_path / "inbox", Sealer({"names": bytes(32), "k1": bytes(32)}))

    def levels() -> dict[str, float]:
        return {level.name: level.values[""] for level in depths.kept(desk.spool, inbox)}

    assert levels() == {"reframe_spool_depth": 0, "reframe_inbox_depth": 0}

    def fails(*_: object) -> None:
        raise StoreAway("away")

    monkeypatch.setattr(store, "receive", fails)
    await desk.receive(conversation, Inbound("hello"))
    inbox.put(Arrival("telegram", "1", "somebody"))
    assert levels() == {"reframe_spool_depth": 1, "reframe_inbox_depth": 1}
    assert away() == 1
    taken = inbox.next()
    assert taken
    assert levels()["reframe_inbox_depth"] == 1
    inbox.done(taken[0])
    assert levels()["reframe_inbox_depth"] == 0


def test_the_outbox_is_measured_by_state_and_by_how_late_it_is(store: Conversations) -> None:
    """What was sent is not counted any more."""
    outbox, people = Outbox(store.database), Correspondents(store.database)

    def levels() -> dict[str, dict[str, float]]:
        return {level.name: dict(level.values) for level in depths.stored(outbox)}

    assert levels() == {"reframe_outbox_depth": {"waiting": 0, "sending": 0, "dead": 0}, "reframe_outbox_late_seconds": {"": 0.0}}
    people.meet("p", "telegram", "sealed address", [])
    store.reply("p", None, [Reply("one"), Reply("two"), Reply("three")])
    first, *_ = outbox.due(now() + timedelta(seconds=1))
    outbox.again(first.id, now() - timedelta(seconds=90), "busy", 1)
    assert levels()["reframe_outbox_depth"] == {"waiting": 3, "sending": 0, "dead": 0}
    assert 80 < levels()["reframe_outbox_late_seconds"][""] < 120
    outbox.sent(first.id)
    second, *_ = outbox.due(now() + timedelta(seconds=1))
    outbox.dead(second.id, "gone")
    assert levels()["reframe_outbox_depth"] == {"waiting": 1, "sending": 0, "dead": 1}


def test_what_cannot_be_read_is_left_out_and_says_so() -> None:
    """The other measures stand."""
    registry = CollectorRegistry()

    def fails() -> list[Level]:
        raise StoreAway("away")

    measure("reframe_database", fails, registry)
    measure("reframe_files", lambda: [Level("reframe_spool_depth", "Messages.", {"": 2})], registry)
    assert registry.get_sample_value("reframe_database_up") == 0
    assert registry.get_sample_value("reframe_files_up") == 1
    assert registry.get_sample_value("reframe_spool_depth") == 2


def test_while_one_waits_for_a_database_that_hangs_the_next_is_answered_at_once() -> None:
    """Requests for metrics do not pile up."""
    registry, released, begun = CollectorRegistry(), threading.Event(), threading.Event()

    def hanging() -> list[Level]:
        begun.set()
        released.wait(30)
        return []

    measure("reframe_database", hanging, registry)
    first = threading.Thread(target=generate_latest, args=(registry,))
    first.start()
    begun.wait(30)
    assert registry.get_sample_value("reframe_database_up") == 0
    released.set()
    first.join(30)
    assert registry.get_sample_value("reframe_database_up") == 1


async def test_nothing_of_a_person_is_in_what_is_served(store: Conversations) -> None:
    """No words, no name, no id of a conversation; only the labels that are known."""
    conversation = store.open("web").id
    for text in (f"My name is Zebedee and {DANGER}", "my therapist Quillfeather", "a\nreframe_turns_total 7"):
        await desk_with(store, breaks).receive(conversation, Inbound(text, client_id="Zebedee-1"))
    served = generate_latest(REGISTRY).decode()
    for secret in ("Zebedee", "Quillfeather", conversation, "reframe_turns_total 7"):
        assert secret not in served
    ours = "\n".join(line for line in served.splitlines() if line.startswith("reframe_"))
    assert set(re.findall(r'[{,]([a-z_]+)="', ours)) <= LABELS


def test_the_metrics_are_served_on_a_port_of_their_own() -> None:
    """Without one they are not, and one that is taken is said in a sentence."""
    assert serve_metrics("127.0.0.1", None) is None
    port = serve_metrics("127.0.0.1", 0)
    assert "reframe_model_loaded" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    with pytest.raises(NoMetrics, match=f"127.0.0.1:{port}"):
        serve_metrics("127.0.0.1", port)
