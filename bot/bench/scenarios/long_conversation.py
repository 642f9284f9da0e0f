"""Whether an answer takes longer the longer a conversation has been."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.spread import Spread, spread
from bot.bench.talking import Side, Turn, answered, line, timed
from bot.bench.words import beliefs, scripts

TITLE = "Turn 1,000 of one conversation against turn 10"
MEANING = (
    "One conversation is led to its 1,000th turn. From there on its turns alternate with tenth turns of new conversations, the same sentence in both, so that "
    "whatever else the machine does meets both alike. The ratio is that of the medians."
)
EARLY = 10


@dataclass(frozen=True)
class Size:
    """The late turn for the product and for the reference, which slows down too much to go as far; and how many pairs are compared."""

    turn: int
    of_reference: int
    pairs: int


SIZES = {"full": Size(1000, 150, 25), "quick": Size(30, 15, 3)}
POINTS = 100
"""Points of the curve."""


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    figures, spreads, curves = [], {}, {}
    for side in ground.both():
        turn = size.of_reference if side.name == "reference" else size.turn
        early, late, way = asyncio.run(_play(side, turn, size.pairs))
        spreads[f"turn {EARLY}, {side.name}"], spreads[f"turn {turn:,}, {side.name}"] = early, late
        curves[side.name] = _curve(way)
        wanted = Bound(most=1.2) if side.name == "product" else Bound()
        figures.append(Figure(f"turn {turn:,} against turn {EARLY}, {side.name}", "×", late.p50 / early.p50, wanted=wanted))
    return Outcome(figures, spreads, curves)


async def _play(side: Side, turn: int, pairs: int) -> tuple[Spread, Spread, list[Turn]]:
    """Early turns, late turns, and those on the way."""
    (script,) = scripts(1, turn - 1)
    early, late = [], []
    async with line() as http:
        talk = await side.begin(http)
        way = [await timed(talk, text) for text in script]
        for text, before in zip(beliefs(pairs), scripts(pairs, EARLY - 1)):
            other = await side.begin(http)
            for said in before:
                await timed(other, said)
            early.append(await timed(other, text))
            late.append(await timed(talk, text))
    return spread(answered(early)), spread(answered(late)), way


def _curve(turns: list[Turn]) -> list[tuple[float, float]]:
    """The median of each stretch in milliseconds, by the number of its last turn."""
    width = max(1, len(turns) // POINTS)
    stretches = [(start + width, answered(turns[start : start + width])) for start in range(0, len(turns), width)]
    return [(float(end), spread(seconds).p50) for end, seconds in stretches if seconds]
