"""The catalogue's types. Strict: an unknown key is a mistake, not an extension."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, Extra

IDEAS = frozenset([f"A{n}" for n in range(1, 9)] + [f"B{n}" for n in range(1, 15)])
"""The documents' ideas, as numbered in the project's table of beliefs."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    class Config:
        extra = Extra.forbid
        frozen = True


class Line(Strict):
    """One thing the bot may say. `cues` are words in the person's message that make it fit."""

    text: str
    ideas: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A name that stays while the wording stays, so that a reworded line counts as new."""
        return hashlib.blake2s(self.text.encode(), digest_size=4).hexdigest()


Lines = tuple[Line, ...]


class Belief(Strict):
    """Everything the bot may say about one belief.

    `pain` (0 to 100) orders several in one message. `first` are questions to be asked before any other, where something has to be cleared.
    """

    id: str
    kind: Literal["reframed", "care"]
    pain: int
    topic: str
    choice: str
    acknowledgements: Lines
    reframes: Lines = ()
    information: Lines = ()
    first: Lines = ()
    questions: Lines
    angles: Lines
    more: Lines
    deepen: Lines
    easier: Lines
    closings: Lines

    @property
    def core(self) -> Lines:
        """The middle of an answer: reframes, or information where a reframe would be wrong."""
        return self.reframes or self.information


class Step(Strict):
    """One question of a guided reflection."""

    ideas: tuple[str, ...]
    asks: tuple[str, ...]
    easier: tuple[str, ...]
    heard: tuple[str, ...]


class Reflection(Strict):
    """A short guided form that can be left at any step."""

    id: str
    title: str
    opening: str
    ideas: tuple[str, ...]
    steps: tuple[Step, ...]
    closings: tuple[str, ...]


class Catalogue(Strict):
    """All content. `moments` holds the lines of the conversation that belong to no belief."""

    beliefs: dict[str, Belief]
    reflections: dict[str, Reflection]
    moments: dict[str, tuple[str, ...]]

    def moment(self, name: str) -> Lines:
        """The lines of one moment. Raises KeyError for an unknown one."""
        return as_lines(self.moments[name])


def as_lines(texts: tuple[str, ...]) -> Lines:
    """Plain sentences as lines."""
    return tuple(Line(text=text) for text in texts)
