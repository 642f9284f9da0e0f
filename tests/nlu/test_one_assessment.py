"""A message is read by the encoder once, however many ask: the desk, the pipeline, the action."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model
from bot.nlu.encoder import Encoder
from bot.nlu.likelihood import likelihood, likelihoods
from bot.nlu.vectors import REMEMBERED, encoded
from bot.safety.scoring import scorer
from bot.safety.screening import assess
from bot.settings import ROOT

LONG = "I went to see her for three years. In the end nothing had changed at all. I do not think that I can begin again."


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    """The trained recogniser."""
    return Assessor(latest_model(ROOT / "models"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the encoder was given, call by call."""
    calls: list[list[str]] = []
    whole = Encoder.encode

    def counted(self: Encoder, texts: list[str]) -> Any:
        calls.append(list(texts))
        return whole(self, texts)

    monkeypatch.setattr(Encoder, "encode", counted)
    return calls


@pytest.mark.parametrize("text", [f"{LONG} Once.", "a short one, said once"])
def test_desk_and_pipeline_read_a_message_once_and_find_the_same(assessor: Assessor, read: list[list[str]], text: str) -> None:
    """The tier, its evidence and its version are those of one assessment."""
    seen = assess(text, likelihood(text))
    (found,) = assessor.assess([text])
    pieces = [piece for call in read for piece in call]
    assert pieces[0] == text
    assert len(pieces) == len(set(pieces))
    assert (found.tier, found.explanation[-1]["rules"]) == (seen.tier, seen.version)
    assert [e["span"] for e in found.explanation[:-1]] == [e.span for e in seen.evidence]


def test_screening_does_not_read_the_sentences_apart(read: list[list[str]]) -> None:
    """Danger does not wait for what only the pipeline needs."""
    likelihood(f"{LONG} Screened.")
    assert read == [[f"{LONG} Screened."]]


def test_another_message_is_read_anew(read: list[list[str]]) -> None:
    """However alike."""
    likelihood("how alike they are")
    likelihood("how alike they are!")
    assert len(read) == 2


def test_only_so_many_messages_are_remembered(read: list[list[str]]) -> None:
    """What people wrote does not stay in memory for long."""
    for number in range(REMEMBERED + 1):
        likelihood(f"message number {number}")
    likelihood("message number 0")
    assert len(read) == REMEMBERED + 2


def test_alone_and_among_others_a_message_has_the_same_vectors() -> None:
    """To four digits, and in the same number."""
    texts = [LONG, "one", "/greet hello there", ""]
    for text, among in zip(texts, encoded(texts)):
        (alone,) = encoded([text])
        assert alone.whole.shape == among.whole.shape
        assert alone.sentences.shape == among.sentences.shape
        assert np.allclose(np.vstack(alone), np.vstack(among), atol=1e-4)
    assert np.allclose([s.risk for s in likelihoods(texts)], [likelihood(text).risk for text in texts], atol=1e-3)


def test_the_scorer_gives_what_its_formula_gives() -> None:
    """Distances to each example, one by one."""
    (found,) = encoded(["there is no point in me being here any longer"])
    known, near = scorer().support * scorer().step, (found.whole - scorer().mean) @ scorer().projection
    wanted = np.exp(-scorer().gamma * ((near - known) ** 2).sum(axis=1)) @ scorer().weights + scorer().bias
    assert np.allclose(scorer().margins(found.whole)[0], wanted, atol=1e-3)
