"""Load with faults: writers, a lock, kills; then everything is read and judged."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bot.bench.chaos.report import Report, Storm, judged
from bot.bench.chaos.writers import DANGER, Writer
from bot.bench.processes import Program
from bot.bench.product import Product
from bot.bench.talking import line
from bot.bench.words import scripts
from bot.settings import ROOT

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.1


FOLDER = ROOT / "var" / "bench"
SMALL = Storm(12, 6, 5, 0.2, 6.0, 1)
"""For a test: the lock is still longer than the store waits for it."""
LEAVING = 4
"""One in so many closes the page when an answer does not come, and never sends again."""


def unleash(quick: bool) -> Report:
    """A storm, small or as the documents say, with its report written into var/bench/. Raises NotStarted when the server does not come back."""
    with TemporaryDirectory(prefix="reframe-chaos-") as place:
        report = asyncio.run(rage(SMALL if quick else Storm(), Path(place)))
    report.write(FOLDER)
    return report


async def rage(storm: Storm, folder: Path) -> Report:
    """Let the storm loose on a server of its own in `folder`; returns what came of it. Raises NotStarted when the server does not come back."""
    counts: Counter[str] = Counter()
    writers = [Writer(texts, stays=n % LEAVING != 0) for n, texts in enumerate(_texts(storm))]
    server = Server(folder, storm.failing)
    try:
        async with line() as http:
            await asyncio.gather(_write_all(storm, server.side, writers, http), _faults(storm, server, writers, counts))
            await Writer(["goodbye for now"]).write(server.side, http)  # what waits in the spool is stored before the next message of anybody
            await asyncio.gather(*(writer.read() for writer in writers))
    finally:
        server.side.stop()
    return judged(storm, writers, counts)


class Server:
    """The faulty server on one folder and one port, killed and started again."""

    def __init__(self, folder: Path, failing: float) -> None:
        self.folder = folder
        self.words = ("python", "-m", "bot.bench.chaos.faulty", str(failing))
        self.side = Product(folder, self.words)
        self.port = httpx.URL(self.side.url).port

    async def kill(self) -> None:
        """SIGKILL, and a new start. Raises NotStarted when it does not come back."""
        self.side.program.kill()
        self.side = await asyncio.to_thread(Product, self.folder, self.words, self.port)

    def lock(self, seconds: float) -> Program:
        """Another program that holds the lock of the database for so long."""
        words = ("python", "-m", "bot.bench.chaos.locking", str(self.folder / "reframe.db"), str(seconds))
        return Program(words, ROOT, self.folder / "lock.log", {})


def _texts(storm: Storm) -> list[list[str]]:
    """Every third conversation comes into danger with its last message but one; from there on all of it is answered with help."""
    texts = scripts(storm.conversations, storm.messages)
    for script in texts[::3]:
        script[-2] = DANGER
    return texts


async def _write_all(storm: Storm, side: Product, writers: list[Writer], http: httpx.AsyncClient) -> None:
    """So many at once, the next as soon as one is done."""
    waiting = iter(writers)

    async def some() -> None:
        for writer in waiting:
            await writer.write(side, http)

    await asyncio.gather(*(some() for _ in range(storm.at_once)))


async def _faults(storm: Storm, server: Server, writers: list[Writer], counts: Counter[str]) -> None:
    """The lock first, then the kills, spread over the load; at the last one the database is locked as well, until after the new start."""
    total, steps = storm.conversations * storm.messages, storm.kills + 2
    await _until(writers, total / steps)
    log.warning("locking the database for %g s", storm.locked)
    counts["locks"] += 1
    await asyncio.to_thread(server.lock(storm.locked).wait)
    for kill in range(1, storm.kills + 1):
        await _until(writers, total * (kill + 1) / steps)
        log.warning("killing the server (%s of %s)", kill, storm.kills)
        counts["kills"] += 1
        await (_killed_while_locked(server, storm.locked, counts) if kill == storm.kills else server.kill())


async def _killed_while_locked(server: Server, seconds: float, counts: Counter[str]) -> None:
    """The lock lasts from before the kill until so long after the new start."""
    lock = server.lock(3600)
    counts["locks"] += 1
    await asyncio.sleep(1)  # in which messages wait for the lock
    try:
        await server.kill()
        await asyncio.sleep(seconds)
    finally:
        lock.kill()


async def _until(writers: list[Writer], done: float) -> None:
    """Until so many messages are answered, or will never be since whoever sent them has left."""
    while sum(_done(writer) for writer in writers) < done:  # noqa: ASYNC110  # what is waited for is a count over all of them
        await asyncio.sleep(LOOK_SECONDS)


def _done(writer: Writer) -> int:
    answered = sum(bool(message.shown) for message in writer.sent)
    return len(writer.texts) if writer.left else answered
