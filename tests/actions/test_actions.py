"""The actions, run by the SDK's own executor on trackers as Rasa makes them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa_sdk.executor import ActionExecutor

from bot.agent.actions import InProcessActions
from bot.reframing.loading import load
from bot.settings import ROOT

DOMAIN = Domain.load(str(ROOT / "domain.yml"))
EXECUTOR = ActionExecutor()
EXECUTOR.register_package("actions")
RULES = {
    step["intent"]: rule["steps"][1]["action"]
    for path in sorted(Path(ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    for step in rule["steps"]
    if "intent" in step
}


def call(tracker: DialogueStateTracker, action: str) -> dict[str, Any]:
    """What Rasa would send to an action server, over JSON."""
    state = {"next_action": action, "sender_id": tracker.sender_id, "tracker": tracker.current_state(EventVerbosity.ALL), "domain": {}}
    return dict(json.loads(json.dumps(state)))


def turn(tracker: DialogueStateTracker, text: str, intent: str) -> list[dict[str, Any]]:
    """One message through the action its rule names; the slots are written back."""
    action = RULES[intent]
    tracker.update(UserUttered(text, {"name": intent, "confidence": 1.0}))
    result = asyncio.run(EXECUTOR.run(call(tracker, action)))
    assert result is not None
    tracker.update(ActionExecuted(action))
    for event in json.loads(json.dumps(result["events"])):
        tracker.update(SlotSet(event["name"], event["value"]))
    return list(result["responses"])


@pytest.fixture
def tracker() -> DialogueStateTracker:
    """A new conversation."""
    return DialogueStateTracker("someone", DOMAIN.slots)


@pytest.mark.parametrize("intent", sorted(set(RULES) - {"risk_urgent", "risk_check_in"}))
def test_every_intent_is_answered_at_the_start_and_in_a_thread(tracker: DialogueStateTracker, intent: str) -> None:
    """Never with silence, never with an error, never with two questions."""
    for text, name in (("hm", intent), ("I failed", "failed_therapy"), ("hm", intent)):
        responses = turn(tracker, text, name)
        assert responses
        assert all(r["text"] for r in responses)
        assert sum(r["text"].count("?") for r in responses) <= 1


def test_the_memory_lives_in_the_tracker(tracker: DialogueStateTracker) -> None:
    """As plain data that JSON holds."""
    turn(tracker, "I failed therapy", "failed_therapy")
    assert tracker.get_slot("memory")["belief"] == "failed_therapy"
    assert json.loads(json.dumps(tracker.get_slot("memory"))) == tracker.get_slot("memory")


def test_danger_comes_before_any_move(tracker: DialogueStateTracker) -> None:
    """Whatever the intent was taken for, and until it is cared for."""
    (said,) = turn(tracker, "I failed therapy and I want to kill myself", "failed_therapy")
    assert "emergency number" in said["text"]
    assert tracker.get_slot("crisis")["state"] == "risk"
    (said,) = turn(tracker, "hello", "greet")
    assert "findahelpline.com" in said["text"]
    turn(tracker, "I'm safe now, my sister is with me", "answer")
    (said,) = turn(tracker, "I failed therapy", "failed_therapy")
    assert any(line.text in said["text"] for line in load().beliefs["failed_therapy"].reframes)


def test_the_shield_before_a_slash_is_not_kept_in_a_takeaway(tracker: DialogueStateTracker) -> None:
    """The person's own words, and nothing else."""
    turn(tracker, "keep", "keep_takeaway")
    turn(tracker, "\u2060/s is how I feel", "answer")
    assert tracker.get_slot("memory")["takeaways"] == ["/s is how I feel"]


def test_the_actions_run_in_this_process_as_on_a_server(tracker: DialogueStateTracker) -> None:
    """Same call, same kind of answer."""
    tracker.update(UserUttered("hello", {"name": "greet", "confidence": 1.0}))
    result = asyncio.run(InProcessActions().request(json=call(tracker, "action_remark")))
    assert result["responses"][0]["text"] in load().moments["greet"]


def test_there_is_one_action_a_file_and_each_name_once() -> None:
    """With two of one name the last would win, quietly."""
    names = [name for name in EXECUTOR.actions if name.startswith("action_")]
    assert sorted(names) == sorted(DOMAIN.user_actions)


@pytest.mark.parametrize(("sure", "payloads"), [(False, ["/resistant", "/other_therapy", "/deny"]), (True, [])])
def test_a_belief_that_is_not_sure_is_asked_about_with_buttons(tracker: DialogueStateTracker, sure: bool, payloads: list[str]) -> None:
    """Built from the ranking, leaving out what is no belief; a sure one is answered."""
    ranking = [{"name": n, "confidence": c} for n, c in (("resistant", 0.3), ("chitchat", 0.25), ("other_therapy", 0.2), ("failed_therapy", 0.1))]
    tracker.update(UserUttered("hm", ranking[0], parse_data={"intent": ranking[0], "intent_ranking": ranking, "belief_sure": sure, "text": "hm"}))
    result = asyncio.run(EXECUTOR.run(call(tracker, "action_reframe")))
    assert result is not None
    assert [b["payload"] for b in result["responses"][0]["buttons"]] == payloads


@pytest.mark.parametrize(("metadata", "moment"), [({}, ""), ({"attended": False}, ""), ({"attended": True}, "_attended")])
@pytest.mark.parametrize("intent", ["ask_human", "privacy_question"])
def test_what_is_said_about_people_depends_on_whether_one_is_on_duty(
    tracker: DialogueStateTracker, intent: str, metadata: dict[str, bool], moment: str
) -> None:
    """Without a word from the desk nobody is, so nothing pretends that somebody reads along."""
    for _ in range(3):
        tracker.update(UserUttered("hm", {"name": intent, "confidence": 1.0}, metadata=metadata))
        result = asyncio.run(EXECUTOR.run(call(tracker, RULES[intent])))
        assert result is not None
        (said,) = result["responses"]
        assert said["text"] in {line.text for line in load().moment(intent + moment)}
        for event in json.loads(json.dumps(result["events"])):
            tracker.update(SlotSet(event["name"], event["value"]))
