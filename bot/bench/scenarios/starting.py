"""How long after the command the first message can be answered."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.product import Product
from bot.bench.reference import Reference
from bot.bench.talking import one_after_another
from bot.bench.words import beliefs

TITLE = "From the command to ready"
MEANING = (
    "From starting `reframe serve` with a trained model and an empty database until `/readyz` says yes, and the first turn after that. For the reference: both "
    "of its programs started together, until both answer. Started in turn, each several times; medians."
)


@dataclass(frozen=True)
class Size:
    """How often each is started."""

    starts: int


SIZES = {"full": Size(5), "quick": Size(1)}


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    seconds: dict[str, list[float]] = {"product": [], "reference": []}
    firsts: dict[str, list[float]] = {"product": [], "reference": []}
    for text in beliefs(size.starts):
        for name in ("product", "reference") if ground.compared else ("product",):
            side = Product(ground.folder("start")) if name == "product" else Reference(ground.trained())
            seconds[name].append(side.seconds)
            firsts[name].append(asyncio.run(one_after_another(side, [text]))[0].seconds * 1000)
            side.stop()
    mine, theirs = (statistics.median(seconds[name]) if seconds[name] else None for name in seconds)
    first, of_theirs = (statistics.median(firsts[name]) if firsts[name] else None for name in firsts)
    return Outcome(
        [
            Figure("ready after", "s", float(mine or 0), theirs, wanted=Bound(most=15)),
            Figure("first turn after that", "ms", float(first or 0), of_theirs),
        ],
        remarks=[f"{name}: {', '.join(f'{s:.1f}' for s in each)} s." for name, each in seconds.items() if each],
    )
