"""Many measured times as a few figures."""

from __future__ import annotations

from typing import NamedTuple, Sequence

import numpy as np


class Spread(NamedTuple):
    """`n` times in milliseconds: the median, and what 95 and 99 of a hundred stay below."""

    n: int
    p50: float
    p95: float
    p99: float
    most: float


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of times given in seconds; percentiles between two values are interpolated. Raises ValueError when there is none."""
    if not seconds:
        raise ValueError("Nothing was measured: no turn got an answer.")
    ms = np.asarray(seconds) * 1000
    p50, p95, p99 = (float(p) for p in np.percentile(ms, (50, 95, 99)))
    return Spread(len(seconds), p50, p95, p99, float(ms.max()))
