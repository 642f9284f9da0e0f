"""How far two reviewers agree beyond chance: Cohen's kappa, always beside the number of pairs it rests on."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Optional, Sequence

from sklearn.metrics import cohen_kappa_score

FEWEST = 10
"""With fewer pairs kappa says next to nothing, and none is given."""
ORDER = {"harm": 0, "adequate": 1, "best": 2}
"""Ratings in their order: best and harm are further apart than best and adequate."""


@dataclass(frozen=True)
class Agreement:
    """`kappa` from -1 to 1, weighted by distance where the answers have an order; None where it cannot be told. `same` is the share of equal answers."""

    kappa: Optional[float]
    same: Optional[float]
    pairs: int


def agreement(pairs: Sequence[tuple[Any, Any]]) -> Agreement:
    """Of the answers of two people to the same question. Where one of them said that it does not apply, the pair is left out."""
    told = [pair for pair in pairs if "not_applicable" not in pair]
    if not told:
        return Agreement(None, None, 0)
    same = sum(one == other for one, other in told) / len(told)
    return Agreement(_kappa(told) if len(told) >= FEWEST else None, same, len(told))


def _kappa(pairs: Sequence[tuple[Any, Any]]) -> Optional[float]:
    ordered = all(answer in ORDER for pair in pairs for answer in pair)
    ones, others = zip(*((ORDER[one], ORDER[other]) if ordered else (int(one), int(other)) for one, other in pairs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where all answers are alike the formula divides by nothing, which is told below
        found = float(cohen_kappa_score(ones, others, labels=[0, 1, 2] if ordered else [0, 1], weights="linear" if ordered else None))
    return None if math.isnan(found) else found
