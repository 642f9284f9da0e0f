"""The scorer's view of messages, for whoever has no pipeline at hand."""

from __future__ import annotations

from bot.nlu.encoder import encoder
from bot.nlu.segments import spoken, windows
from bot.safety.scoring import Score, scorer


def likelihoods(texts: list[str]) -> list[Score]:
    """The same that the pipeline finds for these texts. Raises what the encoder raises when it cannot be loaded."""
    parts = [windows(text) for text in map(spoken, texts)]
    rows, start, found = encoder().encode([part for group in parts for part in group]), 0, []
    for group in parts:
        found.append(scorer().score(rows[start : start + len(group)]))
        start += len(group)
    return found


def likelihood(text: str) -> Score:
    """For one message."""
    return likelihoods([text])[0]
