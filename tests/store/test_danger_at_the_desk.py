"""Danger is answered at the desk, whatever is broken behind it or beside it; and what could not be stored is stored later."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterator, Optional

import pytest
from sqlalchemy import create_engine

from bot.desk.notices import Intervals, due
from bot.safety.scoring import Score
from bot.store.conversations import Conversations
from bot.store.database import Database, StoreAway
from bot.store.messages import Credentials, Inbound
from tests.conftest import keys
from tests.store.test_desk import breaks, desk_with, echo, hangs, nothing

DANGER = "I want to kill myself"


@contextmanager
def away(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database does not answer."""

    def gone(self: Database) -> None:
        raise StoreAway("gone")

    with monkeypatch.context() as broken:
        broken.setattr(Database, "unit", gone)
        yield


@pytest.mark.parametrize("answer", [echo, nothing, breaks, hangs])
async def test_danger_never_reaches_the_agent(store: Conversations, answer: object) -> None:
    """So nothing that is wrong with it can matter."""
    conversation = store.open("web").id
    desk = desk_with(store, answer)
    (said,) = await desk.receive(conversation, Inbound(DANGER))
    assert "emergency number" in said.text
    assert desk.agent.heard == []


async def test_it_latches_at_the_desk_over_turns_and_restarts(store: Conversations) -> None:
    """The state is in the store, and another process reads it."""
    conversation = store.open("web").id
    await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    for text in ("just joking", "I failed therapy", "hello"):
        (said,) = await desk_with(store, echo).receive(conversation, Inbound(text))
        assert not said.text.startswith("heard")
    (said,) = await desk_with(store, echo).receive(conversation, Inbound("I called my sister and she is coming over"))
    assert not said.text.startswith("heard")
    desk = desk_with(store, echo)
    (said,) = await desk.receive(conversation, Inbound("I failed therapy"))
    assert said.text == "heard I failed therapy"
    assert desk.agent.interrupted


@pytest.mark.parametrize("text", ["/restart " + DANGER, "x" * 90_000 + ". " + DANGER + ". and so on", DANGER.upper()])
async def test_danger_is_seen_wherever_it_stands(store: Conversations, text: str) -> None:
    """After what looks like a command, and at the end of a long text."""
    conversation = store.open("web").id
    (said,) = await desk_with(store, echo).receive(conversation, Inbound(text))
    assert "emergency number" in said.text


async def test_what_the_scorer_finds_is_asked_about(store: Conversations) -> None:
    """At the desk as in the pipeline."""
    conversation = store.open("web").id
    (said,) = await desk_with(store, echo, likelihood=lambda text: Score(1.0, 0.0, "suicide")).receive(conversation, Inbound("the drawer is open again"))
    assert not said.text.startswith("heard")


async def test_without_the_scorer_the_rules_go_on(store: Conversations, caplog: pytest.LogCaptureFixture) -> None:
    """And the failure is in the log."""

    def broken(text: str) -> Optional[Score]:
        raise RuntimeError("no weights")

    conversation = store.open("web").id
    desk = desk_with(store, echo, likelihood=broken)
    assert "emergency number" in (await desk.receive(conversation, Inbound(DANGER)))[0].text
    assert (await desk.receive(store.open("web").id, Inbound("hello")))[0].text == "heard hello"
    assert "the scorer failed" in caplog.text


