"""The learnt layer: how likely a message is at risk, from its sentence vector. It can only raise, and only to asking."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WEIGHTS = Path(__file__).parent / "content" / "scorer.npz"
Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Scorer:
    """One hidden layer and a logistic output, calibrated by a line through its logit; written by `reframe safety train`.

    `threshold` is the likelihood from which a message is asked about; `version` names the data it was learnt from.
    """

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: float
    slope: float
    shift: float
    threshold: float
    version: str

    def likelihood(self, vectors: Array) -> Array:
        """Likelihoods from 0 to 1 for unit vectors of shape (n, 384)."""
        logit = np.maximum(vectors @ self.hidden + self.hidden_bias, 0) @ self.output + self.output_bias
        return np.asarray(1 / (1 + np.exp(-(self.slope * logit + self.shift))), dtype=np.float32)


@lru_cache(maxsize=1)
def scorer() -> Scorer:
    """The shipped scorer."""
    with np.load(WEIGHTS) as kept:
        arrays: dict[str, Any] = {name: kept[name].astype(np.float32) for name in ("hidden", "hidden_bias", "output")}
        numbers: dict[str, Any] = {name: float(kept[name]) for name in ("output_bias", "slope", "shift", "threshold")}
        return Scorer(**arrays, **numbers, version=str(kept["version"]))
