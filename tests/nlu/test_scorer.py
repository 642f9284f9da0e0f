"""The learnt layer of screening: it raises what no rule says, and only to asking."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model
from bot.nlu.likelihood import likelihood, likelihoods
from bot.safety.scoring import Score, scorer
from bot.safety.screening import assess
from bot.settings import ROOT


def scored(risk: float, urgent: float = 0.0) -> Score:
    """What the scorer may find."""
    return Score(risk, urgent, "abuse")


@pytest.mark.parametrize(("score", "tier"), [(scored(0.0), "none"), (scored(1.0), "check_in"), (scored(1.0, 1.0), "urgent")])
def test_a_likelihood_raises(score: Score, tier: str) -> None:
    """And says so in the evidence, with the category it found."""
    found = assess("I gave away my records", score)
    assert (found.tier, found.category) == (tier, None if tier == "none" else "abuse")
    assert [e.rule for e in found.evidence] == ([] if tier == "none" else ["scorer"])


def test_what_a_frame_lowered_is_asked_about_when_it_is_likely_all_the_same() -> None:
    """A word that belongs to a joke does not make one."""
    text = "this commute makes me want to kill myself"
    assert assess(text, scored(0.0)).tier == "none"
    assert assess(text, scored(0.8)).tier == "check_in"


@pytest.mark.parametrize(("text", "tier"), [("I don't want to just survive, I want to really live", "none"), ("I do not want to live like this", "check_in")])
def test_a_wish_to_live_is_not_taken_for_its_opposite(text: str, tier: str) -> None:
    """Said outright, it outweighs the likelihood; denied, it does not."""
    assert (assess(text, scored(1.0)).tier == "none") == (tier == "none")


def test_a_low_likelihood_lowers_nothing() -> None:
    """What a rule has raised stays."""
    assert assess("I want to kill myself", scored(0.0)).tier == "urgent"


def test_likelihoods_stay_between_0_and_1_and_rank_danger_above_small_talk() -> None:
    """For batches, and for vectors that no text has."""
    risk, talk = likelihoods(["there is no point in me being here any longer", "what time does the shop open"])
    assert 0 <= talk.risk < risk.risk <= 1
    assert np.isfinite(scorer().scores(np.zeros((3, 384), dtype=np.float32)).risk).all()


def test_one_message_is_scored_as_in_a_batch() -> None:
    """The desk and the pipeline see the same."""
    texts = ["I can't do this any more. Nothing is left. I went to the sea.", "hello"]
    assert np.allclose(likelihood(texts[0]).risk, likelihoods(texts)[0].risk, atol=1e-3)


def test_on_messages_it_was_not_learnt_from_it_finds_more_than_the_rules() -> None:
    """The test part: this holds that the layer is worth having; figures are in docs/measurements.md."""
    rows = [json.loads(line) for line in (ROOT / "data" / "safety" / "held_out" / "test.jsonl").read_text(encoding="utf-8").splitlines()]
    at_risk = [row["text"] for row in rows if row["tier"] != "none"]
    found = np.array([score.risk >= scorer().check_in for score in likelihoods(at_risk)])
    by_rules = np.array([assess(text).tier != "none" for text in at_risk])
    assert (found | by_rules).mean() > by_rules.mean() + 0.1


def test_the_pipeline_uses_it() -> None:
    """The version of an assessment names the rules and the scorer."""
    (found,) = Assessor(latest_model(ROOT / "models")).assess(["hello"])
    assert found.explanation[-1]["rules"].endswith(scorer().version)
