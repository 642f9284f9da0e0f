"""Clinics, practices, hospitals and schools that are called by their name, also in small letters.

A name is what stands before a word like `clinic` and is neither grammar nor mere description: `oakfield clinic`, but not `a private eating disorder clinic`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import Iterator, Sequence

import regex

from bot.privacy import heads
from bot.privacy.reading import Found, Word, WordRecognizer, found
from bot.privacy.words import any_of, unaccented, words

MOST = 5
"""Words before an end that are looked at."""
SCORE = 0.7


class Institutions(WordRecognizer):
    """Names before an end, after a beginning, after `for`; saints, and what is known without any of these."""

    KINDS = ("CLINIC", "SCHOOL")

    def spans(self, text: str, seen: Sequence[Word]) -> Iterator[Found]:
        """All of them."""
        for kind in self.KINDS:
            yield from (found(kind, span, SCORE) for span in _before(text, heads.ENDS[kind], seen))
            yield from (found(kind, span, SCORE) for span in _after(text, heads.BEGINNINGS[kind], seen))
        for span in (*_before(text, heads.PLAIN_ENDS, seen), *_before(text, heads.METHOD_ENDS, seen), *_for(text, seen), *_houses(text, seen)):
            yield found("CLINIC", span, SCORE)
        saints = "SCHOOL" if heads.SCHOOLING.search(text) else "CLINIC"
        yield from (found(saints, match.span(), SCORE) for match in heads.SAINT.finditer(text))
        yield from (found("SCHOOL" if match["school"] else "CLINIC", match.span(), SCORE) for match in _known().finditer(unaccented(text)))


def _before(text: str, end: str, seen: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Spans of an end with the words before it, as far back as they can belong to a name."""
    for match in regex.finditer(rf"(?<=[\w'’.] ){end}(?![\w'’\-])", text, regex.IGNORECASE):
        raised = match[0][0].isupper()
        near = _near(text, match.start(), seen, raised)
        name = list(near)
        while name and not _opens(name[-1]):
            name.pop()
        if _is_a_name(name, text[: near[-1].start] if near else "", end, raised):
            yield name[-1].start, match.end()


def _near(text: str, at: int, seen: Sequence[Word], raised: bool) -> list[Word]:
    """The words before a place that may be of one name with it, the nearest first."""
    back = [word for word in seen if word.end < at][-MOST:]
    edges = [*(word.start for word in back[1:]), at]
    pairs = reversed(list(zip(back, edges)))
    return [word for word, _ in takewhile(lambda pair: _goes_on(pair[0], text[pair[0].end : pair[1]], raised), pairs)]


def _goes_on(word: Word, gap: str, raised: bool) -> bool:
    """Whether a name may reach back over a word: grammar ends it unless it joins capitals (`Hope and Healing Clinic`), and so does any sign."""
    together = gap in (" ", "'s ", " & ", "-") or (gap == ". " and word.plain in ("st", "dr"))
    return together and (not word.grammar or word.capital or (raised and word.plain in ("and", "of", "the", "for")))


def _opens(word: Word) -> bool:
    return word.capital or not (word.grammar or word.plain in words("descriptions"))


def _is_a_name(name: Sequence[Word], lead: str, end: str, raised: bool) -> bool:
    described, placed = bool(heads.DESCRIBED.search(lead)), bool(heads.PLACED.search(lead))
    naming = [word for word in name if (word.capital and raised) or _names(word, described, placed)]
    plain = end == heads.METHOD_ENDS or (end == heads.PLAIN_ENDS and not placed)
    return len(naming) >= (2 if plain else 1) or any(word.capital or not word.ordinary for word in naming)


def _names(word: Word, described: bool, placed: bool) -> bool:
    """Whether a word names rather than describes. After `a` or `my` a plain adjective does not, after `at` nearly any word does."""
    if word.grammar or word.plain in words("kept") or word.plain in words("descriptions") or (word.slip and not word.capital):
        return False
    return word.capital or word.noun or not word.ordinary or placed or (not described and word.tag == "JJ")


def _after(text: str, beginning: str, seen: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Spans of a beginning with the capitals after it; in small letters with one word that is no plain one, or any after `university of`."""
    shape = rf"\b{beginning}(?: (?!and|&){heads.JOINING})* {heads.CAPITAL}(?: (?:{heads.JOINING} )*{heads.CAPITAL})*"
    yield from (match.span() for match in regex.finditer(shape, text, regex.IGNORECASE))
    small = rf"\b(?P<of>uni(?:versi\w+)? (?:of|de|di|do) (?:the )?)?(?(of)|{beginning} (?:(?:de|del|della|di|da|do|la|las|los|san|santa) )*)\p{{L}}[\p{{L}}\-]+"
    for match in regex.finditer(small, text, regex.IGNORECASE):
        last = next((n for n, word in enumerate(seen) if word.end == match.end() and not word.grammar), None)
        if last is not None and (match["of"] or not seen[last].ordinary):
            goes_on = last + 1 < len(seen) and seen[last + 1].tag == "NNP" and text[match.end() : seen[last + 1].start] == " "
            yield match.start(), seen[last + 1].end if goes_on else match.end()


def _for(text: str, seen: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Spans such as `centre for mindful living`: up to three words after it that are neither grammar nor a verb in the past."""
    for match in regex.finditer(heads.FOR, text, regex.IGNORECASE):
        rest = list(takewhile(lambda word: not word.grammar and word.tag != "VBD", (word for word in seen if word.start >= match.end())))[:3]
        if rest and rest[0].start == match.end():
            yield match.start(), rest[-1].end


def _houses(text: str, seen: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """In a message that speaks of being a patient: named houses, and `at the …` with what is no word."""
    if heads.PATIENT.search(text):
        yield from _before(text, heads.HOUSES, seen)
        strange = (word for word in seen if not (word.ordinary or word.slip or word.listed))
        yield from ((word.start, word.end) for word in strange if heads.IN_THE.search(text[: word.start]))


@lru_cache(maxsize=1)
def _known() -> regex.Pattern[str]:
    return regex.compile(rf"\b(?:(?P<clinic>{any_of('known_hospitals')})|(?P<school>{any_of('known_schools')}))\b", regex.IGNORECASE)
