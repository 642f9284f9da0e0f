"""What a scenario found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, Optional

from bot.bench.spread import Spread

Better = Literal["less", "more"]
SIDES = ("product", "reference")


class Bound(NamedTuple):
    """What is to be reached: `most` or `least` of our own value, or `times` better than the reference."""

    most: Optional[float] = None
    least: Optional[float] = None
    times: Optional[float] = None


NOTHING = Bound()


@dataclass(frozen=True)
class Figure:
    """One figure of both sides; `reference` is None where the reference has nothing like it."""

    name: str
    unit: str
    product: float
    reference: Optional[float] = None
    better: Better = "less"
    wanted: Bound = NOTHING

    @property
    def ratio(self) -> Optional[float]:
        """How many times better the product is; below 1 it is worse. None without a reference."""
        if self.reference is None or not (self.product and self.reference):
            return None
        return self.reference / self.product if self.better == "less" else self.product / self.reference

    @property
    def reached(self) -> Optional[bool]:
        """Whether all that is wanted was reached. None where nothing is wanted, or the reference that it is measured by is missing."""
        wanted = self.wanted
        if wanted.times is not None and self.ratio is None:
            return None
        checks = [
            *([self.product <= wanted.most] if wanted.most is not None else []),
            *([self.product >= wanted.least] if wanted.least is not None else []),
            *([self.ratio >= wanted.times] if wanted.times is not None and self.ratio is not None else []),
        ]
        return all(checks) if checks else None


@dataclass(frozen=True)
class Outcome:
    """Figures, the spreads they come from by what was timed, curves for the picture (pairs of x and y by name), and remarks on this run."""

    figures: list[Figure]
    spreads: dict[str, Spread] = field(default_factory=dict)
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        figures = [{**asdict(f), "wanted": f.wanted._asdict(), "ratio": f.ratio, "reached": f.reached} for f in self.figures]
        return {"figures": figures, "spreads": {n: s._asdict() for n, s in self.spreads.items()}, "curves": self.curves, "remarks": self.remarks}
