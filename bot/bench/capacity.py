"""How many workers, how much memory and how much database a number of conversations a day needs: computed from what the benchmark measured."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil
from typing import Any, Optional

from bot.bench.scenarios import stored, streams

Found = dict[str, Any]
DAY = 86_400.0
A_DAY = (10_000, 1_000_000)
"""Conversations a day that the page is made for."""
NEEDED = {
    "rate": ("crowd", "turns a second"),
    "worker_mb": ("memory", "memory after"),
    "stream_kb": ("streams", streams.MEMORY),
    "stream_cores": ("streams", streams.CORE),
    "turn_kb": ("stored", stored.KEPT),
    "ready_s": ("start", "ready after"),
}
"""Of each measure the scenario and how the name of its figure begins."""


@dataclass(frozen=True)
class Assumed:
    """What the benchmark cannot know; each house knows its own.

    `turns` a person writes in a conversation, which stays open for `minutes`; in the busiest minutes `peak` times as much comes as on average over the day;
    of what a worker can do the share `used` is planned with; texts are kept for `days`; `spare` workers may be away at once; a turn asks Redis `commands`
    times (Rasa's lock: read and write it when it is taken, when its turn has come, and when it is given back).
    """

    turns: float = 12
    minutes: float = 20
    peak: float = 5
    used: float = 0.5
    days: float = 30
    spare: int = 1
    commands: float = 6


@dataclass(frozen=True)
class Measured:
    """Of one worker: turns a second, MB, kB and thousandths of a core for a stream, kB for a kept turn, seconds until it is ready. None: not measured."""

    rate: Optional[float] = None
    worker_mb: Optional[float] = None
    stream_kb: Optional[float] = None
    stream_cores: Optional[float] = None
    turn_kb: Optional[float] = None
    ready_s: Optional[float] = None

    @property
    def missing(self) -> list[str]:
        """The scenarios that have to be run before anything can be computed."""
        return sorted({NEEDED[f.name][0] for f in fields(self) if getattr(self, f.name) is None})


@dataclass(frozen=True)
class Need:
    """What a number of conversations a day needs, at its busiest. Rates by the second, memory and disk in GB."""

    turns: float
    streams: float
    load: float
    workers: int
    memory_gb: float
    kept_gb: float
    redis: float


def measured(found: Found) -> Measured:
    """What the results of the full runs hold."""
    return Measured(**{name: _figure(found, *where) for name, where in NEEDED.items()})


def _figure(found: Found, scenario: str, name: str) -> Optional[float]:
    figures = found["scenarios"].get(scenario, {}).get("figures", [])
    return next((float(figure["product"]) for figure in figures if figure["name"].startswith(name)), None)


def needed(conversations: float, one: Measured, assumed: Assumed) -> Optional[Need]:
    """What so many conversations a day need; None where a measure is missing."""
    if one.rate is None or one.worker_mb is None or one.stream_kb is None or one.stream_cores is None or one.turn_kb is None:
        return None
    a_second = conversations / DAY * assumed.peak
    turns, held = a_second * assumed.turns, a_second * assumed.minutes * 60
    load = turns / one.rate + held * one.stream_cores / 1000  # Python runs on one core, so a core of streams is a worker that does nothing else
    workers = max(1, ceil(load / assumed.used)) + assumed.spare
    memory = (workers * one.worker_mb * 1e6 + held * one.stream_kb * 1e3) / 1e9
    return Need(turns, held, load, workers, memory, conversations * assumed.turns * assumed.days * one.turn_kb * 1e3 / 1e9, turns * assumed.commands)


def carried(one: Measured, assumed: Assumed) -> Optional[float]:
    """Conversations a day that one worker carries within the share that is planned with."""
    single = needed(1, one, assumed)
    return assumed.used / single.load if single else None
