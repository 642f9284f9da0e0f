"""The vectors of messages, of each as a whole and of its sentences. The desk and the pipeline both need the whole; it is read once."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Sequence

import numpy as np

from bot.nlu.encoder import Encoder, Vectors, encoder
from bot.nlu.segments import segments, spoken, windows

REMEMBERED = 64
"""Messages that are remembered until others take their place: about as many as are being answered at once. In memory only."""


class Encoded(NamedTuple):
    """Unit vectors of the pieces that cover a message (one for almost every message), and of each of its sentences; (n, 384)."""

    whole: Vectors
    sentences: Vectors


def wholes(texts: Sequence[str]) -> list[Vectors]:
    """For each message without its sentences, which screening does not ask for. One that comes alone is being answered, and is remembered."""
    said = [spoken(text) for text in texts]
    return [_whole(encoder(), said[0])] if len(said) == 1 else _together(encoder(), [windows(text) for text in said])


def encoded(texts: Sequence[str]) -> list[Encoded]:
    """For each message, whatever command stands at its head."""
    said = [spoken(text) for text in texts]
    if len(said) == 1:
        return [Encoded(_whole(encoder(), said[0]), encoder().encode(segments(said[0])))]
    rows = _together(encoder(), [part for text in said for part in (windows(text), segments(text))])
    return [Encoded(whole, sentences) for whole, sentences in zip(rows[::2], rows[1::2])]


@lru_cache(maxsize=REMEMBERED)
def _whole(by: Encoder, text: str) -> Vectors:
    return by.encode(windows(text))


def _together(by: Encoder, groups: list[list[str]]) -> list[Vectors]:
    """The vectors of each group, in one pass over all."""
    ends = np.cumsum([len(group) for group in groups])
    return np.split(by.encode([text for group in groups for text in group]), ends[:-1])
