"""Shares with their uncertainty, and how far a confidence can be believed."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence

import numpy as np
from scipy.stats import binomtest

BINS = 10


class Share(NamedTuple):
    """A share of `n` cases with its 95 % Wilson interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class Bin(NamedTuple):
    """Cases of like confidence: the mean of it, the share that was right, how many."""

    confidence: float
    right: float
    n: int


def share(hits: Sequence[bool]) -> Share | None:
    """How often something held; None when there was no case."""
    if not hits:
        return None
    found = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
    return Share(sum(hits) / len(hits), float(found.low), float(found.high), len(hits))


def bins(confidence: Any, right: Any) -> list[Bin]:
    """Ten equal bins of confidence from 0 to 1, empty ones left out."""
    confidence, right = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    numbers = np.minimum((confidence * BINS).astype(int), BINS - 1)
    inside = [numbers == b for b in range(BINS) if (numbers == b).any()]
    return [Bin(float(confidence[i].mean()), float(right[i].mean()), int(i.sum())) for i in inside]


def calibration_error(confidence: Any, right: Any) -> float:
    """Expected calibration error over `bins`: the mean distance of confidence and truth, each bin counting by its cases."""
    found = bins(confidence, right)
    return sum(b.n * abs(b.confidence - b.right) for b in found) / max(sum(b.n for b in found), 1)
