"""What the server does by itself: once a day it erases what is too old, and all the time it heeds what others erase."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Awaitable, Callable, Optional

from bot.desk.desk import Desk
from bot.store.database import StoreAway

log = logging.getLogger(__name__)
DAY_SECONDS, SOON_SECONDS, HEED_SECONDS = 86_400.0, 600.0, 5.0


async def heeding(desk: Desk, every: float = HEED_SECONDS) -> None:
    """Forget soon what another process has erased, until cancelled."""
    newest: Optional[int] = None
    while True:
        with suppress(StoreAway):  # then nothing was erased either
            newest = await desk.heed(newest)
        await asyncio.sleep(every)


async def daily(work: Callable[[], dict[str, int]], leads: Callable[[], Awaitable[bool]], day: float = DAY_SECONDS, soon: float = SOON_SECONDS) -> None:
    """Do it now and then once a day, in the one process that `leads`, until cancelled; when the database is away, or it breaks, again soon.

    It runs in a thread of its own.
    """
    while True:
        try:
            if not await leads():  # whoever does may end, so it is asked again
                await asyncio.sleep(soon)
                continue
            done = await asyncio.to_thread(work)
            log.info("retention erased %d values", sum(done.values()))
            await asyncio.sleep(day)
        except StoreAway:
            log.warning("the database is away, so nothing is erased for now")
            await asyncio.sleep(soon)
        except Exception:  # what is kept too long must not stay unnoticed, nor stop the next attempt
            log.exception("what is too old could not be erased")
            await asyncio.sleep(soon)
