"""A text as words, each with what the model and the lists know of it; and the kind of recogniser that reads texts so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Iterable, NamedTuple, Sequence

import regex
from presidio_analyzer import EntityRecognizer, RecognizerResult

from bot.privacy.words import folded, is_both, is_derived, is_grammar, is_kept, is_listed, is_ordinary, is_rare, is_slip, is_surname

WORD = regex.compile(r"(?<![\d'’])\p{L}[\p{L}\p{M}]*(?:[-'’](?!s\b)\p{L}[\p{L}\p{M}]*)*(?!\d)")
"""Letters with hyphens and apostrophes inside; the 's of possession is left out."""
STOP = regex.compile(r"(?:^|[.!?:;\n\"“(\[…*•>-])\s*$")
TOWNS = frozenset(["GPE", "LOC"])


@dataclass(frozen=True)
class Word:
    """A word and its place. `tag` is its part of speech in the Penn Treebank's letters; `entity` what the model takes it for, or nothing."""

    text: str
    start: int
    end: int
    tag: str
    entity: str
    capital: bool
    """Whether it has a capital that means something: not at the start of a sentence, not all of it, not in a text that has hardly anything else."""
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
        return is_slip(self.text)

    @cached_property
    def derived(self) -> bool:
        """Whether it is made of other words."""
        return is_derived(self.text)

    @cached_property
    def surname(self) -> bool:
        """Whether it is a common surname, whatever else it is."""
        return is_surname(self.text)

    @cached_property
    def rare(self) -> bool:
        """Whether it is a word, but so rare and so little like one that it may be a name."""
        return is_rare(self.text) and self.tag in ("NN", "NNP") and not (self.derived or self.kept)

    @property
    def strange(self) -> bool:
        """Whether nothing explains it as a word, so that it may well be a name: not one message in a hundred of our examples has such a word."""
        return len(self.text) > 3 and not (self.ordinary or self.slip or self.derived)

    @property
    def short_form(self) -> bool:
        """Whether it is two or three capitals (CV, TA) or begins with a single letter (X-ray)."""
        return len(self.text.split("-")[0]) == 1 or (len(self.text) < 4 and self.text.isupper())

    @property
    def noun(self) -> bool:
        """Whether the model takes it for a noun."""
        return self.tag.startswith("NN")

    @property
    def town(self) -> bool:
        """Whether the model takes it for a place."""
        return self.entity in TOWNS


class Found(NamedTuple):
    """A stretch of a text, its kind, and how much speaks for it."""

    kind: str
    start: int
    end: int
    score: float


def found(kind: str, span: tuple[int, int], score: float) -> Found:
    """What a match or a pair of places found."""
    return Found(kind, span[0], span[1], score)


class WordRecognizer(EntityRecognizer):
    """A recogniser that needs the words of a text. Subclasses name their KINDS and write `spans`."""

    KINDS: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__(supported_entities=list(self.KINDS))

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What was found, as Presidio wants it."""
        return [RecognizerResult(one.kind, one.start, one.end, one.score) for one in self.spans(text, read(text, nlp_artifacts))]

    def spans(self, text: str, seen: Sequence[Word]) -> Iterable[Found]:
        """What is personal among the words."""
        raise NotImplementedError


def read(text: str, artifacts: Any) -> list[Word]:
    """The words of a text, with what the model found in it."""
    tags = {token.idx: token.tag_ for token in artifacts.tokens}
    kinds = {token.idx: entity.label_ for entity in artifacts.entities for token in entity}
    matches, shouted = list(WORD.finditer(text)), text.isupper()
    cased = _tells_by_capitals([match[0] for match in matches])
    seen = []
    for match in matches:
        start, end = match.span()
        raised = match[0][0].isupper() and not shouted
        stressed = len(match[0]) > 1 and match[0].isupper()
        inside = raised and cased and not stressed and not STOP.search(text[max(0, start - 4) : start])
        seen.append(Word(match[0], start, end, tags.get(start, ""), kinds.get(start, ""), inside, raised))
    return seen


def _tells_by_capitals(words: Sequence[str]) -> bool:
    """Whether some words have capitals and most have none."""
    raised = sum(word[0].isupper() for word in words)
    return 0 < raised <= max(0.6 * len(words), 2)
