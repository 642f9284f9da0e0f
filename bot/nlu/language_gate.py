"""A message that holds no words, or is not English, gets an intent of its own."""

from __future__ import annotations

from threading import Thread
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.safety.language import reading, warm

INTENTS = {"other": "other_language", "empty": "empty"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LanguageGate(GraphComponent):
    """Sets `intent` to `other_language` or `empty`, and clears `beliefs`, for what cannot be read as English."""

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> LanguageGate:
        """The detector loads in the background, so that nothing waits for it before the first message."""
        Thread(target=warm, name="language", daemon=True).start()
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Look at each message."""
        for message in messages:
            name = INTENTS.get(reading(message.get(TEXT) or ""))
            if name:
                intent = {"name": name, "confidence": 1.0}
                message.set(INTENT, intent, add_to_output=True)
                message.set("intent_ranking", [intent, *message.get("intent_ranking", [])], add_to_output=True)
                message.set("beliefs", [], add_to_output=True)
        return messages
