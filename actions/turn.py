"""What every action has in common: read the tracker, let the dialogue answer, write the memory back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from pydantic import BaseModel
from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.reframing.dialogue import Dialogue, Move
from bot.reframing.loading import load
from bot.reframing.memory import Memory
from bot.reframing.speech import Heard, Message
from bot.safety.crisis import respond as answer_to_risk
from bot.safety.screening import TIERS, Assessment, Evidence, assess
from bot.safety.state import Crisis

Events = list[dict[str, Any]]
SHIELD = "\u2060"
"""What the agent puts before free text that begins with a slash."""


def respond(dispatcher: CollectingDispatcher, tracker: Tracker, move: Move) -> Events:
    """Run one move of the dialogue, unless risk comes first. Returns the slot events."""
    memory = Memory.parse_obj(tracker.get_slot("memory") or {"seed": tracker.sender_id})
    crisis = Crisis.parse_obj(tracker.get_slot("crisis") or {})
    heard = heard_from(tracker)
    care = answer_to_risk(crisis, risk_of(tracker, heard), heard.text, heard.at)
    if care or (tracker.latest_message.get("metadata") or {}).get("interrupted"):
        memory.leave_thread()  # after danger nothing is taken up as if it had been an answer
    for message in [Message(care)] if care else Dialogue(load()).turn(move, heard, memory):
        dispatcher.utter_message(text=message.text, buttons=[{"title": b.title, "payload": b.payload} for b in message.buttons])
    return [SlotSet("memory", _plain(memory)), SlotSet("crisis", _plain(crisis))]


def risk_of(tracker: Tracker, heard: Heard) -> Assessment:
    """The graver of what the pipeline saw, which also has the scorer, and of the rules on their own."""
    seen, own = tracker.latest_message.get("risk"), assess(heard.text)
    if not seen or TIERS.index(seen["tier"]) <= TIERS.index(own.tier):
        return own
    return Assessment(seen["tier"], tuple(Evidence(**e) for e in seen["evidence"]), seen["version"])


def heard_from(tracker: Tracker) -> Heard:
    """The latest message as the recogniser left it."""
    latest = tracker.latest_message
    intent = latest.get("intent") or {}
    beliefs = tuple((b["id"], float(b["confidence"])) for b in latest.get("beliefs") or [])
    name, confidence = str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0)
    text = str(latest.get("text") or "").lstrip(SHIELD)
    attended = bool((latest.get("metadata") or {}).get("attended"))
    return Heard(text, datetime.now(timezone.utc), name, beliefs or ((name, confidence),), confidence, _doubted(latest), attended)


def _doubted(latest: dict[str, Any]) -> tuple[str, ...]:
    """The two likeliest beliefs where the recogniser would not take one; a pressed button leaves no doubt."""
    if latest.get("belief_sure", True):
        return ()
    return tuple(r["name"] for r in latest.get("intent_ranking") or [] if r["name"] in load().beliefs)[:2]


def _plain(kept: BaseModel) -> dict[str, Any]:
    """What is kept, as JSON types, which is what a slot holds."""
    plain: dict[str, Any] = json.loads(kept.json())
    return plain
