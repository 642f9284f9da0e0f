"""Fifty people with an open widget each write at their hours, whether or not they have been answered."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.product import ProductTalk
from bot.bench.spread import spread
from bot.bench.talking import Side, Talk, Turn, answered, line, steady
from bot.bench.words import scripts

TITLE = "50 users who write every 5 seconds"
MEANING = (
    "Each user has a conversation of their own and writes every five seconds, the users evenly apart; a turn is timed from the moment at which it was due, so "
    "that a server that falls behind does not look quick. With the product each user also holds the stream of events, as the widget does. A reply is lost "
    "when the message was not kept, its answer was not kept, or the answer did not come by the stream."
)
SETTLE_SECONDS = 8.0
"""How long after the last answer the streams are heard: they look into the store every three seconds at the latest."""


@dataclass(frozen=True)
class Size:
    """Users, seconds between two messages of one, and messages of each, for the product and for the reference."""

    users: int
    every: float
    messages: int
    of_reference: int


SIZES = {"full": Size(50, 5.0, 36, 6), "quick": Size(6, 2.0, 3, 2)}


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    found = {side.name: asyncio.run(_play(side, size)) for side in ground.both()}
    spreads = {f"turn, {name}": spread(answered(turns)) for name, (turns, _) in found.items()}
    mine, theirs = spreads["turn, product"], spreads.get("turn, reference")
    empty = {name: float(len(turns) - len(answered(turns))) for name, (turns, _) in found.items()}
    return Outcome(
        [
            Figure(f"turn, p95, {size.users} users every {size.every:g} s", "ms", mine.p95, theirs and theirs.p95, wanted=Bound(most=300)),
            Figure("turns without an answer", "", empty["product"], empty.get("reference"), wanted=Bound(most=0)),
            Figure("lost replies", "", float(found["product"][1]), wanted=Bound(most=0)),
        ],
        spreads,
        remarks=[f"{name}: {len(turns)} turns." for name, (turns, _) in found.items()],
    )


async def _play(side: Side, size: Size) -> tuple[list[Turn], int]:
    """The turns, and how many replies were lost."""
    times = size.of_reference if side.name == "reference" else size.messages
    async with line() as http, AsyncExitStack() as streams:
        talks = [await side.begin(http) for _ in range(size.users)]
        seen = {talk.url: set[int]() for talk in talks if isinstance(talk, ProductTalk)}
        for talk in talks:
            if isinstance(talk, ProductTalk):
                _listen(streams, talk, seen[talk.url])
        played = await _all_steady(talks, size, times)
        await asyncio.sleep(SETTLE_SECONDS if seen else 0)
        lost = [await _lost(talk, times, seen[talk.url]) for talk in talks if isinstance(talk, ProductTalk)]
    return played, sum(lost)


async def _all_steady(talks: list[Talk], size: Size, times: int) -> list[Turn]:
    apart, begin = size.every / size.users, time.perf_counter() + 1
    texts = scripts(size.users, times)
    turns = await asyncio.gather(*(steady(talk, texts[n], size.every, begin + n * apart, times) for n, talk in enumerate(talks)))
    return [turn for each in turns for turn in each]


def _listen(streams: AsyncExitStack, talk: ProductTalk, seen: set[int]) -> None:
    task = asyncio.create_task(talk.listen(seen))

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)  # a stream that broke is seen by what it did not bring

    streams.push_async_callback(end)


async def _lost(talk: ProductTalk, sent: int, seen: set[int]) -> int:
    """How many messages of a conversation have no answer that is kept and was brought by the stream."""
    try:
        kept = await talk.stored()
    except httpx.HTTPError:
        return sent
    answered_to = {m["answers"] for m in kept if m["number"] in seen}
    return sent - sum(m["number"] in answered_to for m in kept if m["from"] == "person")
