"""Work that goes on behind the addresses while the server runs."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Callable

log = logging.getLogger(__name__)


async def going_on(work: Callable[[], Any]) -> None:
    """It never ends with a failure of one piece of it."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("work behind the addresses broke, and goes on")
            await asyncio.sleep(1)
