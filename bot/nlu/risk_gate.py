"""Comes last in the pipeline: a message at risk gets a risk intent, whatever was recognised before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.intent_ranker import VECTORS
from bot.safety.scoring import scorer
from bot.safety.screening import assess


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskGate(GraphComponent):
    """Sets `risk` (the assessment) and, when a tier is raised, `intent` and the head of `intent_ranking`."""

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> RiskGate:
        """The gate has no state."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Assess each message."""
        for message in messages:
            vectors = message.get(VECTORS)
            score = None if vectors is None else scorer().score(vectors)
            risk = assess(message.get(TEXT) or "", score)
            message.set("risk", {"tier": risk.tier, "version": risk.version, "evidence": [asdict(e) for e in risk.evidence]}, add_to_output=True)
            if risk.tier != "none":
                intent = {"name": f"risk_{risk.tier}", "confidence": 1.0}
                message.set(INTENT, intent, add_to_output=True)
                message.set("intent_ranking", [intent, *message.get("intent_ranking", [])], add_to_output=True)
        return messages
