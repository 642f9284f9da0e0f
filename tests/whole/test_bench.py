"""The benchmark, at its smallest and without the reference, whose training takes minutes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.bench.reference import configured
from bot.bench.running import NoScenario, measure, publish
from tests.whole.test_command_line import run


def test_a_quick_run_measures_and_writes_what_it_found(tmp_path: Path) -> None:
    """JSON, page and picture; a later run of another scenario leaves what was found before."""
    measure(["turn"], "quick", tmp_path, compared=False)
    page = measure(["screening"], "quick", tmp_path, compared=False)
    found = json.loads((tmp_path / "quick.json").read_text(encoding="utf-8"))["scenarios"]
    assert list(found) == ["turn", "screening"]
    assert found["turn"]["spreads"]["turn, product"]["n"] == 10
    assert found["turn"]["remarks"][0].endswith("0 not at all.")
    assert found["screening"]["spreads"]["encoder, scorer and rules"]["n"] == 60
    assert "| turn, p50 |" in page
    assert (tmp_path / "quick.md").read_text(encoding="utf-8") == page
    assert (tmp_path / "quick.png").read_bytes().startswith(b"\x89PNG")


def test_a_quick_run_is_never_published(tmp_path: Path) -> None:
    """Only what was measured at full size is."""
    (tmp_path / "quick.json").write_text('{"extent": "quick", "machine": {}, "scenarios": {"turn": {}}}', encoding="utf-8")
    with pytest.raises(NoScenario, match="full size"):
        publish(tmp_path, tmp_path / "performance.md")


def test_the_reference_is_what_rasa_gives_and_fewer_epochs_change_nothing_else() -> None:
    """The parts of an empty pipeline of `rasa init`."""
    stock, quick = configured(None), configured(1)
    names = [part["name"] for part in stock["pipeline"]]
    assert names[0] == "WhitespaceTokenizer"
    assert {"CountVectorsFeaturizer", "DIETClassifier", "ResponseSelector", "FallbackClassifier"} < set(names)
    assert [part["name"] for part in stock["policies"]] == ["MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy"]
    assert {part["epochs"] for part in (*stock["pipeline"], *stock["policies"]) if "epochs" in part} == {100}
    for part, same in zip((*stock["pipeline"], *stock["policies"]), (*quick["pipeline"], *quick["policies"])):
        assert {**part, "epochs": None} == {**same, "epochs": None}


def test_a_scenario_that_there_is_none_of_is_named_with_those_there_are() -> None:
    """In one sentence, with status 2."""
    result = run("bench", "--only", "weather")
    assert result.returncode == 2
    assert b"weather" in result.stderr
    assert b"screening" in result.stderr
    assert b"Traceback" not in result.stderr
