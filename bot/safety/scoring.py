"""The learnt layer: how likely a message is at risk, and of what kind, from its sentence vector. It can only raise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

WEIGHTS = Path(__file__).parent / "content" / "scorer.npz"
Array = npt.NDArray[np.float32]
Tier = Literal["none", "check_in", "urgent"]
TIER_NAMES: tuple[Tier, ...] = ("none", "check_in", "urgent")
CATEGORIES = (
    *("suicide", "self_harm", "harm_to_others", "abuse", "sexual_assault", "child_safety", "medical"),
    *("psychosis", "eating_disorder", "substance", "third_party", "grief", "therapist_misconduct"),
)


class Scores(NamedTuple):
    """For n messages: the likelihood of any risk and of present danger, and the index of the likeliest category."""

    risk: Array
    urgent: Array
    category: npt.NDArray[np.int64]


class Score(NamedTuple):
    """The same for one message."""

    risk: float
    urgent: float
    category: str


@dataclass(frozen=True)
class Scorer:
    """Two linear heads over unit vectors; written by `reframe safety train`.

    `check_in` and `urgent` are the likelihoods from which a message is asked about or taken for present danger; `version` names what it was learnt from.
    """

    risk: Array
    risk_bias: Array
    category: Array
    category_bias: Array
    check_in: float
    urgent: float
    version: str

    def scores(self, vectors: Array) -> Scores:
        """For unit vectors of shape (n, 384)."""
        likely = _softmax(vectors @ self.risk + self.risk_bias)
        return Scores(1 - likely[:, 0], likely[:, 2], (vectors @ self.category + self.category_bias).argmax(axis=1))

    def score(self, pieces: Array) -> Score:
        """For the pieces of one message: that of the gravest."""
        found = self.scores(pieces)
        worst = int(found.risk.argmax())
        return Score(float(found.risk[worst]), float(found.urgent.max()), CATEGORIES[int(found.category[worst])])

    def save(self, path: Path) -> None:
        """Write it where `scorer` reads it."""
        np.savez_compressed(path, **asdict(self))


@lru_cache(maxsize=1)
def scorer() -> Scorer:
    """The shipped scorer."""
    with np.load(WEIGHTS) as kept:
        arrays: dict[str, Any] = {name: kept[name].astype(np.float32) for name in ("risk", "risk_bias", "category", "category_bias")}
        return Scorer(**arrays, check_in=float(kept["check_in"]), urgent=float(kept["urgent"]), version=str(kept["version"]))


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
