"""What runs beside the pages: one look at the queue each second for everybody, claims that return by themselves, drafts that waited too long."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Optional

from async_timeout import timeout
from starlette.concurrency import run_in_threadpool

from bot.console.order import Breach, breaches
from bot.console.terms import Terms
from bot.desk.standing import moment
from bot.store.audit import SYSTEM, Audit, Deed
from bot.store.conversations import NoConversation
from bot.store.database import Database, StoreAway
from bot.store.drafts import Drafts
from bot.store.handover import Handover, Held
from bot.store.messages import now
from bot.store.queue import Queue, Row

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.8
"""Somebody in danger has to appear within two seconds."""
KEEP_EVERY = 5
"""After so many looks claims and drafts are looked at."""
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
        self.snapshot, self.version = Snapshot(), 0
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Look until cancelled."""
        for n in range(1_000_000_000):
            await self._look()
            if n % KEEP_EVERY == 0:
                await self._keep()
            await asyncio.sleep(LOOK_SECONDS)

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
