"""An evaluation as JSON, as Markdown and as a picture."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

from bot.agent.evaluating import NONE, Evaluation, confused
from bot.agent.figures import Share

MEANING = {
    "belief_top1_accepted": "the belief that was named is one a reader accepts",
    "belief_top2_accepted": "one of the first two of the ranking is",
    "harm_reframed": "a report of harm by a professional was taken for a belief",
    "no_belief_taken_for_one": "a message without a belief was taken for one",
    "risk_recall_any_tier": "of messages at risk: asked about or answered as danger",
    "risk_recall_urgent": "of urgent ones: answered as danger",
    "false_any_tier": "of calm messages: asked about or answered as danger",
    "false_urgent": "of calm messages: answered as danger",
}


def write(evaluation: Evaluation, folder: Path, name: str, title: str, intro: str) -> str:
    """Write `name`.json, .md and .png into a folder; returns the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    page = markdown(evaluation, title, intro, f"{name}.png")
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(_plain(evaluation), indent=1) + "\n", encoding="utf-8")
    _draw(evaluation, folder / f"{name}.png")
    return page


def markdown(evaluation: Evaluation, title: str, intro: str, picture: str) -> str:
    """The page; sections without a figure are left out."""
    parts = [f"# {title}\n\n{intro}\n\n{evaluation.messages} messages. In brackets 95 % Wilson intervals.\n\n| figure | value | n |\n|---|---|---|"]
    parts += [f"| {MEANING[name]} (`{name}`) | {found} | {found.n} |" for name, found in evaluation.shares.items()]
    if evaluation.calibration_error is not None:
        error = evaluation.calibration_error
        parts.append(f"\nCalibration error of the first belief's confidence over ten bins: {error:.3f}.\n\n![Calibration and confusion]({picture})")
        parts.append("\n| belief | precision | recall | n |\n|---|---|---|---|")
        parts += [
            f"| {name} | {_or_dash(of.precision)} | {_or_dash(of.recall)} | {of.recall.n if of.recall else 0} |" for name, of in evaluation.beliefs.items()
        ]
        parts.append("\nTaken for each other most often:\n\n| best id | named | times |\n|---|---|---|")
        parts += [f"| {best} | {named} | {n} |" for best, named, n in confused(evaluation)]
    if evaluation.tiers:
        parts.append("\n| tier | found as none | as check_in | as urgent |\n|---|---|---|---|")
        parts += [f"| {tier} | " + " | ".join(str(evaluation.tiers.get((tier, found), 0)) for found in TIERS) + " |" for tier in TIERS]
    return "\n".join(parts) + "\n"


TIERS = ("none", "check_in", "urgent")


def _or_dash(found: Optional[Share]) -> str:
    return str(found) if found else "–"


def _plain(evaluation: Evaluation) -> dict[str, Any]:
    """As JSON can hold it: pairs become lists."""
    plain = asdict(evaluation)
    plain["shares"] = {name: found._asdict() for name, found in evaluation.shares.items()}
    plain["beliefs"] = {
        name: {part: found._asdict() if found else None for part, found in (("precision", of.precision), ("recall", of.recall))}
        for name, of in evaluation.beliefs.items()
    }
    plain["confusion"] = [[*pair, n] for pair, n in sorted(evaluation.confusion.items())]
    plain["tiers"] = [[*pair, n] for pair, n in sorted(evaluation.tiers.items())]
    plain["calibration"] = [b._asdict() for b in evaluation.calibration]
    return plain


def _draw(evaluation: Evaluation, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 6.5), gridspec_kw={"width_ratios": [1, 1.5]})
    left.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    left.plot([b.confidence for b in evaluation.calibration], [b.right for b in evaluation.calibration], "o-")
    left.set(xlabel="confidence of the first belief", ylabel="share that a reader accepts", xlim=(0, 1), ylim=(0, 1), title="Calibration")
    names = [*sorted({name for pair in evaluation.confusion for name in pair if name != NONE}), NONE]
    table = [[evaluation.confusion.get((best, named), 0) for named in names] for best in names]
    right.imshow([[n / max(sum(row), 1) for n in row] for row in table], cmap="Blues", vmin=0, vmax=1)
    right.set(title="Named (across) for the best id (down), share of the row", xticks=range(len(names)), yticks=range(len(names)))
    right.set_xticklabels(names, rotation=90, fontsize=7)
    right.set_yticklabels(names, fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
