"""Answer a belief about therapy or healing."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Events, respond
from bot.reframing.dialogue import Dialogue


class ActionReframe(Action):
    """Answer a belief about therapy or healing."""

    def name(self) -> str:
        """The name in `domain.yml`."""
        return "action_reframe"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """One move of the dialogue."""
        return respond(dispatcher, tracker, Dialogue.reframe)
