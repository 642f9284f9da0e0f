"""The model card of the screening: figures on our own held-out messages, with a plot of recall against false alarms. Made by `reframe safety card`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import numpy as np

from bot.agent.figures import calibration_error, share
from bot.agent.fitting import BOUNDS, labelled
from bot.nlu.likelihood import likelihoods
from bot.safety.scoring import Score, scorer
from bot.safety.screening import TIERS, assess, compiled

PAGE, PLOT = "model-card-safety.md", "model-card-safety.png"
Row = dict[str, Any]

TEXT = """# Model card: screening for risk

Made by `reframe safety card`; do not edit by hand. Rules version {rules}, scorer version {scorer}.

**Use.** To notice messages that speak of danger in a chat of adults about therapy, so that help is named and a person is asked. It is no diagnosis and no
measure of anyone's risk. It misses things: nobody may rely on it alone.

**Learnt from** `data/safety/` and `data/nlu/`, all written for this project; no message of a real person. Labels are of one reader each, not of a clinician.
**Measured on** `data/safety/held_out/test.jsonl` ({test} messages), which like `validation` ({validation}) was written by others without sight of the
rules; both came from the same hands, and rules have been changed since for kinds seen elsewhere. Likelihoods were fitted to `validation`, thresholds
set on the calm messages of {bounds}. 95 % Wilson intervals.

| | recall, any tier | recall, urgent | false urgent | false, any tier |
|---|---|---|---|---|
{table}

![Recall against false alarms](model-card-safety.png)

Recall of the whole, any tier, by category:

| category | recall | messages |
|---|---|---|
{categories}

Thresholds of the scorer: asked about from {check_in:.3f}, taken for present danger from {urgent:.3f}. Calibration error over ten bins, scorer
alone: {calibration:.3f}.
"""


def write(root: Path) -> str:
    """Write page and plot into docs/; returns the page."""
    held = {part: labelled(root, part) for part in ("validation", "test")}
    test = held["test"]
    each = likelihoods([r["text"] for r in test])
    risk, at_risk = np.array([score.risk for score in each]), np.array([r["tier"] != "none" for r in test])
    layers: dict[str, Callable[[int], str]] = {
        "rules alone": lambda n: assess(test[n]["text"]).tier,
        "scorer alone": lambda n: _alone(each[n]),
        "both, as used": lambda n: assess(test[n]["text"], each[n]).tier,
    }
    tiers = {name: [tier(n) for n in range(len(test))] for name, tier in layers.items()}
    _plot(root / "docs" / PLOT, at_risk, risk, tiers)
    page = TEXT.format(
        rules=compiled().version,
        scorer=scorer().version,
        validation=len(held["validation"]),
        test=len(test),
        bounds=", ".join(f"`{part}`" for part in BOUNDS),
        table="\n".join(f"| {name} | {_figures(test, got)} |" for name, got in tiers.items()),
        categories="\n".join(_by_category(test, tiers["both, as used"])),
        check_in=scorer().check_in,
        urgent=scorer().urgent,
        calibration=calibration_error(risk, at_risk),
    )
    (root / "docs" / PAGE).write_text(page, encoding="utf-8")
    return page


def _share(hits: list[bool]) -> str:
    return str(share(hits) or "–")


def _alone(score: Score) -> str:
    return "urgent" if score.urgent >= scorer().urgent else "check_in" if score.risk >= scorer().check_in else "none"


def _figures(rows: list[Row], got: list[str]) -> str:
    pairs = list(zip((r["tier"] for r in rows), got))
    return " | ".join(
        (
            _share([g != "none" for t, g in pairs if t != "none"]),
            _share([g == "urgent" for t, g in pairs if t == "urgent"]),
            _share([g == "urgent" for t, g in pairs if t == "none"]),
            _share([g != "none" for t, g in pairs if t == "none"]),
        )
    )


def _by_category(rows: list[Row], got: list[str]) -> list[str]:
    at_risk = [(r["category"], g != "none") for r, g in zip(rows, got) if r["tier"] != "none"]
    names = sorted({c for c, _ in at_risk})
    return [f"| {name} | {_share([hit for c, hit in at_risk if c == name])} | {sum(c == name for c, _ in at_risk)} |" for name in names]


def _plot(path: Path, at_risk: Any, risk: Any, tiers: dict[str, list[str]]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    bounds = np.unique(risk)
    figure, axes = plt.subplots(figsize=(6, 4.5))
    axes.plot([(risk[~at_risk] >= b).mean() for b in bounds], [(risk[at_risk] >= b).mean() for b in bounds], label="scorer alone, any threshold")
    for name, got in tiers.items():
        raised = np.array([TIERS.index(t) > 0 for t in got])
        axes.plot(raised[~at_risk].mean(), raised[at_risk].mean(), "o", label=name)
    axes.set(
        xlabel="false alarms (share of calm messages)",
        ylabel="recall (share of those at risk)",
        xlim=(0, 0.3),
        ylim=(0, 1),
        title="Screening, our own test part",
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
