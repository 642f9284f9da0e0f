"""One person writes one belief and waits for the reframe."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.spread import spread
from bot.bench.talking import Turn, answered, one_after_another
from bot.bench.words import beliefs
from bot.nlu.encoder import encoder
from bot.reframing.loading import load

TITLE = "A turn: belief to reframe, one user"
MEANING = (
    "From sending a belief over HTTP, as the first message of a new conversation, until its answer is there. The product and the reference take turns, a "
    "block each. Beside it the time that the sentence encoder alone takes for the same message, in a process of its own: less than that no answer of "
    "this design can take."
)


@dataclass(frozen=True)
class Size:
    """Blocks of each side, and turns in a block."""

    blocks: int
    turns: int


SIZES = {"full": Size(6, 50), "quick": Size(2, 5)}
WARM_UP = 3


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    found: dict[str, list[Turn]] = {side.name: [] for side in ground.both()}
    texts, alone = beliefs(size.blocks * size.turns + WARM_UP), []
    for side in ground.both():
        asyncio.run(one_after_another(side, texts[-WARM_UP:]))
    encoder().encode(texts[-WARM_UP:])
    for start in range(0, size.blocks * size.turns, size.turns):
        block = texts[start : start + size.turns]
        for side in ground.both():
            found[side.name] += asyncio.run(one_after_another(side, block))
        alone += [_encoded(text) for text in block]
    return _outcome(found, alone)


def _encoded(text: str) -> float:
    began = time.perf_counter()
    encoder().encode([text])
    return time.perf_counter() - began


def _outcome(found: dict[str, list[Turn]], alone: list[float]) -> Outcome:
    spreads = {"encoder alone": spread(alone), **{f"turn, {name}": spread(answered(turns)) for name, turns in found.items()}}
    mine, theirs = spreads["turn, product"], spreads.get("turn, reference")
    return Outcome(
        [
            Figure("turn, p50", "ms", mine.p50, theirs and theirs.p50, wanted=Bound(times=5)),
            Figure("turn, p95", "ms", mine.p95, theirs and theirs.p95),
            Figure("turn, p50, in times of the encoder alone", "×", mine.p50 / spreads["encoder alone"].p50, wanted=Bound(most=2)),
        ],
        spreads,
        remarks=[
            f"{name}: {_reframed(turns)} of {len(turns)} turns were answered by a reframe, {len(turns) - len(answered(turns))} not at all."
            for name, turns in found.items()
        ],
    )


def _reframed(turns: list[Turn]) -> int:
    lines = [line.text for belief in load().beliefs.values() for line in belief.reframes]
    return sum(any(line in said for line in lines for said in turn.said) for turn in turns)
