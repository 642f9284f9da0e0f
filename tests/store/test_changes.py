"""What another process writes into the same SQLite file is found by one look for all streams; and folders that several processes are given."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.channels.web import events as streams
from bot.channels.web.events import events
from bot.desk.changes import Changes
from bot.desk.own_folder import OwnQueue
from bot.settings import ROOT
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.handover import Handover
from bot.store.messages import Credentials, Inbound, Reply
from tests.store.test_desk import desk_with, echo

WITHIN = 5.0
"""Seconds. It takes a fraction of one (docs/scaling.md), also on a busy machine less than this; what nobody is told of is found after thirty."""


async def heard(store: Conversations, who: Credentials, got: list[str]) -> None:
    """A stream, read until cancelled."""
    desk = desk_with(store, echo)
    working = asyncio.create_task(Changes(desk).run())
    try:
        async for event in events(desk, who, 0):
            got.append(event)  # noqa: PERF401  # it does not end
    finally:
        working.cancel()


async def until(part: str, got: list[str]) -> float:
    """When an event with this part came."""
    for _ in range(200):
        if any(part in event for event in got):
            return time.monotonic()
        await asyncio.sleep(0.02)
    pytest.fail(f"never came: {part}: {got}")


async def test_a_sleeping_stream_is_woken_by_what_another_process_writes(store: Conversations) -> None:
    """On either database: a message, a takeover, typing, the end."""
    who, got = store.open("web"), []
    listening = asyncio.create_task(heard(store, who, got))
    await until("current", got)
    await asyncio.sleep(1.2)
    other = Database(store.database.engine.url.render_as_string(hide_password=False), store.database.sealer)  # what the console has
    hands = Handover(other)
    for write, part in [
        (lambda: Conversations(other).reply(who.id, None, [Reply("from elsewhere")]), "from elsewhere"),
        (lambda: hands.join(who.id, "h", "Sam", "Sam is here"), '"speaker": "Sam"'),
        (lambda: hands.types(who.id, "h"), '"typing": true'),
        (lambda: Conversations(other).delete(who.id), "event: erased"),
    ]:
        began = time.monotonic()
        await asyncio.to_thread(write)
        assert await until(part, got) - began < WITHIN
    await listening


async def test_a_sleeping_stream_asks_the_database_nothing_and_says_that_it_lives(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long nothing happens."""
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.1)
    who, got, looks = store.open("web"), [], 0
    desk, messages = desk_with(store, echo), store.messages

    def counted(conversation_id: str, after: int = 0) -> object:
        nonlocal looks
        looks += 1
        return messages(conversation_id, after)

    monkeypatch.setattr(store, "messages", counted)

    async def listen() -> None:
        async for event in events(desk, who, 0):
            got.append(event)  # noqa: PERF401  # it does not end

    listening = asyncio.create_task(listen())
    await asyncio.sleep(1)
    assert looks == 1
    assert sum(event.startswith(": here") for event in got) >= 5
    await desk.receive(who.id, Inbound("hello"))
    await until("heard hello", got)
    listening.cancel()


async def test_that_an_answer_is_on_its_way_at_another_worker_is_shown(store: Conversations) -> None:
    """As long as it takes; one that comes at once needs no sign. Only several workers of PostgreSQL tell each other."""
    if store.database.engine.dialect.name == "sqlite":
        pytest.skip("one process answers there")
    done = asyncio.Event()

    async def slow(words: str) -> list[Reply]:
        await done.wait()
        return await echo(words)

    who, got = store.open("web"), []
    answering = desk_with(Conversations(Database(store.database.engine.url.render_as_string(hide_password=False), store.database.sealer)), slow)
    working = asyncio.create_task(Changes(answering).run())
    listening = asyncio.create_task(heard(store, who, got))
    await until("current", got)
    await asyncio.sleep(1.2)
    receiving = asyncio.create_task(answering.receive(who.id, Inbound("hello")))
    await until('"typing": true', got)
    done.set()
    await receiving
    await until("heard hello", got)
    await until('"typing": false', got)
    listening.cancel()
    working.cancel()


async def test_that_a_supporter_writes_ends_by_itself(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything new in the database."""
    monkeypatch.setattr(streams, "TYPING_LASTS", streams.TYPING_LASTS / 10)
    who, got, hands = store.open("web"), [], Handover(store.database)
    hands.join(who.id, "h", "Sam", "Sam is here")
    hands.types(who.id, "h")
    listening = asyncio.create_task(heard(store, who, got))
    await until('"typing": true', got)
    await until('"typing": false', got)
    listening.cancel()


def test_processes_that_are_given_the_same_folder_each_have_a_place_of_their_own(tmp_path: Path) -> None:
    """And what a process that is gone left there is taken over by the next that starts."""
    put = "import sys, time; from pathlib import Path; from bot.desk.own_folder import OwnQueue\n"
    put += "queue = OwnQueue(Path(sys.argv[1])); queue.put('theirs'); print('put', flush=True); time.sleep(60)"
    mine = OwnQueue(tmp_path)
    mine.put("mine")
    other = subprocess.Popen([sys.executable, "-c", put, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert other.stdout is not None
    assert other.stdout.readline() == "put\n"
    third = OwnQueue(tmp_path)
    assert (mine.size, third.size) == (1, 0)
    third.leave()
    other.kill()
    other.wait(10)
    mine.leave()
    fourth = OwnQueue(tmp_path)
    assert [fourth.get(block=False), fourth.get(block=False)] == ["mine", "theirs"]
    fourth.leave()
