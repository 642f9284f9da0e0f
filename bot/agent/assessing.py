"""What the trained recogniser makes of messages, in batches: the same graph that a conversation runs through."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.runner.interface import GraphRunner
from rasa.shared.core.trackers import DialogueStateTracker

from bot.agent.rasa import NoModel, shielded
from bot.reframing.loading import load

BATCH = 192
"""Messages encoded together; the more, the better they sort by length."""


@dataclass(frozen=True)
class Finding:
    """Tier of risk with its reasons, and the belief voiced, if any, with the ranking it came from."""

    tier: str
    belief: Optional[str]
    ranking: list[dict[str, Any]]
    category: Optional[str]
    explanation: list[dict[str, Any]]


class Assessor:
    """A loaded recogniser."""

    def __init__(self, model: Path) -> None:
        """Raises NoModel when the archive cannot be used."""
        processor = Agent.load(str(model)).processor
        if processor is None:
            raise NoModel(f"The model {model} cannot be used. Run `make train`.")
        self.runner: GraphRunner = processor.graph_runner
        self.target = processor.model_metadata.nlu_target

    def assess(self, texts: list[str]) -> Iterator[Finding]:
        """One finding for each text, in order. While one batch is encoded, which needs no interpreter, the rules look at another."""
        pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "assess")
        try:
            for found in pool.map(self._batch, (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))):
                yield from found
        finally:
            pool.shutdown(cancel_futures=True)

    def _batch(self, texts: list[str]) -> list[Finding]:
        given = {PLACEHOLDER_MESSAGE: [UserMessage(shielded(text)) for text in texts], PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("assess", [])}
        return [_finding(message) for message in self.runner.run(given, targets=[self.target])[self.target]]


def _finding(message: Any) -> Finding:
    known, risk = load().beliefs, message.get("risk")
    ranked = [r for r in message.get("intent_ranking") if not r["name"].startswith("risk_")]
    ranking = [{"id": r["name"], "confidence": round(r["confidence"], 4)} for r in ranked if r["name"] in known]
    belief = ranked[0]["name"] if ranked and ranked[0]["name"] in known and message.get("belief_sure") else None
    category = next((e["category"] for e in risk["evidence"] if not e["lowered_by"]), None)
    explanation = [*risk["evidence"], {"rules": risk["version"]}]
    return Finding(risk["tier"], belief, ranking, category, explanation)
