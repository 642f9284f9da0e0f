"""What was found as a picture: ratios, and the curves over a long conversation and over many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt  # the backend without a screen has to be chosen first

CURVES = {"long": ("turn of one conversation", "milliseconds"), "memory": ("turns answered", "MB in RAM")}


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the PNG."""
    figure, (left, *others) = plt.subplots(1, 1 + len(CURVES), figsize=(16, 5))
    _ratios(left, [f for scenario in found["scenarios"].values() for f in scenario["figures"] if f["ratio"]])
    for axes, (name, (across, up)) in zip(others, CURVES.items()):
        curves = found["scenarios"].get(name, {}).get("curves", {})
        for side, points in curves.items():
            axes.plot(*zip(*points), label=side)
        axes.set(xlabel=across, ylabel=up, ylim=(0, None), title=name)
        if curves:
            axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=90, metadata={"Software": None})
    plt.close(figure)


def _ratios(axes: Any, figures: list[dict[str, Any]]) -> None:
    names = [f["name"] for f in figures][::-1]
    axes.barh(names, [f["ratio"] for f in figures][::-1])
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set(title="times better than the reference", xscale="log")
