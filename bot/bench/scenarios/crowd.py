"""Many people write at once and without a pause: how much is answered in a second."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.spread import spread
from bot.bench.talking import Turn, answered, crowd
from bot.bench.words import scripts

TITLE = "Turns a second, 16 users"
MEANING = (
    "Sixteen users write whole conversations of ten messages, each sending the next as soon as the last is answered; the sides take turns. Turns that got an "
    "answer, divided by the seconds it took. What writes the messages runs on the same machine and takes its share of it."
)


@dataclass(frozen=True)
class Size:
    """Users at once, and the conversations of a round for the product and for the slower reference."""

    rounds: int
    users: int
    conversations: int
    of_reference: int


SIZES = {"full": Size(3, 16, 160, 48), "quick": Size(1, 4, 6, 4)}
TURNS = 10


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    turns: dict[str, list[Turn]] = {side.name: [] for side in ground.both()}
    seconds = dict.fromkeys(turns, 0.0)
    for _ in range(size.rounds):
        for side in ground.both():
            count = size.of_reference if side.name == "reference" else size.conversations
            played, took = asyncio.run(crowd(side, scripts(count, TURNS), size.users))
            turns[side.name] += played
            seconds[side.name] += took
    rates = {name: len(answered(turns[name])) / seconds[name] for name in turns}
    return Outcome(
        [Figure(f"turns a second, {size.users} users", "1/s", rates["product"], rates.get("reference"), "more", Bound(times=5))],
        {f"turn, {name}": spread(answered(played)) for name, played in turns.items()},
        remarks=[f"{name}: {len(played) - len(answered(played))} of {len(played)} turns without an answer." for name, played in turns.items()],
    )
