"""Corrections become a patch that a person applies, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.agent.corrections import EXAMPLES, RISK, propose
from bot.agent.personal import personal_details
from bot.settings import ROOT


def correction(text: str, **more: Any) -> dict[str, Any]:
    """A line of the file."""
    return {"id": "c-1", "text": text, **more}


def test_the_patch_applies_and_holds_the_examples(tmp_path: Path) -> None:
    """With git, on a copy; a second proposal goes on from the first."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    for text in ("the lid stays on whatever she asks", "my lips are sewn shut in there"):
        rows = [correction(text, intent="resistant"), {**correction(f"{text} and soon nobody needs to ask", tier="check_in", category="suicide"), "id": "c-2"}]
        patch = propose(rows, tmp_path).patch
        subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, check=True)
    (block,) = yaml.safe_load((tmp_path / EXAMPLES).read_text(encoding="utf-8"))["nlu"]
    assert block["intent"] == "resistant"
    assert block["examples"].count("- ") == 2
    assert [json.loads(line)["tier"] for line in (tmp_path / RISK).read_text(encoding="utf-8").splitlines()] == ["check_in", "check_in"]


def test_it_changes_nothing_itself(tmp_path: Path) -> None:
    """It only prints."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    propose([correction("the lid stays on whatever she asks", intent="resistant")], tmp_path)
    assert not (tmp_path / EXAMPLES).exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (correction("I failed therapy", intent="failed_therapy"), "already known"),
        (correction("I failed therapy", intent="resistant"), "contradicts"),
        (correction("I want to kill myself", tier="none"), "lowers the tier urgent"),
        (correction("I want to kill myself", tier="check_in", category="suicide"), "lowers the tier urgent"),
        (correction("the lid stays on", intent="no_such_intent"), "no intent no_such_intent"),
        (correction("the lid stays on", tier="urgent"), "needs a `category`"),
        (correction("the lid stays on"), "`intent` or `tier` is needed"),
        (correction("  ", intent="resistant"), "not empty"),
        (correction("write to me at someone@example.org about the lid", intent="resistant"), "an e-mail address"),
        ({"id": "c-9", "intent": "resistant"}, "field required"),
    ],
)
def test_what_cannot_be_proposed_is_named_with_its_reason(row: dict[str, Any], reason: str) -> None:
    """And the patch is empty."""
    proposal = propose([row], ROOT)
    assert proposal.patch == ""
    (refused,) = proposal.refused
    assert refused.startswith(f"{row['id']}: ")
    assert reason in refused
    assert "someone@" not in refused


def test_two_lines_that_contradict_each_other_are_not_both_proposed() -> None:
    """The first is, the second is named."""
    proposal = propose([correction("the lid stays on", intent="resistant"), {**correction("The lid  stays on", intent="goodbye"), "id": "c-2"}], ROOT)
    assert "+    - the lid stays on" in proposal.patch
    assert proposal.refused == ["c-2: contradicts the intent resistant it has already; a person has to decide"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call me on 07700 900123", True),
        ("my therapist is called Dr Okafor", True),
        ("dr patel said i was wasting her time", True),
        ("i live at 12 station road", True),
        ("born 03/04/1991", True),
        ("@sadfox on there", True),
        ("https://example.org/me", True),
        ("She moved me to a clinic in Manchester", True),
        ("my name is priya and i failed", True),
        ("my therapist sarah said so", True),
        ("i was at oakfield clinic", True),
        ("my therapist <THERAPIST> at <CLINIC> told <NAME>", False),
        ("I failed at therapy, again", False),
        ("six sessions of CBT and nothing", False),
        ("the doctor said to wait", False),
        ("two years, 14 months, 30 sessions", False),
        ("my counsellor laughed at me", False),
    ],
)
def test_personal_details_are_suspected(text: str, found: bool) -> None:
    """What may be one counts; plain sentences do not."""
    assert bool(personal_details(text)) == found
