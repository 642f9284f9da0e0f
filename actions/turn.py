"""What every action has in common: read the tracker, let the dialogue answer, write the memory back."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.reframing.catalogue import Line
from bot.reframing.dialogue import Dialogue, Move
from bot.reframing.loading import load
from bot.reframing.memory import Memory
from bot.reframing.speech import Heard, Message
from bot.safety.crisis import lines, next_state
from bot.safety.screening import assess

Events = list[dict[str, Any]]
SHIELD = "\u2060"
"""What the agent puts before free text that begins with a slash."""


def respond(dispatcher: CollectingDispatcher, tracker: Tracker, move: Move) -> Events:
    """Run one move of the dialogue, unless risk comes first. Returns the slot events."""
    memory = Memory.parse_obj(tracker.get_slot("memory") or {"seed": tracker.sender_id})
    heard = heard_from(tracker)
    state, said = first_care(tracker.get_slot("risk_state") or "none", heard, memory)
    dialogue = Dialogue(load())
    for message in said or dialogue.turn(move, heard, memory):
        dispatcher.utter_message(text=message.text, buttons=[{"title": b.title, "payload": b.payload} for b in message.buttons])
    return [SlotSet("memory", _plain(memory)), SlotSet("risk_state", state)]


def first_care(state: Any, heard: Heard, memory: Memory) -> tuple[str, list[Message]]:
    """The risk state after this message and, while it stands, the crisis answer instead of any other."""
    assessment = assess(heard.text)
    now = next_state(state, assessment, heard.text)
    pool = lines(state, now, assessment)
    if not pool:
        return now, []
    memory.leave_thread()
    return now, [Message(memory.pick(f"crisis.{pool[0][:20]}", tuple(Line(text=t) for t in pool)).text)]


def heard_from(tracker: Tracker) -> Heard:
    """The latest message as the recogniser left it."""
    latest = tracker.latest_message
    intent = latest.get("intent") or {}
    beliefs = tuple((b["id"], float(b["confidence"])) for b in latest.get("beliefs") or [])
    name, confidence = str(intent.get("name") or "nlu_fallback"), float(intent.get("confidence") or 0.0)
    text = str(latest.get("text") or "").lstrip(SHIELD)
    return Heard(text, datetime.now(timezone.utc), name, beliefs or ((name, confidence),), confidence)


def _plain(memory: Memory) -> dict[str, Any]:
    """The memory as JSON types, which is what a slot holds."""
    plain: dict[str, Any] = json.loads(memory.json())
    return plain
