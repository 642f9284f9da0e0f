"""The evaluation says what it should about findings that are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

import pytest

from bot.agent.assessing import Finding
from bot.agent.evaluating import Case, confused, evaluate, labelled
from bot.agent.evaluation_page import write
from bot.agent.figures import bins, calibration_error, share


def found(belief: Optional[str], *ranking: tuple[str, float], tier: str = "none") -> Finding:
    """What the recogniser may say."""
    return Finding(tier, belief, [{"id": name, "confidence": confidence} for name, confidence in ranking], None, [])


CASES = [
    Case(("failed_therapy",), "none", found("failed_therapy", ("failed_therapy", 0.9), ("resistant", 0.1))),
    Case(("failed_therapy", "resistant"), "none", found("resistant", ("resistant", 0.6), ("failed_therapy", 0.3))),
    Case(("failed_therapy",), "none", found("resistant", ("resistant", 0.8), ("failed_therapy", 0.1), tier="check_in")),
    Case(("therapist_harm",), "none", found("failed_therapy", ("failed_therapy", 0.7), ("resistant", 0.2))),
    Case(("none",), "none", found("resistant", ("resistant", 0.5))),
    Case(("none",), "none", found("other_therapy", ("other_therapy", 0.5))),
    Case(None, "urgent", found(None, tier="urgent")),
    Case(None, "check_in", found(None)),
]


def test_shares_are_counted_over_what_they_speak_of() -> None:
    """Beliefs over messages that voice one, alarms over calm ones, recall over those at risk."""
    shares = {name: (round(s.value, 3), s.n) for name, s in evaluate(CASES).shares.items()}
    assert shares == {
        "belief_top1_accepted": (0.5, 4),
        "belief_top2_accepted": (0.75, 4),
        "harm_reframed": (1.0, 1),
        "no_belief_taken_for_one": (0.5, 2),
        "risk_recall_any_tier": (0.5, 2),
        "risk_recall_urgent": (1.0, 1),
        "false_any_tier": (0.167, 6),
        "false_urgent": (0.0, 6),
    }


def test_what_is_not_labelled_has_no_figure() -> None:
    """Instead of a zero."""
    assert "risk_recall_any_tier" not in evaluate(CASES[:6]).shares
    assert evaluate([]).shares == {}


def test_beliefs_have_their_precision_and_recall_and_mistakes_their_pair() -> None:
    """An accepted second best is no mistake."""
    evaluation = evaluate(CASES)
    resistant, failed = evaluation.beliefs["resistant"], evaluation.beliefs["failed_therapy"]
    assert resistant.precision is not None
    assert (resistant.precision.value, resistant.precision.n, resistant.recall) == (0.5, 2, None)
    assert failed.recall is not None
    assert (failed.recall.value, failed.recall.n) == (pytest.approx(2 / 3), 3)
    assert confused(evaluation) == [("failed_therapy", "resistant", 1), ("therapist_harm", "failed_therapy", 1)]


def test_confidence_is_compared_with_the_truth() -> None:
    """Ten sure and right: no error. Ten sure and half of them wrong: the distance."""
    assert calibration_error([0.95] * 10, [True] * 10) == pytest.approx(0.05)
    assert calibration_error([0.95] * 10, [True, False] * 5) == pytest.approx(0.45)
    assert [(b.n, round(b.right, 2)) for b in bins([0.05, 0.95, 1.0], [False, True, True])] == [(1, 0.0), (2, 1.0)]


@pytest.mark.parametrize(("hits", "low", "high"), [([True] * 10, 0.722, 1.0), ([False] * 10, 0.0, 0.278), ([True, False] * 50, 0.404, 0.596)])
def test_intervals_are_wilsons(hits: list[bool], low: float, high: float) -> None:
    """Values from Wilson's formula."""
    interval = share(hits)
    assert interval is not None
    assert (round(interval.low, 3), round(interval.high, 3)) == (low, high)


@pytest.mark.parametrize(
    ("row", "accepted", "tier"),
    [
        ({"beliefs": ["resistant", "failed_therapy"], "tier": "none"}, ("resistant", "failed_therapy"), "none"),
        ({"label": "resistant"}, ("resistant",), None),
        ({"label": "small talk", "tier": "urgent"}, ("none",), "urgent"),
        ({"tier": "check_in"}, None, "check_in"),
    ],
)
def test_labels_are_read_in_both_forms(row: dict[str, Any], accepted: Optional[tuple[str, ...]], tier: Optional[str]) -> None:
    """`beliefs` before `label`; no label at all is not the label none."""
    assert labelled(row) == (accepted, tier)


def test_page_figures_and_picture_are_written(tmp_path: Path) -> None:
    """In the three forms."""
    page = write(evaluate(CASES), tmp_path, "it", "Title", "Intro.")
    assert "| failed_therapy | resistant | 1 |" in page
    assert "| urgent | 0 | 0 | 1 |" in page
    assert json.loads((tmp_path / "it.json").read_text(encoding="utf-8"))["shares"]["belief_top1_accepted"]["n"] == 4
    assert (tmp_path / "it.png").read_bytes().startswith(b"\x89PNG")
