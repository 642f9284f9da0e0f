"""Find duplicates and near-duplicates among the training examples, by the character trigrams they share."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from bot.reframing.examples import Example, examples_in

ACROSS, WITHIN = 0.2, 0.08
"""Cosine distances of trigram weights below which two examples count as the same: stricter across intents, where they confuse, than within."""


SHORT = 4
"""Examples of fewer words count only when they are equal: “thanks” and “no thanks” are near, and rightly apart."""


class Pair(NamedTuple):
    """Two examples that are nearly the same; `distance` is 0 for equal ones."""

    first: Example
    second: Example
    distance: float

    def __str__(self) -> str:
        one, other = self.first, self.second
        return f"{one.place} ({one.intent}) and {other.place} ({other.intent}), distance {self.distance:.2f}: {one.text} | {other.text}"


def near_duplicates(folder: Path) -> list[Pair]:
    """All pairs that are too near, nearest first. Raises OSError when the folder cannot be read."""
    examples = list(examples_in(folder))
    if len(examples) < 2:
        return []
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit_transform(e.text.lower() for e in examples)
    distances, places = NearestNeighbors(radius=ACROSS, metric="cosine").fit(vectors).radius_neighbors(vectors)
    pairs = [Pair(examples[i], examples[j], float(d)) for i, (row, near) in enumerate(zip(distances, places)) for d, j in zip(row, near) if i < j]
    return sorted(filter(_too_near, pairs), key=lambda p: p.distance)


def _too_near(pair: Pair) -> bool:
    one, other = (e.text.lower() for e in pair[:2])
    if min(len(one.split()), len(other.split())) < SHORT:
        return one == other
    return pair.distance < (WITHIN if pair.first.intent == pair.second.intent else ACROSS)
