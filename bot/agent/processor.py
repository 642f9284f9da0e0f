"""Rasa's agent and processor, but for what they do needlessly at each turn."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Tuple, Union

from rasa.core.actions.action import Action, RemoteAction
from rasa.core.agent import Agent
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.trackers import DialogueStateTracker

from bot.agent.actions import CheckedAction


class Processor(MessageProcessor):
    """Rasa's, with actions whose results are checked quickly."""

    def predict_next_with_tracker_if_should(self, tracker: DialogueStateTracker) -> Tuple[Action, PolicyPrediction]:
        """As Rasa's. Raises ActionLimitReached."""
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        custom = type(action) is RemoteAction
        return CheckedAction(action.name(), action.action_endpoint) if custom else action, prediction


class ModelAgent(Agent):
    """Rasa's, with this processor."""

    def load_model(self, model_path: Union[str, Path], fingerprint: Optional[str] = None) -> None:
        """Load a trained model. Raises ModelNotFound when there is none there."""
        self.processor = Processor(model_path, self.tracker_store, self.lock_store, self.nlg, self.action_endpoint)
        self.domain = self.tracker_store.domain = self.processor.domain
        self.nlg.responses = self.domain.responses
        self._set_fingerprint(fingerprint)
