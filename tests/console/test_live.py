"""The console sees what any other process writes soon, on either database, without looking again and again."""

from __future__ import annotations

import asyncio
import time
from typing import AsyncIterator, Callable

import pytest

from bot.console import live
from bot.console.live import Watcher
from bot.desk.feed import Feed
from bot.store.conversations import Conversations
from bot.store.database import Database, StoreAway
from bot.store.handover import Handover
from bot.store.messages import Inbound
from bot.store.sign_ins import Lifetimes, SignIns
from tests.console.conftest import account, parts_of

WITHIN = 5.0
"""Seconds. It takes a fraction of one (docs/scaling.md), also on a busy machine less than this; what nobody is told of is found after thirty."""


@pytest.fixture
async def watcher(store: Conversations) -> AsyncIterator[Watcher]:
    """A console's watcher at work."""
    found = parts_of(store.database).watcher
    working = asyncio.create_task(found.run())
    await asyncio.sleep(1.2)
    yield found
    working.cancel()


@pytest.fixture
def elsewhere(store: Conversations) -> Conversations:
    """The store as a worker has it."""
    return Conversations(Database(store.database.engine.url.render_as_string(hide_password=False), store.database.sealer))


async def until(done: Callable[[], bool]) -> float:
    """When something came to be so. Fails after some seconds."""
    for _ in range(300):
        if done():
            return time.monotonic()
        await asyncio.sleep(0.01)
    pytest.fail("never came")


async def test_the_queue_shows_soon_who_needs_somebody_and_who_holds_them(watcher: Watcher, elsewhere: Conversations) -> None:
    """Whichever process wrote it."""
    conversation = elsewhere.open("web").id
    message = elsewhere.receive(conversation, Inbound("I want to kill myself"))
    began = time.monotonic()
    await asyncio.to_thread(elsewhere.call, conversation, "urgent", message.number)
    assert await until(lambda: [row.need for row in watcher.snapshot.rows] == ["urgent"]) - began < WITHIN
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await asyncio.to_thread(Handover(elsewhere.database).claim, conversation, "h", "Sam")
    assert await until(lambda: [row.holder for row in watcher.snapshot.rows] == ["h"]) - began < WITHIN


async def test_an_open_conversation_is_woken_soon_by_a_message(watcher: Watcher, elsewhere: Conversations) -> None:
    """And its end."""
    conversation = elsewhere.open("web").id
    topic = watcher.feed.topic(conversation)
    await asyncio.sleep(1)
    for write in (lambda: elsewhere.receive(conversation, Inbound("hello")), lambda: elsewhere.delete(conversation)):
        version = topic.version
        await asyncio.to_thread(write)
        assert await Feed.wait(topic, version, WITHIN)
        await asyncio.sleep(0.7)


async def test_streams_look_at_once_when_somebody_is_signed_out(watcher: Watcher, store: Conversations) -> None:
    """So that nothing is shown to who may not read any more."""
    signing, who = SignIns(store.database, Lifetimes()), account(parts_of(store.database), "sam")
    token = signing.begin(who.id, "full")
    signed = signing.find(token)
    assert signed
    topic = watcher.feed.topic("any")
    await asyncio.sleep(1)
    version = topic.version
    await asyncio.to_thread(signing.end, signed.token_hash)
    assert await Feed.wait(topic, version, WITHIN)


async def test_while_nothing_is_written_nobody_looks(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue's own looks as well, but for those that the time asks for."""
    monkeypatch.setattr(live, "KEEP_SECONDS", 60)
    looks = 0
    look = watcher.look

    def counted() -> object:
        nonlocal looks
        looks += 1
        return look()

    await asyncio.sleep(1)
    monkeypatch.setattr(watcher, "look", counted)
    await asyncio.sleep(3)
    assert looks <= 1


async def test_a_database_that_was_away_is_looked_at_again_soon(watcher: Watcher, elsewhere: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """And until then the console says that it is old."""
    look = watcher.look

    def away() -> object:
        raise StoreAway("gone")

    monkeypatch.setattr(watcher, "look", away)
    elsewhere.open("web")
    elsewhere.receive(elsewhere.open("web").id, Inbound("hello"))
    await until(lambda: watcher.snapshot.away)
    monkeypatch.setattr(watcher, "look", look)
    await until(lambda: not watcher.snapshot.away)
