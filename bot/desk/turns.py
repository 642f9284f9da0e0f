"""One turn at a time in each conversation, whichever worker serves it, in the order in which messages came here; and which messages are in hand."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import AsyncIterator, Awaitable, Callable, TypeVar
from weakref import WeakValueDictionary

from async_timeout import timeout

from bot.safety.screening import assess
from bot.store.database import StoreAway
from bot.store.locks import Locks

log = logging.getLogger(__name__)
Result = TypeVar("Result")
HURRY_SECONDS = 2.0
"""Danger is answered after so long at the latest, whoever has the turn."""
LOOK_SECONDS = 0.05
"""How often is looked whether another worker has ended its turn."""


async def _never() -> bool:
    return False


class Turns:
    """The turns of one process, agreed with the other workers through the locks. The store sees to it that each message gets one answer in any case."""

    def __init__(self, locks: Locks, store_seconds: float, longest: float) -> None:
        """`store_seconds` is how long the database may take; after `longest` seconds another worker's turn is taken to be stuck and not waited for."""
        self.locks, self.store_seconds, self.longest = locks, store_seconds, longest
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # One thread: what is given up is given up after it was taken, also when nobody waited for that any more.
        self._thread = ThreadPoolExecutor(1, "locks")

    @asynccontextmanager
    async def in_hand(self, conversation_id: str) -> AsyncIterator[None]:
        """Other workers leave its messages to this one as long as it lives. Raises StoreAway."""
        name = _in_hand(conversation_id)
        while not await self._got(self.locks.share, name):  # noqa: ASYNC110  # another process looks just now whether anybody has it in hand
            await asyncio.sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            self._give_up(name)

    async def anybody_has(self, conversation_id: str) -> bool:
        """Whether a living worker has messages of this conversation in hand. Raises StoreAway."""
        return await self._asked(lambda: self.locks.anybody(_in_hand(conversation_id)))

    async def lead(self, work: str) -> bool:
        """Whether this worker is the one that does some work for all. Raises StoreAway."""
        return await self._asked(lambda: self.locks.lead(work))

    async def refresh(self) -> None:
        """Notice a line to the database that broke, and take again what was held over it. Raises StoreAway."""
        await self._asked(self.locks.refresh)

    @asynccontextmanager
    async def turn(self, conversation_id: str, text: str, too_early: Callable[[], Awaitable[bool]] = _never) -> AsyncIterator[None]:
        """The turn for a message; one in which the rules see danger does not wait for a turn that takes long.

        `too_early` says that an earlier message waits at another worker, which comes first. Raises StoreAway.
        """
        name = f"turn {conversation_id}"
        async with self.turn_here(conversation_id, text) as hurried:
            ours = await self._waited(name, text, hurried, too_early)
            try:
                yield
            finally:
                if ours:
                    self._give_up(name)

    @asynccontextmanager
    async def turn_here(self, conversation_id: str, text: str) -> AsyncIterator[bool]:
        """The turn among those of this process alone, as while the database is away; yields whether danger did not wait for it."""
        lock = self._here.setdefault(conversation_id, asyncio.Lock())
        acquiring = asyncio.ensure_future(lock.acquire())
        try:
            await asyncio.wait([acquiring], timeout=HURRY_SECONDS)
            hurried = bool(not acquiring.done() and _danger(text) and acquiring.cancel())
            if not hurried:
                await acquiring
        except asyncio.CancelledError:
            if not acquiring.cancel():
                lock.release()
            raise
        try:
            yield hurried
        finally:
            if not hurried:
                lock.release()

    async def _waited(self, name: str, text: str, hurried: bool, too_early: Callable[[], Awaitable[bool]]) -> bool:
        """Wait for other workers; says whether it is ours now."""
        if not self.locks.shared:
            return False
        began = time.monotonic()
        while not await self._got(self.locks.take, name) or await self._gave_way(name, too_early):
            waited = time.monotonic() - began
            hurried = hurried or (waited > HURRY_SECONDS and _danger(text))
            if hurried or waited > self.longest:
                log.warning("a turn at another worker takes long and is not waited for")
                return False
            await asyncio.sleep(LOOK_SECONDS)
        return True

    async def _gave_way(self, name: str, too_early: Callable[[], Awaitable[bool]]) -> bool:
        """Give the turn up again where another comes first; says whether it did."""
        try:
            early = await too_early()
        except BaseException:
            self._give_up(name)
            raise
        if early:
            self._give_up(name)
        return early

    async def _got(self, take: Callable[[str], bool], name: str) -> bool:
        taken: list[bool] = []
        try:
            await self._asked(lambda: taken.append(take(name)))
        except (StoreAway, asyncio.CancelledError):  # it may be ours all the same, now or in a moment
            self._thread.submit(lambda: self._freed(name) if any(taken) else None)
            raise
        return taken[0]

    async def _asked(self, ask: Callable[[], Result]) -> Result:
        if not self.locks.shared:
            return ask()
        asking = asyncio.get_running_loop().run_in_executor(self._thread, ask)
        try:
            async with timeout(self.store_seconds):
                return await asking
        except asyncio.TimeoutError:
            raise StoreAway("The database does not answer in time.") from None

    def _give_up(self, name: str) -> None:
        if self.locks.shared:
            self._thread.submit(self._freed, name)
        else:
            self.locks.free(name)

    def _freed(self, name: str) -> None:
        try:
            self.locks.free(name)
        except StoreAway as error:  # with the line to the database the lock is gone as well
            log.warning("a lock was given up with the line to the database: %s", error)


def _in_hand(conversation_id: str) -> str:
    return f"in hand {conversation_id}"


def _danger(text: str) -> bool:
    return assess(text).tier == "urgent"
