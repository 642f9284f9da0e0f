"""Let the examples that are like a sentence say what it means: a ridge regression on their likeness."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from bot.nlu.encoder import Vectors

GAMMA, RIDGE = 2.0, 0.3
"""An example at a squared distance of 1/GAMMA has 1/e of its say; the price of following every example. Chosen by the table in docs/recognition.md."""
FLOOR = 1e-4
"""A class nobody speaks for is unlikely, not impossible."""


class Votes(NamedTuple):
    """For n sentences: the share of each class (n, classes), and the cosine of the nearest example (n,)."""

    shares: Any
    nearest: Any


class Likeness:
    """The examples of one training, as unit vectors with their classes."""

    def __init__(self, vectors: Vectors, labels: list[str]) -> None:
        self.classes, numbers = np.unique(labels, return_inverse=True)
        ridge = KernelRidge(kernel="rbf", gamma=GAMMA, alpha=RIDGE).fit(vectors, np.eye(len(self.classes))[numbers])
        self.examples, self.say = vectors.astype(np.float32), ridge.dual_coef_.astype(np.float32)

    def votes(self, rows: Vectors) -> Votes:
        """What the examples say of each row."""
        near = rows @ self.examples.T
        # Of unit vectors the squared distance is 2 - 2 cos, so one product serves the kernel and the nearest.
        said = np.clip(np.exp(2 * GAMMA * (near - 1)) @ self.say, FLOOR, None)
        return Votes(said / said.sum(axis=1, keepdims=True), near.max(axis=1))
