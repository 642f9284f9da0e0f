"""What an open widget costs while nothing is said in it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Figure, Outcome
from bot.bench.product import Product
from bot.bench.talking import line

TITLE = "Open streams"
MEANING = (
    "A server started for this alone holds the streams of many conversations in which nobody writes. Its memory and the processor time it takes, against the "
    "same server without any, divided by their number. A thousandth of a core is a millisecond of processor time in a second."
)
MEMORY, CORE = "memory, for each open stream", "processor, for each open stream"


@dataclass(frozen=True)
class Size:
    """Streams, and for how many seconds they are watched."""

    streams: int
    seconds: float


SIZES = {"full": Size(500, 60.0), "quick": Size(20, 6.0)}
OPEN_SECONDS = 5.0
"""So long after the last was opened the watching begins."""


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    product = Product(ground.folder("streams"))
    before, idle, after, busy = asyncio.run(_watched(product, size))
    product.stop()
    return Outcome(
        [
            Figure(MEMORY, "kB", max(0.0, after - before) * 1000 / size.streams),
            Figure(CORE, "thousandths of a core", max(0.0, busy - idle) * 1000 / size.seconds / size.streams),
        ],
        remarks=[f"{before:.0f} MB and {idle:.1f} s of processor time without, {after:.0f} MB and {busy:.1f} s with them, over {size.seconds:.0f} s."],
    )


async def _watched(product: Product, size: Size) -> tuple[float, float, float, float]:
    """Megabytes and processor seconds without streams, and with them."""
    async with line() as http, AsyncExitStack() as streams:
        talks = [await product.begin(http) for _ in range(size.streams)]
        before, idle = product.megabytes(), await _spent(product, size.seconds)
        for talk in talks:
            listening = asyncio.create_task(talk.listen(set()))
            streams.push_async_callback(_ended, listening)
        await asyncio.sleep(OPEN_SECONDS)
        return before, idle, product.megabytes(), await _spent(product, size.seconds)


async def _spent(product: Product, seconds: float) -> float:
    began = product.processor_seconds()
    await asyncio.sleep(seconds)
    return product.processor_seconds() - began


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
