"""Take a number on the 0 to 10 scale."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Events, respond
from bot.reframing.dialogue import Dialogue


class ActionWeigh(Action):
    """Take a number on the 0 to 10 scale."""

    def name(self) -> str:
        """The name in `domain.yml`."""
        return "action_weigh"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """One move of the dialogue."""
        return respond(dispatcher, tracker, Dialogue.weigh_unasked)
