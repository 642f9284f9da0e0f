"""Where the time of a turn goes: every thread of this process under cProfile, and every statement of the database counted, while a desk answers.

The profiler makes everything slower, calls of small functions most; shares and counts mean more than milliseconds.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any, Iterator, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.bench.product import environment
from bot.bench.words import scripts
from bot.channels.web.events import events
from bot.desk.desk import Desk
from bot.settings import ROOT, read_settings
from bot.store.messages import Inbound
from bot.wiring import build_desk

WARM_UP = 5
TURNS = {"full": 200, "quick": 20}
SHOWN = 45
OURS = ("bot/", "actions/", "rasa/", "rasa_sdk/")
"""Of functions that call others only those of these are shown, or the chains of calls in libraries would fill the table."""
WAITING = (
    "'get' of '_queue",
    "'acquire' of '_thread",
    "select.epoll",
    "cProfile",
    "_lsprof",
    "base_events.py",
    "selectors.py",
    "threading.py",
    "runners.py",
    "concurrent/futures",
    "queue.py",
    "bot/bench/",
    "tasks.py",
    "events.py",
)
"""Files whose functions wait for others, or only call them; their time is that of what they wait for."""


class Spent(NamedTuple):
    """Calls, and seconds within a function with and without what it called."""

    calls: int
    whole: float
    own: float

    def since(self, before: Spent) -> Spent:
        """The difference."""
        return Spent(self.calls - before.calls, self.whole - before.whole, self.own - before.own)


@dataclass
class Profilers:
    """A profiler for each thread that starts from now on, and for this one."""

    running: list[cProfile.Profile] = field(default_factory=list)

    def __enter__(self) -> Profilers:
        threading.setprofile(lambda *_: self._begin())  # called once in a new thread, where it puts the quick profiler in its own place
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        threading.setprofile(None)
        self.running[0].disable()

    def spent(self) -> dict[str, Spent]:
        """What every function has taken until now, over all threads."""
        total: dict[str, Spent] = {}
        gc.disable()  # a finaliser that ran in the middle would itself be counted, and entries would come twice
        entries = [entry for profiler in self.running for entry in profiler.getstats()]
        gc.enable()
        for entry in entries:
            name, before = _name(entry.code), total.get(_name(entry.code), Spent(0, 0.0, 0.0))
            total[name] = Spent(before.calls + entry.callcount, before.whole + entry.totaltime, before.own + entry.inlinetime)
        return total

    def _begin(self) -> None:
        profiler = cProfile.Profile()
        self.running.append(profiler)
        profiler.enable()


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Statements and commits by kind, of all databases of this process. The product's own are told from those of Rasa's tracker store by their table."""
    counts: Counter[str] = Counter()

    def statement(_: Any, __: Any, sql: str, *___: Any) -> None:
        whose = "Rasa's tracker" if "events" in sql.split("WHERE", maxsplit=1)[0] else "the store"
        counts[f"{sql.split(maxsplit=1)[0].upper()} of {whose}"] += 1

    def committed(_: Any) -> None:
        counts["COMMIT of both"] += 1

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", committed)
    try:
        yield counts
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", committed)


def profile(folder: Path, turns: int) -> str:
    """Answer `turns` messages under the profiler; returns the page and writes it to `folder`/profile.md."""
    with TemporaryDirectory() as place, Profilers() as profilers, counted() as counts:
        desk = build_desk(read_settings(environment(Path(place))))
        asyncio.run(_talk(desk, WARM_UP))
        before, counts_before = profilers.spent(), counts.copy()
        began = time.perf_counter()
        asyncio.run(_talk(desk, turns))
        seconds = time.perf_counter() - began
        after = profilers.spent()
    spent = {name: now.since(before.get(name, Spent(0, 0.0, 0.0))) for name, now in after.items()}
    page = _page(spent, counts - counts_before, turns, seconds)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profile.md").write_text(page, encoding="utf-8")
    return page


async def _talk(desk: Desk, turns: int) -> None:
    """Conversations of ten messages, each with an open stream as the widget has it."""
    for script in scripts(-(-turns // 10), min(turns, 10)):
        who, _ = await desk.open("web")
        listening = asyncio.create_task(_listen(desk, who))
        for text in script:
            await desk.receive(who.id, Inbound(text))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)  # its cancellation is meant


async def _listen(desk: Desk, who: Any) -> None:
    async for _ in events(desk, who, 0):
        pass


def _page(spent: dict[str, Spent], counts: Counter[str], turns: int, seconds: float) -> str:
    works = {name: s for name, s in spent.items() if s.calls > 0 and not any(part in name for part in WAITING)}
    parts = [f"# Where a turn's time goes\n\nMade by `reframe bench --profile`: {turns} turns, {1000 * seconds / turns:.0f} ms each under the profiler."]
    parts.append("\n## The database, a turn\n\n| statements | a turn |\n|---|---|")
    parts += [f"| {kind} | {n / turns:.1f} |" for kind, n in counts.most_common()]
    ours = {name: s for name, s in works.items() if name.startswith(OURS)}
    parts += _table("Ours and Rasa's, by time with what they call", sorted(ours.items(), key=lambda item: -item[1].whole), turns)
    parts += _table("All, by time of their own", sorted(works.items(), key=lambda item: -item[1].own), turns)
    return "\n".join(parts) + "\n"


def _table(title: str, rows: list[tuple[str, Spent]], turns: int) -> list[str]:
    head = f"\n## {title}\n\n| function | ms a turn | of its own | calls a turn |\n|---|---|---|---|"
    lines = [f"| `{name}` | {1000 * s.whole / turns:.2f} | {1000 * s.own / turns:.2f} | {s.calls / turns:.1f} |" for name, s in rows[:SHOWN]]
    return [head, *lines]


def _name(code: CodeType | str) -> str:
    """Where a function stands, from our folder or the package on."""
    if isinstance(code, str):
        return code
    file = code.co_filename.rsplit("site-packages/", 1)[-1].replace(f"{ROOT}/", "")
    file = file.rsplit("/lib/python3.10/", 1)[-1]
    return f"{file}:{code.co_firstlineno} {code.co_name}"
