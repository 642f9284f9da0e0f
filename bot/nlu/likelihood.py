"""The scorer's likelihood of one message, for whoever has no pipeline at hand."""

from __future__ import annotations

from bot.nlu.encoder import encoder
from bot.nlu.intent_ranker import with_whole
from bot.nlu.segments import segments, spoken
from bot.safety.scoring import scorer


def likelihood(text: str) -> float:
    """From 0 to 1; the same that the pipeline finds for this text. Raises what the encoder raises when it cannot be loaded."""
    said = spoken(text)
    vector = with_whole(encoder().encode(segments(said) or [said[:4000]]))[0]
    return float(scorer().likelihood(vector[None])[0])
