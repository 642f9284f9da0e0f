"""Let the examples nearest to a sentence vote on what it says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.neighbors import NearestNeighbors

from bot.nlu.encoder import Vectors

VOTERS, SOFTNESS = 30, 0.05
"""So many examples vote; one that is SOFTNESS further off in cosine than the nearest has 1/e of its vote. Chosen by the table in docs/recognition.md."""


class Votes(NamedTuple):
    """For n sentences: the share of each class (n, classes), and the cosine of the nearest example (n,)."""

    shares: Any
    nearest: Any


class Neighbours:
    """The examples of one training, as unit vectors with their classes."""

    def __init__(self, vectors: Vectors, labels: list[str]) -> None:
        self.classes, numbers = np.unique(labels, return_inverse=True)
        self.of = np.eye(len(self.classes), dtype=np.float32)[numbers]
        self.index = NearestNeighbors(n_neighbors=min(VOTERS, len(labels)), metric="cosine", algorithm="brute").fit(vectors)

    def votes(self, rows: Vectors) -> Votes:
        """What the neighbours of each row say."""
        far, voters = self.index.kneighbors(rows)
        weights = np.exp((far[:, :1] - far) / SOFTNESS)
        shares = np.einsum("nk,nkc->nc", weights, self.of[voters])
        return Votes(shares / shares.sum(axis=1, keepdims=True), 1 - far[:, 0])
