"""How many messages `reframe assess` reads in a second."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model
from bot.bench.ground import Ground
from bot.bench.outcome import Bound, Figure, Outcome
from bot.bench.words import posts
from bot.settings import read_settings

TITLE = "`assess` in batch"
MEANING = "Messages a second through the whole recogniser, after loading, over our risk examples; each round takes others. The median of the rounds."


@dataclass(frozen=True)
class Size:
    """Rounds, and messages in each."""

    rounds: int
    messages: int


SIZES = {"full": Size(3, 900), "quick": Size(1, 100)}
WARM_UP = 20


def run(_: Ground, size: Size) -> Outcome:
    """Measure."""
    assessor, texts = Assessor(latest_model(read_settings().reframe_models)), posts()
    list(assessor.assess(texts[-WARM_UP:]))
    rates = []
    for start in range(0, size.rounds * size.messages, size.messages):
        began = time.perf_counter()
        found = list(assessor.assess(texts[start : start + size.messages]))
        rates.append(len(found) / (time.perf_counter() - began))
    words = statistics.mean(len(text.split()) for text in texts[: size.rounds * size.messages])
    return Outcome(
        [Figure("messages a second, `assess`", "1/s", statistics.median(rates), better="more", wanted=Bound(least=150))],
        remarks=[f"{words:.0f} words a message on average; rounds: {', '.join(f'{rate:.0f}' for rate in rates)} a second."],
    )
