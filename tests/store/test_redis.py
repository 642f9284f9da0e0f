"""What several workers share in Redis: rates and Rasa's tickets; and that nobody waits for a Redis that is away."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Iterator
from uuid import uuid4

import pytest
import redis
from limits import parse
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig

from bot import counting
from bot.agent import locking
from bot.agent.locking import SharedTickets, lock_store_of
from bot.counting import Counts

REDIS = os.environ.get("REFRAME_TEST_REDIS")
"""Set by `.ci/run`. Without it the tests on Redis are skipped, and say so."""
NOBODY_THERE = "redis://127.0.0.1:1/0"
RATE = parse("3/minute")


@pytest.fixture
def redis_url() -> str:
    """A running Redis."""
    if not REDIS:
        (pytest.fail if os.environ.get("REFRAME_TEST_EVERYTHING") else pytest.skip)("REFRAME_TEST_REDIS names no server")
    return str(REDIS)


@pytest.fixture
def who(redis_url: str) -> Iterator[str]:
    """A name that nobody else uses."""
    name = uuid4().hex
    yield name
    line = redis.Redis.from_url(redis_url)
    for key in line.scan_iter(f"*{name}*"):
        line.delete(key)


def test_what_workers_count_in_redis_is_one_count(redis_url: str, who: str) -> None:
    """With how long to wait; another's count is its own."""
    one, other = Counts(redis_url), Counts(redis_url)
    assert [counts.hit(RATE, "messages", who) for counts in (one, other, one, other)] == [True, True, True, False]
    assert 1 <= one.seconds_left(RATE, "messages", who) <= 60
    assert one.hit(RATE, "messages", f"{who} another")


def test_without_redis_each_process_counts_for_itself() -> None:
    """As ever."""
    one, other = Counts(), Counts()
    assert [one.hit(RATE, "ann") for _ in range(4)] == [True, True, True, False]
    assert other.hit(RATE, "ann")


def test_while_redis_is_away_each_process_counts_for_itself_and_asks_only_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is let through without a limit, and nobody waits."""
    counts = Counts(NOBODY_THERE)
    began = time.monotonic()
    assert [counts.hit(RATE, "ann") for _ in range(4)] == [True, True, True, False]
    assert time.monotonic() - began < 2 * counting.SOCKET_SECONDS
    assert caplog.text.count("Redis is away") == 1


def test_when_redis_is_back_it_is_counted_there_again(redis_url: str, who: str) -> None:
    """After some seconds."""
    counts = Counts(redis_url)
    assert counts._shared is not None
    there, counts._shared.storage.connection_pool = counts._shared.storage.connection_pool, redis.ConnectionPool.from_url(NOBODY_THERE)
    assert counts.hit(RATE, who)
    counts._shared.storage.connection_pool = there
    counts._away_until = time.monotonic()
    assert counts.hit(RATE, who)
    assert [Counts(redis_url).hit(RATE, who) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("configured", "redis_url", "kind"),
    [
        (None, "", InMemoryLockStore),
        (None, "redis://:word@127.0.0.1:6379/3", SharedTickets),
        (None, "rediss://127.0.0.1", SharedTickets),
        (EndpointConfig(type="in_memory"), "redis://127.0.0.1:6379/3", InMemoryLockStore),
        (EndpointConfig(type="redis", url="127.0.0.1", port=6379), "", SharedTickets),
    ],
)
def test_tickets_are_where_endpoints_say_else_in_redis_where_there_is_one(configured: EndpointConfig | None, redis_url: str, kind: type[LockStore]) -> None:
    """Rasa's own stores."""
    store = lock_store_of(configured, redis_url)
    assert type(store) is kind
    if isinstance(store, SharedTickets):
        assert type(store.shared) is RedisLockStore
        given = store.shared.red.connection_pool.connection_kwargs
        assert given["host"] == "127.0.0.1"
        if "word" in redis_url:
            assert (given["port"], given["db"], given["password"]) == (6379, 3, "word")


async def test_a_ticket_of_one_worker_keeps_another_waiting(redis_url: str, who: str) -> None:
    """Until it is given back; nothing of it stays."""
    one, other = (lock_store_of(None, redis_url) for _ in range(2))
    order = []

    async def hold() -> None:
        async with one.lock(who):
            order.append("one begins")
            await asyncio.sleep(0.5)
            order.append("one ends")

    async def follow() -> None:
        await asyncio.sleep(0.2)
        async with other.lock(who):
            order.append("other begins")

    await asyncio.gather(hold(), follow())
    assert order == ["one begins", "one ends", "other begins"]
    assert one.get_lock(who) is None


async def test_the_ticket_of_a_killed_worker_is_torn_up(redis_url: str, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa's own would stand in the way for a minute; the desk has agreed on the turn before."""
    monkeypatch.setattr(locking, "WAIT_SECONDS", 0.3)
    killed, store = lock_store_of(None, redis_url), lock_store_of(None, redis_url)
    killed.issue_ticket(who)
    async with store.lock(who):
        pass
    began = time.monotonic()
    async with store.lock(who):
        assert time.monotonic() - began < 0.3


async def test_while_redis_is_away_a_turn_goes_on_with_the_tickets_of_this_process() -> None:
    """Also when it goes away in the middle of it."""
    store = lock_store_of(None, NOBODY_THERE)
    began = time.monotonic()
    for _ in range(3):
        async with store.lock("ann"):
            pass
    assert time.monotonic() - began < 2 * locking.SOCKET_SECONDS


async def test_a_redis_that_goes_away_during_a_turn_does_not_spoil_it(redis_url: str, who: str) -> None:
    """What was worked out is kept; and what breaks in the turn itself is still said."""
    store = lock_store_of(None, redis_url)
    assert isinstance(store, SharedTickets)
    async with store.lock(who):
        store.shared.red.connection_pool = redis.ConnectionPool.from_url(NOBODY_THERE)
    store = lock_store_of(None, redis_url)
    with pytest.raises(ZeroDivisionError):
        async with store.lock(f"{who} 2"):
            raise ZeroDivisionError
    assert store.get_lock(f"{who} 2") is None
