"""Whether memory stays flat over many turns of many conversations."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.product import Product
from bot.bench.reference import Reference
from bot.bench.talking import answered, crowd
from bot.bench.words import scripts

TITLE = "Memory"
MEANING = (
    "A server started for this alone answers whole conversations, several users at once. Its memory in RAM (resident set, children included, in megabytes of a "
    "million bytes) is read after each twentieth part. Flat means: over the second half the highest and the lowest differ by so much of the mean."
)
PARTS = 20
USERS = 8


@dataclass(frozen=True)
class Size:
    """Conversations of the product and of the reference, and turns in each."""

    conversations: int
    of_reference: int
    turns: int


SIZES = {"full": Size(500, 60, 20), "quick": Size(20, 20, 2)}


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    remarks: list[str] = []
    curves = {"product": _play(Product(ground.folder("memory")), size.conversations, size.turns, remarks)}
    if ground.compared:
        curves["reference"] = _play(Reference(ground.trained()), size.of_reference, size.turns, remarks)
    ends = {name: curve[-1][1] for name, curve in curves.items()}
    flat = {name: _flat(curve) for name, curve in curves.items()}
    turns = size.conversations * size.turns
    return Outcome(
        [
            Figure(
                f"memory after {turns:,} turns over {size.conversations:,} conversations", "MB", ends["product"], ends.get("reference"), wanted=Bound(most=1200)
            ),
            Figure("its range over the second half", "%", flat["product"], flat.get("reference"), wanted=Bound(most=5)),
        ],
        curves=curves,
        remarks=remarks,
    )


def _play(side: Product | Reference, conversations: int, turns: int, remarks: list[str]) -> list[tuple[float, float]]:
    """Memory in megabytes by the number of turns answered."""
    heap, done, curve = scripts(conversations, turns), 0, [(0.0, side.megabytes())]
    width = -(-conversations // PARTS)
    for start in range(0, conversations, width):
        played, _ = asyncio.run(crowd(side, heap[start : start + width], USERS))
        done += len(answered(played))
        curve.append((float(done), side.megabytes()))
    side.stop()
    remarks.append(f"{side.name}: {done:,} turns over {conversations:,} conversations, {curve[0][1]:.0f} MB when it was ready.")
    return curve


def _flat(curve: list[tuple[float, float]]) -> float:
    """How far apart the highest and the lowest of the second half are, in hundredths of their mean."""
    half = [memory for _, memory in curve[len(curve) // 2 :]]
    return 100 * (max(half) - min(half)) / (sum(half) / len(half))
