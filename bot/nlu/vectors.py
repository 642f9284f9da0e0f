"""The vectors of messages: of each as a whole and of its sentences, in one pass of the encoder. The desk and the pipeline ask for the same one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Sequence

from bot.nlu.encoder import Encoder, Vectors, encoder
from bot.nlu.segments import segments, spoken, windows

REMEMBERED = 64
"""Messages that are remembered until others take their place: about as many as are being answered at once. In memory only."""


class Encoded(NamedTuple):
    """Unit vectors of the pieces that cover a message (one for almost every message), and of each of its sentences; (n, 384)."""

    whole: Vectors
    sentences: Vectors


def encoded(texts: Sequence[str]) -> list[Encoded]:
    """For each message, whatever command stands at its head. One that comes alone is being answered, and so is remembered for whoever asks next."""
    said = [spoken(text) for text in texts]
    return [_remembered(encoder(), said[0])] if len(said) == 1 else _encoded(encoder(), said)


@lru_cache(maxsize=REMEMBERED)
def _remembered(by: Encoder, text: str) -> Encoded:
    return _encoded(by, [text])[0]


def _encoded(by: Encoder, texts: Sequence[str]) -> list[Encoded]:
    parts = [(windows(text), segments(text)) for text in texts]
    rows, start, found = by.encode([part for whole, sentences in parts for part in (*whole, *sentences)]), 0, []
    for whole, sentences in parts:
        middle, end = start + len(whole), start + len(whole) + len(sentences)
        found.append(Encoded(rows[start:middle], rows[middle:end]))
        start = end
    return found
