"""Rank the intents of a message by the examples nearest to it in meaning, of the whole and of each sentence."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Optional

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import Vectors, encoder
from bot.nlu.harm import reports_harm
from bot.nlu.likeness import Likeness, Votes
from bot.nlu.ranking import of_treatment, ranked
from bot.nlu.segments import spoken
from bot.nlu.vectors import Encoded, encoded
from bot.nlu.weights import TUNED
from bot.reframing.loading import load

VECTORS = "piece_vectors"
"""Under this name a message carries the vectors of its pieces (one for almost every message), for components after this one."""
READ_BY = ("encoder.py", "graph.py", "reading.py", "weights.py")
"""What turns a message into vectors."""
HARM = "therapist_harm"
HARM_SURE = 0.45
"""From this confidence on a report of harm is taken without its words: to be asked whether one is safe from somebody who did nothing unsettles."""
VOICED = 0.3
"""From this share on a sentence counts as voicing a belief."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRanker(GraphComponent, IntentClassifier):
    """Sets `intent`, `intent_ranking`, `beliefs` (every belief voiced, surest first) and `belief_sure` (whether a belief may be taken without asking)."""

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource, model: Any = None) -> None:
        self.config, self.storage, self.resource, self.model = config, storage, resource, model
        self.beliefs = np.isin(model.classes if model else [], list(load().beliefs))

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """How many intents are named."""
        return {"ranking_length": 10}

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> IntentRanker:
        """An untrained ranker."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any) -> IntentRanker:
        """A trained ranker from the model archive, with the encoder loaded so that the first message need not wait."""
        encoder()
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "ranker.joblib"))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Rasa sees only this class's source; what it learns with counts as well."""
        return hashlib.sha256(b"".join(file.read_bytes() for file in [*map(Path(__file__).with_name, READ_BY), TUNED])).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the intent examples and persist."""
        examples = training_data.intent_examples
        vectors = encoder().encode([m.get(TEXT) for m in examples])
        self.model = Likeness(vectors, [m.get(INTENT) for m in examples])
        with self.storage.write_to(self.resource) as folder:
            joblib.dump(self.model, folder / "ranker.joblib")
        return self.resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Rank all messages with one pass of the encoder over all their sentences."""
        if not messages:
            return messages
        read = encoded([m.get(TEXT) or "" for m in messages])
        for message, found, votes in zip(messages, read, self._votes([with_whole(each) for each in read])):
            message.set(VECTORS, found.whole)
            text = spoken(message.get(TEXT) or "")
            self._set(message, text, votes)
            if not text and message.get(TEXT):
                message.set(INTENT, {"name": "nlu_fallback", "confidence": 1.0}, add_to_output=True)
                message.set("beliefs", [], add_to_output=True)
        return messages

    def _votes(self, groups: List[Vectors]) -> List[Votes]:
        """Of the rows of each message, asked for in one go."""
        votes, ends = self.model.votes(np.vstack(groups)), np.cumsum([len(rows) for rows in groups])[:-1]
        return [Votes(*each) for each in zip(np.split(votes.shares, ends), np.split(votes.nearest, ends))]

    def _set(self, message: Message, text: str, votes: Votes) -> None:
        shares, harm = votes.shares, reports_harm(text)
        best = shares[0] if len(shares) == 1 else (shares[0] + shares[1:].max(axis=0)) / 2
        if harm:
            best, shares = self._with_harm(best), np.vstack([shares, self._with_harm(shares.max(axis=0))])
        found = ranked(best, self.model.classes, self.beliefs, float(votes.nearest.max()), of_treatment(text))
        ranking = [{"name": str(self.model.classes[i]), "confidence": float(found.confidence[i])} for i in found.order[: self.config["ranking_length"]]]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("beliefs", self._voiced(shares), add_to_output=True)
        first = found.order[0]
        unsettling = self.model.classes[first] == HARM and found.confidence[first] < HARM_SURE
        message.set("belief_sure", bool(harm or (found.sure and not unsettling)), add_to_output=True)

    def _with_harm(self, likely: Any) -> Any:
        """The likelihoods with `therapist_harm` at least as likely as everything else together."""
        return np.where(self.model.classes == HARM, np.maximum(likely, likely.sum()), likely)

    def _voiced(self, scores: Any) -> List[Dict[str, Any]]:
        known = load().beliefs
        peak = scores.max(axis=0)
        voiced = [{"id": str(c), "confidence": float(p)} for c, p in zip(self.model.classes, peak) if c in known and p >= VOICED]
        return sorted(voiced, key=lambda v: -float(str(v["confidence"])))


def with_whole(found: Encoded) -> Vectors:
    """The mean direction of the pieces, which stands for the whole message, before the sentences."""
    mean = found.whole.mean(axis=0, keepdims=True)
    return np.vstack([mean / np.linalg.norm(mean), found.sentences])
