"""The graph components one by one, and the trained pipeline as a whole."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.message import Message

from bot.agent.assessing import Assessor
from bot.agent.rasa import latest_model, shielded
from bot.agent.tuning import published
from bot.nlu.encoder import TOKENS, Encoder, encoder
from bot.nlu.exported import network
from bot.nlu.graph import model
from bot.nlu.harm import reports_harm
from bot.nlu.language_gate import LanguageGate
from bot.nlu.risk_gate import RiskGate
from bot.nlu.segments import segments, spoken
from bot.nlu.weights import weights, weights_folder
from bot.reframing.checking import CARE, REFRAMED
from bot.settings import ROOT


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    """The trained recogniser."""
    return Assessor(latest_model(ROOT / "models"))


def heard(text: str, **more: object) -> Message:
    """A message as the pipeline passes it on."""
    return Message(
        data={"text": text, "intent": {"name": "greet", "confidence": 0.9}, "intent_ranking": [{"name": "greet", "confidence": 0.9}], "beliefs": [], **more}
    )


def test_vectors_have_unit_length_and_do_not_depend_on_their_neighbours() -> None:
    """A sentence is the same alone and in a batch of longer ones."""
    texts = ["I failed", "I think that therapy has not done what I had hoped it would do for me"] * 40
    together = encoder().encode(texts)
    assert together.shape == (80, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[0], encoder().encode(texts[:1])[0], atol=1e-4)


def test_our_graph_gives_what_the_published_network_gives() -> None:
    """Without what we learnt, to five digits; short and long, so that padding is seen."""
    tokenizer, network = published()
    texts = ["i failed", "i think that therapy has not done what i had hoped it would do for me", "a long one " * 60]
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="np")
    hidden, mask = network(**tokens).last_hidden_state.numpy(), tokens["attention_mask"][:, :, None]
    mean = (hidden * mask).sum(axis=1) / mask.sum(axis=1)
    wanted = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    assert np.allclose(Encoder(model(weights(weights_folder(), tuned=None))).encode(texts), wanted, atol=1e-5)
    assert not np.allclose(encoder().encode(texts), wanted, atol=1e-2)


def test_the_network_is_written_once_and_read_as_it_was(tmp_path: Path) -> None:
    """By whoever comes first; nothing half-written is left."""
    with ThreadPoolExecutor(2) as both:
        files = list(both.map(network, [tmp_path / "exported"] * 2))
    assert files[0] == files[1] == network(tmp_path / "exported")
    assert [path.name for path in (tmp_path / "exported").iterdir()] == [files[0].parent.name]
    assert np.allclose(Encoder(files[0]).encode(["I failed"]), encoder().encode(["I failed"]), atol=1e-6)


def test_where_nothing_can_be_written_the_network_is_kept_in_memory(tmp_path: Path) -> None:
    """A container may have no place that can be written."""
    (tmp_path / "exported").write_text("no folder")
    kept = network(tmp_path / "exported")
    assert np.allclose(Encoder(kept).encode(["I failed"]), encoder().encode(["I failed"]), atol=1e-6)


def test_near_meanings_are_nearer_than_far_ones() -> None:
    """The encoder is the one it should be."""
    one, near, far = encoder().encode(["I failed at therapy", "counselling did not work for me", "what is the capital of Peru"])
    assert one @ near > one @ far + 0.2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("I failed.", 0),
        ("I tried so hard. Nothing ever changed.", 0),
        ("I tried so hard for so many years. Nothing ever really changed for me.", 2),
        ("", 0),
        ("one two three four. " * 200, 23),
    ],
)
def test_a_long_message_is_cut_into_sentences_up_to_a_bound(text: str, count: int) -> None:
    """A single sentence is not cut; very many are joined."""
    assert len(segments(text)) == count


@pytest.mark.parametrize(
    ("text", "left"),
    [("/restart", ""), ('/affirm{"x":1} I am tired', "I am tired"), ("  /stop", ""), ("I go either/or", "I go either/or"), ("\u2060/greet", "")],
)
def test_a_command_is_not_part_of_what_was_said(text: str, left: str) -> None:
    """Only at the head of a message."""
    assert spoken(text) == left


@pytest.mark.parametrize("text", ["/greet", " /greet", "\n\t/greet{}"])
def test_free_text_is_shielded_from_rasas_reading_of_intents(text: str) -> None:
    """Rasa strips white space and looks for a slash."""
    assert not shielded(text).strip().startswith("/")
    assert shielded("hello") == "hello"


@pytest.mark.parametrize(
    ("text", "intent"), [("I want to kill myself", "risk_urgent"), ("everyone would be better off without me", "risk_check_in"), ("hello", "greet")]
)
def test_the_risk_gate_has_the_last_word(text: str, intent: str) -> None:
    """Intent and the head of the ranking are set, the rest is kept."""
    (message,) = RiskGate().process([heard(text)])
    assert message.get("intent")["name"] == message.get("intent_ranking")[0]["name"] == intent
    assert message.get("intent_ranking")[-1]["name"] == "greet"


@pytest.mark.parametrize(
    ("text", "intent"),
    [("Ich weiß nicht mehr weiter", "other_language"), ("не хочу", "other_language"), ("😞", "empty"), ("", "empty"), ("I am tired", "greet"), ("7", "greet")],
)
def test_what_cannot_be_read_is_told_apart(text: str, intent: str) -> None:
    """Other languages, and no words at all."""
    (message,) = LanguageGate().process([heard(text)])
    assert message.get("intent")["name"] == intent


def test_a_batch_gives_what_each_message_gives_alone(assessor: Assessor) -> None:
    """The order and the neighbours do not matter."""
    texts = ["I think I've failed therapy", "hello", "I want to kill myself", "what's the weather tomorrow", ""]
    together = list(assessor.assess(texts))
    for text, found in zip(texts, together):
        (alone,) = assessor.assess([text])
        assert (alone.tier, alone.belief, alone.explanation) == (found.tier, found.belief, found.explanation)


@pytest.mark.parametrize("text", ["hello", "thanks", "what's the weather tomorrow", "write me some python code", "", "😞", "asdf", "/failed_therapy"])
def test_what_voices_no_belief_has_none(assessor: Assessor, text: str) -> None:
    """Null, not the nearest."""
    (found,) = assessor.assess([text])
    assert found.belief is None


def test_every_belief_can_be_recognised(assessor: Assessor) -> None:
    """The ranking only ever names ids of the catalogue."""
    (found,) = assessor.assess(["I think I've failed therapy"])
    assert found.belief == "failed_therapy"
    assert {r["id"] for r in found.ranking} <= {*REFRAMED, *CARE}
    confidences = [r["confidence"] for r in found.ranking]
    assert confidences == sorted(confidences, reverse=True)


def test_the_trained_pipeline_ends_with_the_risk_gate() -> None:
    """In the model itself, not only in the file."""
    processor = Agent.load(str(latest_model(ROOT / "models"))).processor
    assert processor is not None
    nodes = processor.model_metadata.predict_schema.nodes
    assert "RiskGate" in nodes["run_RegexMessageHandler"].needs["messages"]  # Rasa's own reading of "/intent", which text never reaches unshielded


HARM = [
    "my therapist laughed at me",
    "the psychiatrist told my mother everything",
    "I was humiliated by my counsellor",
    "my shrink kissed me",
    "therapy was a horrible experience",
    "I can't trust any therapist now",
]
NO_HARM = ["my therapist is kind", "my mother laughed at me", "I failed therapy", "I laughed with my therapist", "my boss yelled at me", "therapy was slow"]


@pytest.mark.parametrize(("texts", "reported"), [(HARM, True), (NO_HARM, False)])
def test_a_report_of_harm_is_told_by_its_words(texts: list[str], reported: bool) -> None:
    """By a professional, and not by somebody else."""
    assert [text for text in texts if reports_harm(text) != reported] == []


@pytest.mark.parametrize("text", ["I think I'm the failure, my therapist laughed at me", "I'm too resistant and my counsellor yelled at me for it"])
def test_a_report_of_harm_is_never_taken_for_a_belief_to_reframe(assessor: Assessor, text: str) -> None:
    """Whatever stands beside it."""
    (found,) = assessor.assess([text])
    assert found.belief == "therapist_harm"


APART = re.findall(r"^\| ([^|]+) \| (\w+) \| (\w+) \|$", (ROOT / "docs" / "beliefs-apart.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("text", "belief", "other"), [row for row in APART if row[1] != "belief"])
def test_beliefs_that_readers_confuse_are_kept_apart(assessor: Assessor, text: str, belief: str, other: str) -> None:
    """The sentences of docs/beliefs-apart.md."""
    (found,) = assessor.assess([text])
    order = [r["id"] for r in found.ranking]
    assert belief in order[:2]
    assert other not in order[: order.index(belief)]
