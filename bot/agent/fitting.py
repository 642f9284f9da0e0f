"""Fit the scorer of risk on the vectors of the tuned encoder, and set its thresholds on the validation part."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from bot.agent.tuning import Example, examples
from bot.nlu.encoder import encoder
from bot.nlu.segments import windows
from bot.safety.scoring import CATEGORIES, TIER_NAMES, WEIGHTS, Scorer

NUMBERS, COST, GAMMA = 128, 2.0, 2.0
"""Numbers of a vector that are kept; the price of a mistake; 1/e of the say at a squared distance of 1/GAMMA. Chosen by the table in docs/measurements.md."""
ASKED, SUSPECTED, ALARMED = 0.03, 0.1, 0.002
BOUNDS = (
    *("validation", "answers", "plain", "about_therapy", "body_and_mind", "forms_of_danger", "in_passing", "life_and_death", "lookalikes", "on_the_phone"),
    *("people_around", "forum_plain", "chat_plain", "to_and_from_others", "body_plain", "treatment_plain", "requests"),
)
"""The held-out parts that set the thresholds.

ASKED, SUSPECTED and ALARMED are the shares of their calm messages that may be asked about, count as a weak sign, and be taken for present danger. Their
calm messages were made to be taken for danger; of what people write a smaller share is."""


def fit(root: Path) -> Scorer:
    """The scorer, written to where it is read."""
    learnt = examples(root)
    version = hashlib.sha256(json.dumps([vars(e) for e in learnt]).encode()).hexdigest()[:12]
    calibrated = _calibrated(_machine(learnt, version), labelled(root, "validation"))
    scorer = _thresholds(calibrated, [row for part in BOUNDS for row in labelled(root, part)])
    scorer.save(WEIGHTS)
    return scorer


def labelled(root: Path, part: str) -> list[dict[str, Any]]:
    """The rows of a held-out part."""
    return [json.loads(line) for line in (root / "data" / "safety" / "held_out" / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]


def vectors(rows: list[dict[str, Any]]) -> Any:
    """The first piece of each message, which is almost always the whole."""
    return encoder().encode([windows(r["text"])[0] for r in rows])


def _machine(learnt: list[Example], version: str) -> Scorer:
    rows, tiers = encoder().encode([e.text for e in learnt]), np.array([e.tier for e in learnt])
    mean = rows.mean(axis=0)
    projection = np.linalg.svd(rows - mean, full_matrices=False)[2][:NUMBERS].T
    near = (rows - mean) @ projection
    step = float(np.abs(near).max() / 127)
    near = np.round(near / step)
    machines = [SVC(C=COST, gamma=GAMMA).fit(near * step, tiers >= least) for least in (1, 2)]
    say = np.zeros((len(near), 2), dtype=np.float32)
    for n, machine in enumerate(machines):
        say[machine.support_, n] = machine.dual_coef_[0]
    counts = say.any(axis=1)
    kinds = [(row, e.category) for row, e in zip(rows, learnt) if e.category is not None]
    kind = LogisticRegression(C=10, max_iter=500).fit(np.array([row for row, _ in kinds]), [c for _, c in kinds])
    if list(kind.classes_) != list(range(len(CATEGORIES))):
        raise ValueError("data/safety/ holds no example of some category")
    return Scorer(
        mean=mean,
        projection=projection,
        support=near[counts],
        step=step,
        weights=say[counts],
        bias=np.array([machine.intercept_[0] for machine in machines]),
        gamma=GAMMA,
        slope=_single([1.0, 1.0]),
        offset=_single([0.0, 0.0]),
        category=kind.coef_.T,
        category_bias=kind.intercept_,
        check_in=1.0,
        urgent=1.0,
        suspected=1.0,
        version=version,
    )


def _calibrated(scorer: Scorer, rows: list[dict[str, Any]]) -> Scorer:
    """With likelihoods instead of margins: a logistic curve through the validation part (Platt 1999)."""
    margins, tiers = scorer.margins(vectors(rows)), np.array([TIER_NAMES.index(r["tier"]) for r in rows])
    curves = [LogisticRegression(C=1e3).fit(margins[:, [n]], tiers >= n + 1) for n in (0, 1)]
    return replace(scorer, slope=_single([c.coef_[0, 0] for c in curves]), offset=_single([c.intercept_[0] for c in curves]))


def _single(numbers: list[float]) -> Any:
    return np.array(numbers, dtype=np.float32)


def _thresholds(scorer: Scorer, rows: list[dict[str, Any]]) -> Scorer:
    calm = np.array([r["tier"] == "none" for r in rows])
    found = scorer.scores(vectors(rows))
    return replace(
        scorer,
        check_in=float(np.quantile(found.risk[calm], 1 - ASKED)),
        suspected=float(np.quantile(found.risk[calm], 1 - SUSPECTED)),
        urgent=float(np.quantile(found.urgent[calm], 1 - ALARMED)),
    )
