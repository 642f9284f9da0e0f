"""How long it takes to see whether a message speaks of danger, without anything else."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.spread import spread
from bot.bench.words import of_words
from bot.nlu.likelihood import likelihood
from bot.safety.screening import assess

TITLE = "Screening for danger alone"
MEANING = (
    "What the desk does with every message before anything answers it: the encoder, the scorer and the rules, in this process, for messages of 50 words pieced "
    "together from our risk examples. No message comes twice."
)
WORDS = 50
WARM_UP = 5


@dataclass(frozen=True)
class Size:
    """How many messages."""

    messages: int


SIZES = {"full": Size(800), "quick": Size(60)}


def run(_: Ground, size: Size) -> Outcome:
    """Measure."""
    texts = of_words(size.messages + WARM_UP, WORDS)
    for text in texts[:WARM_UP]:
        assess(text, likelihood(text))
    found = [_screened(text) for text in texts[WARM_UP:]]
    both, rules = spread([sum(parts) for parts in found]), spread([parts[1] for parts in found])
    return Outcome(
        [
            Figure(f"screening, p95, {WORDS} words", "ms", both.p95, wanted=Bound(most=25)),
            Figure(f"of it the rules alone, p95, {WORDS} words", "ms", rules.p95),
        ],
        {"encoder, scorer and rules": both, "rules alone": rules},
    )


def _screened(text: str) -> tuple[float, float]:
    """Seconds of encoder and scorer, and of the rules."""
    began = time.perf_counter()
    score = likelihood(text)
    scored = time.perf_counter()
    assess(text, score)
    return scored - began, time.perf_counter() - scored
