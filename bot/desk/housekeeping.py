"""What the server does once a day."""

from __future__ import annotations

import asyncio
import logging
from typing import Callable

from bot.store.database import StoreAway

log = logging.getLogger(__name__)
DAY_SECONDS, SOON_SECONDS = 86_400.0, 600.0


async def daily(work: Callable[[], dict[str, int]], day: float = DAY_SECONDS, soon: float = SOON_SECONDS) -> None:
    """Do it now and then once a day, until cancelled; when the database is away, or it breaks, again soon. It runs in a thread of its own."""
    while True:
        try:
            done = await asyncio.to_thread(work)
            log.info("retention erased %d values", sum(done.values()))
            await asyncio.sleep(day)
        except StoreAway:
            log.warning("the database is away, so nothing is erased for now")
            await asyncio.sleep(soon)
        except Exception:  # what is kept too long must not stay unnoticed, nor stop the next attempt
            log.exception("what is too old could not be erased")
            await asyncio.sleep(soon)