async def test_with_the_database_away_danger_is_answered_and_kept(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes into the spool, latches in the process, and is stored once when the database is back."""
    new = store.open("web")
    desk = desk_with(store, echo)
    with away(store, monkeypatch):
        (said,) = await desk.receive(new.id, Inbound(DANGER, "one"), new.secret)
        assert "emergency number" in said.text
        await desk.receive(new.id, Inbound(DANGER, "one"), new.secret)
        (later,) = await desk.receive(new.id, Inbound("hello"), new.secret)
        assert "not reachable" not in later.text
        assert store_is_away(store)
    assert await desk.replay() == 3
    kept = [(m.author, m.text) for m in store.messages(new.id)]
    assert kept == [("person", DANGER), ("crisis", said.text), ("person", "hello"), ("crisis", later.text)]


def store_is_away(store: Conversations) -> bool:
    """Whether a read fails."""
    try:
        store.messages("x")
    except StoreAway:
        return True
    return False


async def test_an_ordinary_message_is_kept_as_well_and_said_so(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next message after the database is back stores it first."""
    new = store.open("web")
    desk = desk_with(store, echo)
    with away(store, monkeypatch):
        (said,) = await desk.receive(new.id, Inbound("I failed therapy"), new.secret)
    assert "kept" in said.text
    await desk.receive(new.id, Inbound("hello"), new.secret)
    assert [m.text for m in store.messages(new.id) if m.author == "person"] == ["I failed therapy", "hello"]


async def test_a_conversation_may_begin_while_the_database_is_away(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its credentials are good afterwards."""
    desk = desk_with(store, echo)
    with away(store, monkeypatch):
        new, said = await desk.open("web")
        assert said[0].text == "I'm a program."
        await desk.receive(new.id, Inbound(DANGER), new.secret)
    await desk.replay()
    assert store.admits(new)
    assert [m.author for m in store.messages(new.id)] == ["bot", "person", "crisis"]


async def test_a_conversation_begun_while_the_database_was_away_is_known_as_soon_as_it_is_back(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody has written anything; a wrong secret is none all the same."""
    desk = desk_with(store, echo)
    with away(store, monkeypatch):
        new, _ = await desk.open("web")
        with pytest.raises(StoreAway):
            await desk.admits(new)
    assert not await desk.admits(Credentials(new.id, "a wrong secret"))
    assert await desk.admits(new)


async def test_nobody_can_write_into_a_conversation_of_others_while_the_database_is_away(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is proved when it is stored."""
    theirs = store.open("web")
    desk = desk_with(store, echo)
    with away(store, monkeypatch):
        await desk.receive(theirs.id, Inbound("planted"), "a wrong secret")
    await desk.replay()
    assert store.messages(theirs.id) == []


async def test_a_locked_sqlite_database_counts_as_away(tmp_path: object) -> None:
    """Another process holds the write lock for longer than we wait."""
    url = f"sqlite:///{tmp_path}/locked.db"
    database = Database(url, keys())
    database.migrate()
    store = Conversations(database)
    new = store.open("web")
    with create_engine(url).connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        (said,) = await desk_with(store, echo).receive(new.id, Inbound(DANGER), new.secret)
        other.exec_driver_sql("ROLLBACK")
    assert "emergency number" in said.text


async def test_a_start_with_a_locked_database_answers_what_was_left_when_the_lock_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start itself does not fail; a message that comes meanwhile, or is sent again, has one answer."""
    monkeypatch.setattr("bot.store.database.BUSY_MS", 50)
    monkeypatch.setattr("bot.desk.desk.AWAY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path}/locked.db", keys())
    database.migrate()
    store = Conversations(database)
    new, other = store.open("web"), store.open("web")
    left, again = store.receive(new.id, Inbound(DANGER)), store.receive(other.id, Inbound("hello", "one"))
    desk = desk_with(store, echo)
    with sqlite3.connect(tmp_path / "locked.db", isolation_level=None) as elsewhere:
        elsewhere.execute("BEGIN EXCLUSIVE")
        assert await desk.settle() == 0
        elsewhere.execute("ROLLBACK")
    await desk.receive(other.id, Inbound("hello", "one"), other.secret)
    while store.unanswered():  # noqa: ASYNC110  # what is waited for is in the database
        await asyncio.sleep(0.05)
    assert [m.author for m in store.replies_to(left.number)] == ["crisis"]
    assert len(store.replies_to(again.number)) == 1


async def test_referrals_are_counted_by_year_without_identifiers_and_outlive_the_conversation(store: Conversations) -> None:
    """One for each answer that names people to turn to."""
    desk = desk_with(store, echo)
    for _ in range(2):
        conversation = store.open("web").id
        await desk.receive(conversation, Inbound(DANGER))
        await desk.receive(store.open("web").id, Inbound("hello"))
        await desk.delete(conversation)
    assert store.referrals() == {datetime.now(timezone.utc).year: 2}


NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("noticed", "seen", "expected"),
    [
        (timedelta(minutes=5), timedelta(minutes=1), None),
        (timedelta(hours=2, minutes=59), timedelta(minutes=1), None),
        (timedelta(hours=3), timedelta(minutes=1), "notice_hours"),
        (timedelta(minutes=90), timedelta(minutes=61), "notice_session"),
        (timedelta(days=6), timedelta(days=6), "notice_session"),
        (timedelta(days=8), timedelta(days=8), "notice_away"),
        (timedelta(days=8), None, "notice_away"),
    ],
)
def test_a_notice_is_due_by_time(noticed: timedelta, seen: Optional[timedelta], expected: Optional[str]) -> None:
    """At a session's start, after a week, every three hours."""
    assert due(Intervals(), NOON, NOON - noticed, seen and NOON - seen) == expected


async def test_the_notice_comes_before_the_answer_once(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """And again three hours later."""
    clock = [NOON]
    monkeypatch.setattr("bot.store.messages.now", lambda: clock[0])
    conversation = store.open("web").id
    desk = desk_with(store, echo)
    said = []
    for minutes in (1, 200, 1, 50, 50, 50, 31):
        clock[0] += timedelta(minutes=minutes)
        said.append(len(await desk.receive(conversation, Inbound("hello"))))
    assert said == [1, 2, 1, 1, 1, 1, 2]


async def test_what_cannot_be_read_gets_an_honest_sentence_with_help(store: Conversations) -> None:
    """A picture, a recording, a file."""
    conversation = store.open("web").id
    (said,) = await desk_with(store, echo).receive(conversation, Inbound("", media="picture"))
    assert "emergency number" in said.text
    assert "can't see pictures" in said.text
