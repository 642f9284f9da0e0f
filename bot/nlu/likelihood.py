"""The scorer's view of messages, for whoever has no pipeline at hand."""

from __future__ import annotations

from bot.nlu.vectors import wholes
from bot.safety.scoring import Score, scorer


def likelihoods(texts: list[str]) -> list[Score]:
    """The same that the pipeline finds for these texts. Raises what the encoder raises when it cannot be loaded."""
    return [scorer().score(vectors) for vectors in wholes(texts)]


def likelihood(text: str) -> Score:
    """For one message."""
    return likelihoods([text])[0]
