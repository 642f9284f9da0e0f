"""How quick the console is with many: open conversations in a database of its own, supporters who load pages and hold streams. Not a test: it only measures."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import AsyncIterator

import httpx
import uvicorn

from bot.console.app import console
from bot.console.live import Watcher
from bot.console.templating import environment
from bot.console.terms import Terms, targets_of
from bot.console.visits import COOKIE, Parts
from bot.errors import ReframeError
from bot.pilot.figures import percentile
from bot.store.accounts import Accounts
from bot.store.audit import Audit
from bot.store.correspondents import NOBODY
from bot.store.database import Database
from bot.store.handover import Handover
from bot.store.messages import Credentials, now, row_of
from bot.store.needs import NEEDS, raise_need
from bot.store.sealing import sealer_of
from bot.store.sign_ins import Lifetimes, SignIns
from bot.store.tables import Conversation

TARGETS = targets_of("immediate=1,urgent=2,check_in=15,person=10,unsure=30,error=30")
START_SECONDS, TURNS, THINKING = 60.0, 10, (0.5, 2.5)
"""How long a start may take; exchanges in each conversation; seconds between two pages of one supporter."""


@dataclass(frozen=True)
class Times:
    """Seconds that each page took, and how many streams brought something."""

    pages: dict[str, list[float]]
    streams: int

    def told(self) -> str:
        """A table, one page a line."""
        rows = [(name, *_summary(times)) for name, times in sorted(self.pages.items())]
        every = [t for times in self.pages.values() for t in times]
        lines = [f"{name:14} {n:6} {half:8.0f} {most:8.0f}" for name, n, half, most in [*rows, ("all", *_summary(every))]]
        return "\n".join([f"{'page':14} {'n':>6} {'median':>8} {'p95':>8}  (ms)", *lines, f"streams that brought something: {self.streams}"])


def measure(conversations: int, supporters: int, seconds: float) -> Times:
    """Start a console of its own in another process, and let supporters work in it. Raises ReframeError when it does not start."""
    with tempfile.TemporaryDirectory() as folder:
        tokens, ids = prepared(Path(folder), conversations, supporters)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, port), daemon=True)
        server.start()
        try:
            return asyncio.run(_worked(f"http://127.0.0.1:{port}", tokens, ids, seconds))
        finally:
            server.terminate()
            server.join(10)


def prepared(folder: Path, conversations: int, supporters: int) -> tuple[list[str], list[str]]:
    """A database with open conversations of every need, and supporters who are signed in: their tokens, and the conversations."""
    database = _database(folder)
    database.migrate()
    accounts = Accounts(database)
    ids = [_open(database, number) for number in range(conversations)]
    people = [accounts.add(f"supporter-{n}", "supporter", f"S{n}", None) for n in range(supporters)]
    signing = SignIns(database, Lifetimes())
    tokens = [signing.begin(who.id, "full") for who in people]
    for number, who in enumerate(people):
        accounts.change(who.id, active_at=now())
        _hold(database, ids[number::supporters][: max(1, len(ids) // supporters // 4)], who.id)
    database.engine.dispose()
    return tokens, ids


def serve(folder: str, port: int) -> None:
    """The console over the prepared database, in a process of its own."""
    database = _database(Path(folder))
    terms = Terms(f"http://127.0.0.1:{port}", TARGETS, quiet=timedelta(hours=1))
    audit = Audit(database)
    parts = Parts(database, audit, database.sealer, terms, environment(), Watcher(database, audit, terms))
    uvicorn.run(console(parts), host="127.0.0.1", port=port, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=1)


def _database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'bench.db'}", sealer_of(folder / "keys"))


def _open(database: Database, number: int) -> str:
    """A conversation with what would be said in it, in one unit of work, since nobody measures the preparation."""
    need, made = NEEDS[number % len(NEEDS)], Credentials.issued()
    tier = "urgent" if need in ("immediate", "urgent") else "check_in"
    with database.unit() as session:
        session.add(Conversation(id=made.id, secret_hash=NOBODY, channel="web", created_at=now(), noticed_at=now(), mode="automatic"))
        for turn in range(TURNS):
            session.add(row_of(session, made.id, f"made up for a measurement, message {turn} of conversation {number}", author="person", tier="none"))
            session.add(row_of(session, made.id, "A reply of about the length that replies have here, so that pages are as long as real ones.", author="bot"))
        last = row_of(session, made.id, "the message that brings it into the queue", author="person", tier=tier, category="suicide", screened_with="bench")
        session.add(last)
        session.flush()
        raise_need(session, made.id, need, last.number)
    return made.id


def _hold(database: Database, ids: list[str], account: str) -> None:
    for conversation in ids:
        Handover(database).claim(conversation, account, "S")


async def _worked(url: str, tokens: list[str], ids: list[str], seconds: float) -> Times:
    await _until_there(url)
    times = Times({}, 0)
    held = [ids[n :: len(tokens)] for n in range(len(tokens))]
    brought = await asyncio.gather(*(_supporter(url, token, mine, seconds, times) for token, mine in zip(tokens, held)))
    return Times(times.pages, sum(brought))


async def _supporter(url: str, token: str, mine: list[str], seconds: float, times: Times) -> int:
    """One supporter: holds the stream of the queue, and loads pages with pauses as of somebody who reads."""
    ends = time.monotonic() + seconds
    paths = {"queue": ["/queue"], "conversation": [f"/conversations/{c}" for c in mine[: max(1, len(mine) // 4)]], "reviews": ["/reviews"], "duty": ["/duty"]}
    async with httpx.AsyncClient(base_url=url, cookies={COOKIE: token}, timeout=30) as http, _stream(http) as brought:
        await asyncio.sleep(random.uniform(0, THINKING[1]))  # noqa: S311  # no secret
        while time.monotonic() < ends:
            name = random.choices(list(paths), [4, 4, 1, 1])[0]  # noqa: S311  # no secret
            began = time.perf_counter()
            answer = await http.get(random.choice(paths[name]))  # noqa: S311  # no secret
            if answer.status_code != 200:
                raise ReframeError(f"The page {name} answered {answer.status_code}, so nothing was measured.")
            times.pages.setdefault(name, []).append(time.perf_counter() - began)
            await asyncio.sleep(random.uniform(*THINKING))  # noqa: S311  # no secret
        return int(brought.is_set())


@asynccontextmanager
async def _stream(http: httpx.AsyncClient) -> AsyncIterator[asyncio.Event]:
    """The stream of the queue, read beside; yields whether it brought anything."""
    brought = asyncio.Event()

    async def read() -> None:
        async with http.stream("GET", "/queue/events", timeout=None) as answer:  # a stream has no end
            async for _ in answer.aiter_lines():
                brought.set()

    reading = asyncio.create_task(read())
    try:
        yield brought
    finally:
        reading.cancel()


async def _until_there(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient(base_url=url) as http:
        while time.monotonic() < deadline:
            try:
                (await http.get("/healthz")).raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.2)
            else:
                return
    raise ReframeError("The console did not start, so nothing was measured.")


def _summary(times: list[float]) -> tuple[int, float, float]:
    """How many, their median and their 95th percentile in milliseconds."""
    return len(times), statistics.median(times) * 1000, percentile(times, 0.95) * 1000
