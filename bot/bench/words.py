"""What is written in the measurements: our own examples, in an order that is the same at every run."""

from __future__ import annotations

import json
import random
from functools import lru_cache
from itertools import cycle
from typing import Iterator

from bot.nlu.likelihood import likelihoods
from bot.reframing.examples import examples_in
from bot.reframing.loading import load
from bot.safety.scoring import scorer
from bot.safety.screening import assess
from bot.settings import ROOT

SEED = 9
SCRIPT = ("belief", "answer", "answer", "doesnt_fit", "answer", "say_more", "answer", "not_sure", "share_feeling", "thank")
"""The intents of a conversation's messages, again from the beginning when it is longer; `belief` is one that is reframed."""
LOOKED_AT = 120
"""Examples of each kind that are tried for calmness."""


@lru_cache(maxsize=1)
def calm() -> dict[str, list[str]]:
    """For each part of SCRIPT texts that raise no risk: a conversation that has come into danger no longer asks the agent, and would look quick."""
    reframed = {name for name, belief in load().beliefs.items() if belief.kind == "reframed"}
    kinds: dict[str, list[str]] = {name: [] for name in SCRIPT}
    for example in examples_in(ROOT / "data" / "nlu"):
        kinds.get("belief" if example.intent in reframed else example.intent, []).append(example.text)
    for texts in kinds.values():
        random.Random(SEED).shuffle(texts)
    return {name: _calm(texts[: LOOKED_AT * (4 if name == "belief" else 1)]) for name, texts in kinds.items()}


def _calm(texts: list[str]) -> list[str]:
    """Texts that neither the rules nor the scorer even suspect."""
    return [text for text, score in zip(texts, likelihoods(texts)) if score.risk < scorer().suspected and assess(text).tier == "none"]


def beliefs(count: int) -> list[str]:
    """So many messages that voice a belief, from the beginning again when there are not enough."""
    return [text for text, _ in zip(cycle(calm()["belief"]), range(count))]


def scripts(count: int, turns: int) -> list[list[str]]:
    """So many conversations of so many messages, each of other sentences."""
    heaps = {name: cycle(texts) for name, texts in calm().items()}
    return [[next(heaps[name]) for name, _ in zip(cycle(SCRIPT), range(turns))] for _ in range(count)]


def posts() -> list[str]:
    """What the risk examples hold, in and out of danger, each once."""
    rows = [json.loads(row)["text"] for file in sorted((ROOT / "data" / "safety").glob("*.jsonl")) for row in file.read_text(encoding="utf-8").splitlines()]
    texts = list(dict.fromkeys(rows))
    random.Random(SEED).shuffle(texts)
    return texts


def of_words(count: int, length: int) -> list[str]:
    """So many different messages of exactly `length` words, pieced together from `posts`."""
    words: Iterator[str] = cycle(word for text in posts() for word in text.split())
    return [" ".join(next(words) for _ in range(length)) for _ in range(count)]
