"""What the recogniser gets right on labelled messages: beliefs, confidence, risk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Iterable, Optional

from bot.agent.assessing import Finding
from bot.agent.figures import Bin, Share, bins, calibration_error, share
from bot.reframing.loading import load

HARM, NONE = "therapist_harm", "none"


@dataclass(frozen=True)
class Case:
    """A labelled message with what was found. `accepted` are all ids a reader would accept (`none` is no belief), the best first; None was not labelled."""

    accepted: Optional[tuple[str, ...]]
    tier: Optional[str]
    found: Finding


@dataclass(frozen=True)
class OfBelief:
    """Of the messages a belief was named in, those where it is accepted; of the messages whose best id it is, those where it was named."""

    precision: Optional[Share]
    recall: Optional[Share]


@dataclass(frozen=True)
class Evaluation:
    """All figures. `confusion` counts (best id or the accepted one that was named, id named), `tiers` (labelled, found)."""

    messages: int
    shares: dict[str, Share]
    beliefs: dict[str, OfBelief]
    confusion: dict[tuple[str, str], int]
    tiers: dict[tuple[str, str], int]
    calibration: list[Bin]
    calibration_error: Optional[float]


def labelled(row: dict[str, Any]) -> tuple[Optional[tuple[str, ...]], Optional[str]]:
    """The ids accepted for a row and its tier, from `beliefs` or `label`, and `tier`. A label that is no belief means that none is voiced."""
    known = load().beliefs
    given = row.get("beliefs") or ([row["label"]] if "label" in row else None)
    accepted = tuple(dict.fromkeys(b if b in known else NONE for b in given)) if given else None
    return accepted, row.get("tier")


def evaluate(cases: list[Case]) -> Evaluation:
    """Figures over the cases; a figure nothing was labelled for is left out."""
    heard = [(c.accepted, c.found) for c in cases if c.accepted and (c.tier or "none") == "none"]
    voiced = [(a, f) for a, f in heard if a[0] != NONE]
    calm = [c for c in cases if c.tier == "none"]
    risk = [c for c in cases if c.tier in ("check_in", "urgent")]
    ranked = [(a, f) for a, f in voiced if f.ranking]
    sure, right = [f.ranking[0]["confidence"] for _, f in ranked], [f.ranking[0]["id"] in a for a, f in ranked]
    return Evaluation(
        messages=len(cases),
        shares=_known(
            belief_top1_accepted=[f.belief in a for a, f in voiced],
            belief_top2_accepted=[bool({r["id"] for r in f.ranking[:2]} & set(a)) for a, f in voiced],
            harm_reframed=[_reframed(f) for a, f in voiced if a[0] == HARM],
            no_belief_taken_for_one=[_reframed(f) for a, f in heard if NONE in a],
            risk_recall_any_tier=[c.found.tier != "none" for c in risk],
            risk_recall_urgent=[c.found.tier == "urgent" for c in risk if c.tier == "urgent"],
            false_any_tier=[c.found.tier != "none" for c in calm],
            false_urgent=[c.found.tier == "urgent" for c in calm],
        ),
        beliefs={name: _of(name, voiced) for name in load().beliefs},
        confusion=dict(Counter(_pair(a, f) for a, f in voiced)),
        tiers=dict(Counter((c.tier, c.found.tier) for c in cases if c.tier)),
        calibration=bins(sure, right),
        calibration_error=calibration_error(sure, right) if sure else None,
    )


def confused(evaluation: Evaluation, most: int = 15) -> list[tuple[str, str, int]]:
    """The pairs taken for each other most often: best id, id named, how often."""
    wrong = [(best, named, n) for (best, named), n in evaluation.confusion.items() if best != named]
    return sorted(wrong, key=lambda w: (-w[2], w))[:most]


def _known(**hits: list[bool]) -> dict[str, Share]:
    return {name: found for name, each in hits.items() if (found := share(each))}


def _reframed(found: Finding) -> bool:
    return found.belief is not None and load().beliefs[found.belief].kind == "reframed"


def _of(name: str, voiced: Iterable[tuple[tuple[str, ...], Finding]]) -> OfBelief:
    voiced = list(voiced)
    return OfBelief(share([name in a for a, f in voiced if f.belief == name]), share([f.belief in a for a, f in voiced if a[0] == name]))


def _pair(accepted: tuple[str, ...], found: Finding) -> tuple[str, str]:
    named = found.belief or NONE
    return (named, named) if named in accepted else (accepted[0], named)
