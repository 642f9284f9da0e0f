"""A belief is heard however it is typed."""

from __future__ import annotations

import pytest
import yaml

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model
from bot.reframing.loading import load
from bot.settings import ROOT
from tests.nlu.perturbing import PERTURBATIONS

EVERY = 9
"""One in so many of our own sentences, the same ones each time."""


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    """The trained recogniser."""
    return Assessor(latest_model(ROOT / "models"))


@pytest.fixture(scope="module")
def heard(assessor: Assessor) -> list[tuple[str, str]]:
    """Sentences with the belief they are heard as when they are typed with care."""
    blocks = [block for path in sorted((ROOT / "data" / "nlu").glob("*.yml")) for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]]
    texts = [line.strip()[2:] for block in blocks if block["intent"] in load().beliefs for line in block["examples"].splitlines()[::EVERY]]
    return [(text, found.belief) for text, found in zip(texts, assessor.assess(texts)) if found.belief]


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_belief_survives_in_95_of_100(name: str, assessor: Assessor, heard: list[tuple[str, str]]) -> None:
    """Counted over the sentences that the perturbation changes; a handful of them is no measure."""
    changed = [(PERTURBATIONS[name](text), belief) for text, belief in heard if PERTURBATIONS[name](text) != text]
    kept = [found.belief == belief for (_, belief), found in zip(changed, assessor.assess([text for text, _ in changed]))]
    assert len(kept) >= 20
    assert sum(kept) / len(kept) >= 0.95
