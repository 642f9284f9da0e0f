"""Ask something smaller."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Events, respond
from bot.reframing.dialogue import Dialogue


class ActionNotSure(Action):
    """Ask something smaller."""

    def name(self) -> str:
        """The name in `domain.yml`."""
        return "action_not_sure"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """One move of the dialogue."""
        return respond(dispatcher, tracker, Dialogue.not_sure)
