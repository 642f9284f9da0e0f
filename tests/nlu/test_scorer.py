"""The learnt layer of screening: it raises what no rule says, and only to asking."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model
from bot.nlu.encoder import encoder
from bot.safety.scoring import scorer
from bot.safety.screening import assess
from bot.settings import ROOT


@pytest.mark.parametrize(("likely", "tier"), [(0.0, "none"), (0.999, "check_in")])
def test_a_likelihood_raises_to_asking_and_no_further(likely: float, tier: str) -> None:
    """And says so in the evidence."""
    found = assess("I gave away my records", likely)
    assert found.tier == tier
    assert [e.rule for e in found.evidence] == (["scorer"] if likely else [])


@pytest.mark.parametrize(("text", "tier"), [("I don't want to just survive, I want to really live", "none"), ("I do not want to live like this", "check_in")])
def test_a_wish_to_live_is_not_taken_for_its_opposite(text: str, tier: str) -> None:
    """Said outright, it outweighs the likelihood; denied, it does not."""
    assert (assess(text, 0.9).tier == "none") == (tier == "none")


def test_a_low_likelihood_lowers_nothing() -> None:
    """What a rule has raised stays."""
    assert assess("I want to kill myself", 0.0).tier == "urgent"


def test_likelihoods_stay_between_0_and_1_and_rank_danger_above_small_talk() -> None:
    """For single messages and for batches."""
    risk, talk = scorer().likelihood(encoder().encode(["there is no point in me being here any longer", "what time does the shop open"]))
    assert 0 <= talk < risk <= 1
    assert np.isfinite(scorer().likelihood(np.zeros((3, 384), dtype=np.float32))).all()


def test_on_our_own_ordinary_messages_it_seldom_asks() -> None:
    """At most one in fifty of those nobody would ask about (they were learnt from, so this holds the wiring, not the quality)."""
    rows = [json.loads(line) for line in (ROOT / "data" / "safety" / "ordinary.jsonl").read_text(encoding="utf-8").splitlines()]
    calm = [row["text"] for row in rows if row["tier"] == "none"]
    likely = scorer().likelihood(encoder().encode(calm))
    assert (likely >= scorer().threshold).mean() <= 0.02


def test_the_pipeline_uses_it() -> None:
    """The version of an assessment names the rules and the scorer."""
    (found,) = Assessor(latest_model(ROOT / "models")).assess(["hello"])
    assert found.explanation[-1]["rules"].endswith(scorer().version)
