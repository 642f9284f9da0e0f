"""The page on capacity, with every figure computed."""

from __future__ import annotations

from typing import Any, Optional

from bot.bench.capacity import A_DAY, NEEDED, Assumed, Measured, Need, carried, measured, needed
from bot.bench.page import BUSY

Found = dict[str, Any]
NONE = "not measured"
HEAD = """# Capacity

Made by `reframe bench capacity --publish` from what `reframe bench` measured; do not edit by hand.
`reframe bench capacity --help` lists the assumptions; with others it prints this page for them.
"""
FORMULAS = """
## Formulas

| | |
|---|---|
| turns a second, at the peak | conversations a day ÷ 86,400 × peak × turns of a conversation |
| open streams, at the peak | conversations a day ÷ 86,400 × peak × minutes × 60 |
| load, in workers | turns a second ÷ turns a second of one worker + streams × cores of one (a core of streams is a whole worker) |
| workers | load ÷ the share that is planned with, rounded up, + spare ones |
| memory | workers × memory of one after 10,000 turns + streams × memory of one |
| database | conversations a day × turns × days × size of a kept turn with its answer, its screening, Rasa's events and their indices |
| Redis | turns a second × commands of a turn. It holds a key for each conversation in which an answer is being worked out, and nothing else |

- **PostgreSQL**: the size is measured on SQLite, and without room for dead rows; plan twice as much. A worker opens at most 15 connections
  (SQLAlchemy's pool: 5 and 10 in need, Rasa's tracker among them) and two beside them, for locks and for notices; the console 16.
  Set `max_connections` above workers × 17 + consoles × 16 + 10. A pooler between them has to pool by session, for notices
  between processes need one.
- **Redis** is not what limits: one of them serves some tens of thousands of commands a second. It needs no disk.
- **The console** reads the queue once in 0.8 seconds in each of its processes, whoever looks; `reframe console bench` measures its pages.
- **Supporters** are the bottleneck before any machine: how many conversations in a thousand come into their queue is shown by the console's figures.
- **Far from what was measured** nothing is promised. Above some twenty workers measure again, with several machines and the real database.
"""


def page(found: Found, assumed: Assumed) -> str:
    """The whole page; where nothing was measured it says so."""
    one = measured(found)
    parts = [HEAD, *_missing(one), _measures(found, one), _assumptions(assumed), _one(one, assumed), _needs(one, assumed), FORMULAS]
    return "\n".join(parts)


def _missing(one: Measured) -> list[str]:
    again = " ".join(f"--only {name}" for name in one.missing)
    return (
        [f"**Not everything was measured yet, so nothing is computed. Run `reframe bench --alone {again}` on a machine that does nothing else.**\n"]
        if again
        else []
    )


def _measures(found: Found, one: Measured) -> str:
    names = {
        "rate": ("turns a second, 16 users without a pause", "1/s"),
        "worker_mb": ("memory after 10,000 turns", "MB"),
        "stream_kb": ("memory of an open stream", "kB"),
        "stream_cores": ("processor time of an open stream", "thousandths of a core"),
        "turn_kb": ("kept of a turn", "kB"),
        "ready_s": ("ready after", "s"),
    }
    rows = [f"| {said} | {_value(getattr(one, name), unit)} | {_when(found, NEEDED[name][0])} |" for name, (said, unit) in names.items()]
    machine = "; ".join(f"{name} {value}" for name, value in found["machine"].items())
    return "\n".join([f"## One worker, as measured\n\nMachine: {machine}.\n", "| measure | value | measured |", "|---|---|---|", *rows])


def _when(found: Found, scenario: str) -> str:
    result = found["scenarios"].get(scenario)
    if result is None:
        return f"`reframe bench --only {scenario}`"
    busy = f", **on a machine that was not quiet (load {result['load']:g})**" if result["load"] >= BUSY else ""
    return f"{result['at'][:10]}{busy}"


def _assumptions(assumed: Assumed) -> str:
    rows = {
        "turns of a conversation": f"{assumed.turns:g}",
        "minutes for which it is open": f"{assumed.minutes:g}",
        "busiest minutes against the mean of the day": f"{assumed.peak:g} ×",
        "share of a worker that is planned with": f"{assumed.used:.0%}",
        "workers that may be away at once": f"{assumed.spare}",
        "days for which texts are kept": f"{assumed.days:g}",
        "Redis commands of a turn": f"{assumed.commands:g}",
    }
    return "\n".join(["\n## Assumptions\n", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _one(one: Measured, assumed: Assumed) -> str:
    can = carried(one, assumed)
    return f"\n## What one worker carries\n\n{f'**{can:,.0f} conversations a day**, with all that is assumed above.' if can else f'{NONE.capitalize()} yet.'}"


def _needs(one: Measured, assumed: Assumed) -> str:
    needs = [needed(conversations, one, assumed) for conversations in A_DAY]
    rows = {
        "turns a second, at the peak": [_at(need, "turns", "") for need in needs],
        "open streams, at the peak": [_at(need, "streams", "") for need in needs],
        "load, in workers": [_at(need, "load", "") for need in needs],
        "**workers**": [_at(need, "workers", "") for need in needs],
        "memory of all workers": [_at(need, "memory_gb", "GB") for need in needs],
        "database, after the days for which texts are kept": [_at(need, "kept_gb", "GB") for need in needs],
        "Redis commands a second": [_at(need, "redis", "") for need in needs],
    }
    head = " | ".join(f"{conversations:,} a day" for conversations in A_DAY)
    return "\n".join(
        ["\n## How to size\n", f"| | {head} |", "|---|" + "---|" * len(A_DAY), *(f"| {name} | {' | '.join(values)} |" for name, values in rows.items())]
    )


def _at(need: Optional[Need], name: str, unit: str) -> str:
    return _value(getattr(need, name) if need else None, unit)


def _value(value: Optional[float], unit: str) -> str:
    if value is None:
        return NONE
    shown = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{shown} {unit}".strip()
