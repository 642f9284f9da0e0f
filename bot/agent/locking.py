"""Rasa's tickets for a conversation, in Redis for all workers; while Redis is away, those of this process."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, AsyncGenerator, Optional

from async_timeout import timeout
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig
from redis.connection import SSLConnection, parse_url
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
SOCKET_SECONDS = 0.5
WAIT_SECONDS = 2.0
"""The desk lets one turn at a time into a conversation. A ticket that stands longer in the way is of a worker that was killed, and would do so for a minute."""
AWAY_SECONDS = 5.0
"""After so long a Redis that was away is asked again."""


class SharedTickets(LockStore):
    """A store of tickets that keeps nobody waiting for a Redis that is away. That is safe since the desk has agreed on the turn before, without Redis."""

    def __init__(self, shared: RedisLockStore) -> None:
        self.shared, self.here = shared, InMemoryLockStore()
        self._away_until = 0.0

    @asynccontextmanager
    async def lock(self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 0.1) -> AsyncGenerator[TicketLock, None]:
        """The turn of a conversation, in Redis where that can be."""
        async with AsyncExitStack() as stack:
            ticket = await self._ticket(stack, conversation_id, lock_lifetime, wait_time_in_seconds)
            yield ticket or await stack.enter_async_context(self.here.lock(conversation_id, lock_lifetime, wait_time_in_seconds))

    async def _ticket(self, stack: AsyncExitStack, conversation_id: str, lifetime: float, wait: float) -> Optional[TicketLock]:
        if time.monotonic() < self._away_until:
            return None
        held = self.shared.lock(conversation_id, lifetime, wait)
        try:
            async with timeout(WAIT_SECONDS):
                ticket: TicketLock = await held.__aenter__()
        except asyncio.TimeoutError:
            self._tear_up(conversation_id)
            return None
        except (LockError, RedisError) as error:
            self._is_away(error)
            return None
        stack.push_async_callback(self._given_back, held)
        return ticket

    def _tear_up(self, conversation_id: str) -> None:
        log.warning("a ticket of a worker that is gone was torn up")
        try:
            self.shared.delete_lock(conversation_id)
        except RedisError as error:
            self._is_away(error)

    async def _given_back(self, held: Any) -> None:
        try:
            await held.__aexit__(None, None, None)
        except RedisError as error:  # the turn itself is over; the ticket ends by itself
            self._is_away(error)

    def _is_away(self, error: Exception) -> None:
        log.warning("Redis is away, so tickets are given out in this process: %s", type(error).__name__)
        self._away_until = time.monotonic() + AWAY_SECONDS

    def get_lock(self, conversation_id: str) -> Optional[TicketLock]:
        """As it stands in Redis."""
        lock: Optional[TicketLock] = self.shared.get_lock(conversation_id)
        return lock

    def delete_lock(self, conversation_id: str) -> None:
        """In Redis."""
        self.shared.delete_lock(conversation_id)

    def save_lock(self, lock: TicketLock) -> None:
        """In Redis."""
        self.shared.save_lock(lock)


def lock_store_of(configured: Optional[EndpointConfig], redis_url: str) -> LockStore:
    """What `endpoints.yml` names, else Redis where there is an address, else the memory of this process."""
    store = LockStore.create(configured) if configured or not redis_url else RedisLockStore(**_place(redis_url), socket_timeout=SOCKET_SECONDS)
    return SharedTickets(store) if isinstance(store, RedisLockStore) else store


def _place(redis_url: str) -> dict[str, Any]:
    """An address as Rasa takes it."""
    parsed = parse_url(redis_url)
    place = {name: parsed[name] for name in ("host", "port", "db", "username", "password") if name in parsed}
    return {"db": 0, **place, "use_ssl": parsed.get("connection_class") is SSLConnection}
