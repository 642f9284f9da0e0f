"""What runs beside the pages: a look at the queue for everybody when something was written, claims that return by themselves, drafts that waited too long."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from async_timeout import timeout
from starlette.concurrency import run_in_threadpool

from bot.console.order import Breach, breaches
from bot.console.terms import Terms
from bot.desk.feed import Feed
from bot.desk.standing import moment
from bot.store.audit import SYSTEM, Audit, Deed
from bot.store.conversations import NoConversation
from bot.store.database import Database, StoreAway
from bot.store.drafts import Drafts
from bot.store.handover import Handover, Held
from bot.store.messages import now
from bot.store.notifying import EVERYTHING, changes
from bot.store.queue import Queue, Row

log = logging.getLogger(__name__)
LOOK_SECONDS = 10.0
"""The queue is looked at when something was written, and at least so often: which conversations go on changes with time alone."""
REST_SECONDS = 0.3
"""Between two looks, however much is written. Somebody in danger has to appear within two seconds, other changes within one."""
AWAY_SECONDS = 1.0
"""After so long a database that was away is looked at again."""
KEEP_SECONDS = 4.0
"""How often claims and drafts are looked at."""
GOES_ON = timedelta(minutes=30)
"""A conversation in which the person wrote so lately goes on."""


@dataclass(frozen=True)
class Snapshot:
    """The queue at a moment. `away` says that the database did not answer, and these are the rows from before."""

    rows: tuple[Row, ...] = ()
    others: tuple[Row, ...] = ()
    at: Optional[datetime] = None
    away: bool = False


class Watcher:
    """The looks of one process. `version` grows with every change."""

    def __init__(self, database: Database, audit: Audit, terms: Terms) -> None:
        self.database, self.audit, self.terms = database, audit, terms
        self.snapshot, self.version, self.feed = Snapshot(), 0, Feed()
        self._changed, self._written = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Look until cancelled."""
        await asyncio.gather(self._hear(), self._watch(), self._look_after())

    async def _hear(self) -> None:
        """Whatever any process writes wakes the look at the queue and the streams of the conversation."""
        async for heard in changes(self.database):
            self._written.set()
            if EVERYTHING in heard:
                self.feed.wake_all()
            for word in heard - {EVERYTHING}:
                self.feed.wake(word.partition(" ")[0])

    async def _watch(self) -> None:
        while True:
            self._written.clear()
            await self._look()
            await asyncio.sleep(REST_SECONDS)
            with suppress(asyncio.TimeoutError):
                async with timeout(AWAY_SECONDS if self.snapshot.away else LOOK_SECONDS):
                    await self._written.wait()

    async def _look_after(self) -> None:
        while True:
            await self._keep()
            await asyncio.sleep(KEEP_SECONDS)

    async def changed(self, version: int, seconds: float) -> None:
        """Wait until something has changed since `version`, for so long at most."""
        if self.version != version:
            return
        try:
            async with timeout(seconds):
                await self._changed.wait()
        except asyncio.TimeoutError:
            return

    def look(self) -> Snapshot:
        """The queue as it is now. Raises StoreAway."""
        queue, at = Queue(self.database), now()
        return Snapshot(tuple(queue.rows()), tuple(queue.others(at - GOES_ON)), at)

    def breaches(self, at: datetime) -> list[Breach]:
        """What has waited too long, by the last look."""
        return breaches(list(self.snapshot.rows), self.terms.targets, at)

    def return_claims(self) -> int:
        """What supporters gone quiet held goes back to the queue, noted and said; returns how much."""
        quiet = Handover(self.database).quiet(now() - self.terms.quiet)
        return sum(self._returned(*claim) for claim in quiet)

    def _returned(self, conversation_id: str, holder: str, name: str) -> bool:
        deed = Deed(SYSTEM, "conversation.returned", conversation_id, "the holder has gone quiet", {"holder": holder})
        try:
            Handover(self.audit.of(deed)).return_quiet(conversation_id, holder, moment("returned").replace("{name}", name))
        except (Held, NoConversation):  # somebody was quicker
            return False
        return True

    async def _look(self) -> None:
        before = self.snapshot
        try:
            self.snapshot = await run_in_threadpool(self.look)
        except StoreAway as error:
            log.warning("the queue cannot be read: %s", error)
            self.snapshot = Snapshot(before.rows, before.others, before.at, away=True)
        if (self.snapshot.rows, self.snapshot.others, self.snapshot.away) != (before.rows, before.others, before.away):
            self.tell()

    def tell(self) -> None:
        """Wake all who wait."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def _keep(self) -> None:
        try:
            await run_in_threadpool(self.return_claims)
            await run_in_threadpool(lambda: Drafts(self.database).expire(now(), moment("draft_late")))
        except StoreAway as error:
            log.warning("claims and drafts cannot be looked at: %s", error)
