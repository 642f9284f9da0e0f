"""Whether ten thousand stored conversations make anything slower."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect
from typing import Callable

from bot.bench.filling import copy_tracker, fill
from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.product import Product
from bot.bench.spread import spread
from bot.bench.talking import Turn, answered, line, one_after_another, timed
from bot.bench.words import beliefs, scripts
from bot.safety.screening import compiled
from bot.settings import read_settings
from bot.store.conversations import Conversations
from bot.store.messages import now
from bot.store.outbox import Outbox
from bot.store.queue import Queue
from bot.store.transcripts import Transcripts
from bot.wiring import build_store

TITLE = "With 10,000 stored conversations"
MEANING = (
    "Two servers, one on an empty database, one on a database with many stored conversations and as many conversations in Rasa's own table, take turns. Beside "
    "the turn the reads that look over all conversations, each against the same read on the empty store."
)
KEPT = "kept of a turn, with its answer"
LATELY = timedelta(seconds=5)
"""What has been written since then goes on. What was filled in is older, as almost all is that is stored."""
READS: dict[str, Callable[[Conversations], object]] = {
    "unanswered messages": lambda store: store.unanswered(),
    "deliveries that are due": lambda store: Outbox(store.database).due(now()),
    "referrals": lambda store: store.referrals(),
    "the queue of supporters": lambda store: Queue(store.database).rows(),
    "conversations that go on beside it": lambda store: Queue(store.database).others(now() - LATELY),
    "a reference that is searched for": lambda store: Transcripts(store.database).by_reference("0000-0000"),
}
"""Reads that look over everything, by name; whoever adds a page that does, adds it here."""


@dataclass(frozen=True)
class Size:
    """Stored conversations, exchanges in each, blocks of turns, turns in a block, and how often each read is made."""

    conversations: int
    exchanges: int
    blocks: int
    turns: int
    reads: int


SIZES = {"full": Size(10_000, 3, 6, 30, 50), "quick": Size(200, 2, 1, 5, 5)}
SLACK_MS = 1.0
"""Reads of less than this on both stores are told apart by nobody; their ratio is not judged."""


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    folders = {name: ground.folder(name) for name in ("empty", "full")}
    servers = {name: Product(folder) for name, folder in folders.items()}
    stores = {name: build_store(read_settings(server.environment)) for name, server in servers.items()}
    seconds = _fill(servers["full"], stores["full"], size)
    kept = (_kilobytes(folders["full"]) - _kilobytes(folders["empty"])) / (size.conversations * size.exchanges)
    turns = _turns(servers, size)
    for server in servers.values():
        server.stop()
    spreads = {f"turn, {name} store": spread(answered(played)) for name, played in turns.items()}
    figures = [Figure("turn, full against empty store", "×", spreads["turn, full store"].p50 / spreads["turn, empty store"].p50, wanted=Bound(most=1.2))]
    figures.append(Figure(KEPT, "kB", kept))
    for read, ask in READS.items():
        timings = _reads(stores, ask, size.reads)
        spreads |= {f"{read}, {name} store": spread(each) for name, each in timings.items()}
        ratio = spreads[f"{read}, full store"].p50 / spreads[f"{read}, empty store"].p50
        judged = max(spreads[f"{read}, {name} store"].p50 for name in stores) >= SLACK_MS
        figures.append(Figure(f"{read}, full against empty store", "×", ratio, wanted=Bound(most=1.2) if judged else Bound()))
    return Outcome(figures, spreads, remarks=[f"{size.conversations:,} conversations of {size.exchanges} exchanges, filled in {seconds:.0f} s."])


def _fill(server: Product, store: Conversations, size: Size) -> float:
    began = time.perf_counter()
    (template, *texts) = scripts(size.conversations + 1, size.exchanges)
    said, name = asyncio.run(_held(server, template))
    names = fill(store, texts, said, compiled().version)
    copy_tracker(store, name, names)
    return time.perf_counter() - began


def _kilobytes(folder: Path) -> float:
    """The size of a server's database, without the space that is free in it."""
    with closing(connect(folder / "reframe.db", timeout=30)) as connection:
        pages, free, bytes_each = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
    return float((pages - free) * bytes_each) / 1000


async def _held(server: Product, script: list[str]) -> tuple[list[str], str]:
    """A conversation that really took place: what was answered, and its name."""
    async with line() as http:
        talk = await server.begin(http)
        turns = [await timed(talk, text) for text in script]
        return [text for turn in turns for text in turn.said], talk.url.rsplit("/", 1)[1]


def _turns(servers: dict[str, Product], size: Size) -> dict[str, list[Turn]]:
    """Blocks of turns in new conversations, the two servers in turn."""
    turns: dict[str, list[Turn]] = {name: [] for name in servers}
    for server in servers.values():
        asyncio.run(one_after_another(server, beliefs(2)))
    for _ in range(size.blocks):
        for name, server in servers.items():
            turns[name] += asyncio.run(one_after_another(server, beliefs(size.turns)))
    return turns


def _reads(stores: dict[str, Conversations], ask: Callable[[Conversations], object], times: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in stores}
    for store in stores.values():
        ask(store)  # connects, and fills the caches
    for _ in range(times):
        for name, store in stores.items():
            began = time.perf_counter()
            ask(store)
            found[name].append(time.perf_counter() - began)
    return found
