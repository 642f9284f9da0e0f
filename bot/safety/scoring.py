"""The learnt layer: how likely a message is at risk, and of what kind, from its sentence vector. It can only raise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
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
    """A kernel machine over unit vectors of d numbers; written by `reframe safety train`.

    `mean` (d,) and `projection` (d, k) lead to fewer numbers; `support` (n, k) are the examples that count, in steps of `step`; `weights` (n, 2)
    and `bias` (2,) are what each says of any risk and of present danger, `gamma` how near it has to be. `slope` and `offset` (2,) turn that into
    likelihoods. `category` (d, c) and `category_bias` name the kind. `check_in` and `urgent` are the likelihoods from which a message is asked about
    or taken for present danger, `suspected` the one from which it counts as a weak sign, and is asked about where a rule saw danger that a mere
    frame lowered. `version` names what it was learnt from.
    """

    mean: Array
    projection: Array
    support: Array
    step: float
    weights: Array
    bias: Array
    gamma: float
    slope: Array
    offset: Array
    category: Array
    category_bias: Array
    check_in: float
    urgent: float
    suspected: float
    version: str

    @cached_property
    def _known(self) -> tuple[Array, Array]:
        """The examples (k, n) with the square of each one's size (n,): the same for all messages."""
        known = self.support * self.step
        return np.ascontiguousarray(known.T), (known**2).sum(axis=1)

    def margins(self, vectors: Array) -> Array:
        """How far each vector lies on the side of any risk and of present danger, (n, 2)."""
        near, (known, sizes) = (vectors - self.mean) @ self.projection, self._known
        far = (near**2).sum(axis=1)[:, None] + sizes[None, :] - 2 * near @ known
        return np.asarray(np.exp(-self.gamma * far) @ self.weights + self.bias, dtype=np.float32)

    def scores(self, vectors: Array) -> Scores:
        """For unit vectors of shape (n, d)."""
        likely = 1 / (1 + np.exp(-(self.margins(vectors) * self.slope + self.offset)))
        return Scores(likely[:, 0], likely[:, 1], (vectors @ self.category + self.category_bias).argmax(axis=1))

    def score(self, pieces: Array) -> Score:
        """For the pieces of one message: that of the gravest."""
        found = self.scores(pieces)
        worst = int(found.risk.argmax())
        return Score(float(found.risk[worst]), float(found.urgent.max()), CATEGORIES[int(found.category[worst])])

    def save(self, path: Path) -> None:
        """Write it where `scorer` reads it, small: its examples in single bytes."""
        values = asdict(self)
        halved = {name: np.asarray(values[name], dtype=np.float16) for name in ("mean", "projection", "category", "category_bias")}
        np.savez_compressed(path, **{**values, **halved, "support": self.support.astype(np.int8)})


@lru_cache(maxsize=1)
def scorer() -> Scorer:
    """The shipped scorer."""
    with np.load(WEIGHTS) as kept:
        values: dict[str, Any] = {name: kept[name].astype(np.float32) if kept[name].ndim else kept[name].item() for name in kept.files}
    return Scorer(**values)
