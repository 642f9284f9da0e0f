"""Cross-validation on our own examples: groups of writing styles are judged by an encoder and examples that have seen none of them."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Iterator

import numpy as np
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.agent.assessing import Finding
from bot.agent.evaluating import NONE, Case, evaluate
from bot.agent.evaluation_page import write
from bot.agent.tuning import examples, tune
from bot.nlu.encoder import Encoder
from bot.nlu.graph import model
from bot.nlu.likeness import Likeness, Votes
from bot.nlu.ranking import of_treatment, ranked
from bot.nlu.weights import weights, weights_folder
from bot.reframing.loading import load

log = logging.getLogger(__name__)
GROUPS = 3
"""Each needs a tuning of its own, so they are few."""
PARTS = 9
"""Examples without a style are dealt out to so many parts by their length: near-copies are near in length."""
INTRO = f"""Made by `reframe data cross-validate`; do not edit by hand.

**Use.** To notice which of nineteen beliefs about therapy and healing a message voices, so that a fitting answer can be given or a question asked. It says
nothing about the person who writes.

**Learnt from** the examples in `data/nlu/`, all written for this project, few of them by people who have been in the situation.

**Measured here** by cross-validation in {GROUPS} groups of writing styles (terse, rambling, angry, formal, with typing mistakes …): each group is judged by an
encoder tuned on the others and by the examples of the others, which have seen none of it. The sentences of one style come from one hand and many are indirect
on purpose. What sentences of other people give is in [recognition.md](recognition.md)."""


def write_card(root: Path) -> str:
    """Write docs/model-card.md with its JSON and picture; returns the page."""
    return write(evaluate(list(crossed(root))), root / "docs", "model-card", "Model card: recognition of beliefs", INTRO)


def crossed(root: Path) -> Iterator[Case]:
    """A case for each example of ours."""
    ours = TrainingDataImporter.load_from_dict(training_data_paths=[str(root / "data" / "nlu")]).get_nlu_data().intent_examples
    styles = [_style(m) for m in ours]
    group_of = {style: n % GROUPS for n, style in enumerate(sorted(set(styles)))}
    for group in range(GROUPS):
        log.info("group %s of %s …", group + 1, GROUPS)
        judged = [m for m, style in zip(ours, styles) if group_of[style] == group]
        yield from _judged(judged, [m for m, style in zip(ours, styles) if group_of[style] != group], root)


def _judged(judged: list[Message], others: list[Message], root: Path) -> Iterator[Case]:
    unseen = {m.get(TEXT) for m in judged}
    with TemporaryDirectory() as folder:
        tuned = Path(folder) / "tuned.npz"
        tune([e for e in examples(root) if e.text not in unseen], tuned)
        encoder = Encoder(model(weights(weights_folder(), tuned)))
    likeness = Likeness(encoder.encode([m.get(TEXT) for m in others]), [m.get(INTENT) for m in others])
    texts = [m.get(TEXT) for m in judged]
    for message, found in zip(judged, _findings(texts, likeness, likeness.votes(encoder.encode(texts)))):
        yield Case((message.get(INTENT) if message.get(INTENT) in load().beliefs else NONE,), None, found)


def _style(message: Message) -> str:
    marked = (message.get("metadata") or {}).get("intent") or {}
    return str(marked.get("style") or f"part {len(message.get(TEXT)) % PARTS}")


def _findings(texts: list[str], likeness: Likeness, votes: Votes) -> Iterator[Finding]:
    classes = likeness.classes
    beliefs = np.isin(classes, list(load().beliefs))
    for text, shares, nearest in zip(texts, votes.shares, votes.nearest):
        found = ranked(shares, classes, beliefs, float(nearest), of_treatment(text))
        names = [str(classes[i]) for i in found.order]
        ranking: list[dict[str, Any]] = [{"id": names[k], "confidence": float(found.confidence[i])} for k, i in enumerate(found.order) if beliefs[i]]
        yield Finding("none", names[0] if beliefs[found.order[0]] and found.sure else None, ranking[:5], None, [])
