"""A text as words, each with what the model and the lists know of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import regex

from bot.privacy.words import folded, is_both, is_grammar, is_kept, is_listed, is_ordinary
from bot.safety.spelling import respelled

WORD = regex.compile(r"(?<!\d)\p{L}[\p{L}\p{M}]*(?:[-'’]\p{L}[\p{L}\p{M}]*)*(?!\d)")
STOP = regex.compile(r"(?:^|[.!?:;\n\"“(\[…*•>-])\s*$")


@dataclass(frozen=True)
class Word:
    """A word and its place. `tag` is its part of speech in the Penn Treebank's letters; `entity` what the model takes it for, or nothing."""

    text: str
    start: int
    end: int
    tag: str
    entity: str
    capital: bool
    """Whether it has a capital that means something: not at the start of a sentence, and not in a text that has nothing else."""
    raised: bool
    """Whether it has a capital at all, in a text that is not all capitals."""

    @cached_property
    def plain(self) -> str:
        """In small letters, without accents or possession."""
        return folded(self.text)

    @cached_property
    def listed(self) -> bool:
        """Whether it is a given name and nothing else."""
        return is_listed(self.text)

    @cached_property
    def both(self) -> bool:
        """Whether it is a given name and also a word."""
        return is_both(self.text)

    @cached_property
    def ordinary(self) -> bool:
        """Whether the language or chat has it as a word."""
        return is_ordinary(self.text)

    @cached_property
    def grammar(self) -> bool:
        """Whether it is one of the small words no name is made of."""
        return is_grammar(self.text)

    @cached_property
    def kept(self) -> bool:
        """Whether it is never personal by itself."""
        return is_kept(self.text)

    @cached_property
    def slip(self) -> bool:
        """Whether it is a word of the language but for a slip of the finger."""
        mended = respelled(self.plain)
        return mended != self.plain and is_ordinary(mended)

    @property
    def short_form(self) -> bool:
        """Whether it is two or three capitals (CV, TA) or begins with a single letter (X-ray)."""
        return len(self.text.split("-")[0]) == 1 or (len(self.text) < 4 and self.text.isupper())

    @property
    def noun(self) -> bool:
        """Whether the model takes it for a noun."""
        return self.tag.startswith("NN")


def read(text: str, artifacts: Any) -> list[Word]:
    """The words of a text, with what the model found in it."""
    tags = {token.idx: token for token in artifacts.tokens}
    kinds = {token.idx: entity.label_ for entity in artifacts.entities for token in entity}
    cased = _tells_by_capitals(text)
    found = []
    for match in WORD.finditer(text):
        start, token = match.start(), tags.get(match.start())
        raised = match[0][0].isupper() and not text.isupper()
        inside = raised and cased and not STOP.search(text[max(0, start - 4) : start])
        found.append(Word(match[0], start, match.end(), token.tag_ if token else "", kinds.get(start, ""), inside, raised))
    return found


def _tells_by_capitals(text: str) -> bool:
    """Whether some words have capitals and most have none."""
    shown = [match[0][0].isupper() for match in WORD.finditer(text)]
    return 0 < sum(shown) <= max(0.6 * len(shown), 2)
