"""What may be shown of the counts. Nothing small is, and nothing small can be worked out from what is.

Counts are rounded down to the next multiple of FEWEST, so that “10” says 10 to 14; below FEWEST nothing but “fewer than 5” is shown, and nought with it.
The difference of two rounded counts is known to no better than FEWEST - 1 either way, whichever columns or days are subtracted; and no list of parts is
shown beside a total that they add up to. Waiting times and weights are shown only where they rest on FEWEST or more, and round as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Optional, Sequence
from zoneinfo import ZoneInfo

from bot.store.figures import Counted, Figures

FEWEST = 5
FEWER = f"fewer than {FEWEST}"
UNKNOWN = "not kept in this database"
LEFT_OUT = "left out: too few"
PERIODS = ("today", "this week", "this month")


@dataclass(frozen=True)
class Shown:
    """One figure: its group and name, and for each period the words, and the length of its bar (None for none)."""

    group: str
    name: str
    words: tuple[str, ...]
    bars: tuple[Optional[float], ...]
    unit: str = ""


def periods(at: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """Today, this week from Monday, this month, each up to the end of today, in a time zone."""
    today = at.astimezone(ZoneInfo(zone)).date()
    begins = today, today - timedelta(days=today.weekday()), today.replace(day=1)
    return [(_midnight(begin, zone), _midnight(today + timedelta(days=1), zone)) for begin in begins]


def shown(figures: Figures, at: datetime, zone: str, beliefs: dict[str, str]) -> list[Shown]:
    """All figures as they may be shown. `beliefs` names those that count, by intent."""
    counted = [figures.counted(since, until, frozenset(beliefs)) for since, until in periods(at, zone)]
    return [
        _count("Conversations", "in which a person wrote", [c.conversations for c in counted]),
        _count("Conversations", "with present danger", [c.tiers["urgent"] for c in counted]),
        _count("Conversations", "with signs of danger", [c.tiers["check_in"] for c in counted]),
        _count("Supporters", "conversations in which a supporter wrote", [c.takeovers for c in counted]),
        _count("Supporters", "reviews due", [c.reviews_due for c in counted]),
        *_waits(counted),
        *_weights(counted),
        *(_belief(counted, intent, name) for intent, name in sorted(beliefs.items(), key=lambda item: item[1])),
    ]


def referrals(counts: dict[int, int], year: int) -> list[tuple[int, str]]:
    """Answers that named a crisis service, by year. Of years that are over the exact number is due by law, where it is not small."""
    return [(y, str(count) if y < year and count >= FEWEST else rounded(count)) for y, count in counts.items()]


def rounded(count: int) -> str:
    """A count as it may be shown."""
    return FEWER if count < FEWEST else str(count - count % FEWEST)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _count(group: str, name: str, counts: list[int]) -> Shown:
    return Shown(group, name, tuple(map(rounded, counts)), tuple(float(c - c % FEWEST) if c >= FEWEST else None for c in counts))


def _waits(counted: list[Counted]) -> list[Shown]:
    found = []
    for kind, name in (("danger", "danger"), ("other", "everything else")):
        waits = [c.waits[kind] for c in counted]
        found.append(_minutes(f"{name}: half were taken on within", [median(w) if len(w) >= FEWEST else None for w in waits]))
        # A 95th percentile of few is the slowest of them, and so somebody's own.
        found.append(_minutes(f"{name}: 95 % were taken on within", [percentile(w, 0.95) if len(w) >= 20 * FEWEST else None for w in waits]))
    return found


def _minutes(name: str, seconds: list[Optional[float]]) -> Shown:
    minutes = [None if s is None else math.ceil(s / 60) for s in seconds]
    return Shown("Waiting", name, tuple(LEFT_OUT if m is None else f"{m} min" for m in minutes), tuple(None if m is None else float(m) for m in minutes), "min")


def _weights(counted: list[Counted]) -> list[Shown]:
    found = []
    for index, name in ((0, "before"), (1, "after")):
        given = [None if c.weights is None else [pair[index] for pair in c.weights] for c in counted]
        means = [sum(w) / len(w) if w is not None and len(w) >= FEWEST else None for w in given]
        words = tuple(UNKNOWN if w is None else LEFT_OUT if m is None else f"{m:.1f}" for w, m in zip(given, means))
        found.append(Shown("Weight, from 0 (light) to 10", f"mean {name}", words, tuple(None if m is None else round(m, 1) for m in means)))
    return found


def _belief(counted: list[Counted], intent: str, name: str) -> Shown:
    counts = [None if c.beliefs is None else c.beliefs.get(intent, 0) for c in counted]
    if any(count is None for count in counts):
        return Shown("Beliefs met, in conversations", name, (UNKNOWN,) * len(counts), (None,) * len(counts))
    return _count("Beliefs met, in conversations", name, [count or 0 for count in counts])


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))
