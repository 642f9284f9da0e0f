"""Clinics, practices, hospitals and schools that are called by their name, also in small letters.

A name is what stands before a word like `clinic` and is neither grammar nor mere description: `oakfield clinic`, but not `a private eating disorder clinic`.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Any, Iterator, Sequence

import regex
from presidio_analyzer import EntityRecognizer, RecognizerResult

from bot.privacy.reading import Word, read
from bot.privacy.words import words

CENTRE = r"cent(?:er|re)s?"
HEADS = {
    "CLINIC": rf"(?:clinics?|hospitals?|infirmary|hospice|sanatorium|asylum|polyclinic|{CENTRE}|institute"
    rf"|(?:medical|health|wellness|well-?being|therapy|counsell?ing|treatment|recovery|rehab|healing|care|day|resource) (?:{CENTRE}|group|services?|associates|partnership)"
    r"|psychological services|behavioral health|rehab|rehabilitation|(?:nhs|foundation|health) trust|klinik|klinikum|krankenhaus|ziekenhuis|sjukhus|sygehus|szpital)",
    "SCHOOL": r"(?:(?:(?:high|primary|secondary|middle|elementary|infant|junior|grammar|boarding|public|convent|comprehensive) )?school|college|university|uni|academy"
    r"|kindergarten|gymnasium|nursery|preschool|sixth form|high|primary)",
    # What is also a plain word: two words have to name it, or one with a capital or that is no word.
    "FIELD": r"(?:practice|surgery|counsell?ing|psychology|psychotherapy|psychiatry|therapy)",
    # Houses, only in a message that speaks of being a patient there.
    "STAY": r"(?:house|lodge|court|hall|manor|unit|ward|priory|abbey|retreat|grange|villa)",
}
PATIENT = regex.compile(r"\b(?:rehab|in-?patient|patient|admitted|discharged|sectioned|hospital|detox|psych ward|residential)\b", regex.IGNORECASE)
SCHOOLING = regex.compile(r"\b(?:school|college|teacher|pupil|year \d+|class|excluded)\b", regex.IGNORECASE)
OPENERS = {
    "CLINIC": r"(?:hospital|h[oô]pital|ospedale|cl[ií]nica|clinique|(?:universit[äa]ts)?klinik(?:um)?|krankenhaus|praxis|centro|centre hospitalier)",
    "SCHOOL": r"(?:universit(?:y|é|e|à|a|ät|at|eit)|universidade?|uni|college|school|institute|instituto|escuela|colegio|lyc[ée]e|coll[èe]ge|[ée]cole)",
}
JOINING = r"(?:of|the|de|del|della|di|da|do|dos|la|las|le|les|los|el|and|&|für|van|der|des|du)"
CAPITAL = r"(?!I\b)(?-i:\p{Lu})[\p{L}'’\-]+"
SAINT = regex.compile(
    r"\b(?:st|saint|ste|sainte)\.? \p{L}[\p{L}'’\-]{2,}|\bour lady(?:'s| of (?:the )?\p{L}+(?: (?-i:\p{Lu})\p{L}+)?)?|\b(?:sacred|holy) (?:heart|cross|family|trinity)\b",
    regex.IGNORECASE,
)
DESCRIBED = regex.compile(r"\b(?:an?|my|your|his|her|our|their|some|any|this|that|these|those|another|every|each|which|no) $", regex.IGNORECASE)
"""What stands before a description rather than before a name."""
PLACED = regex.compile(r"\b(?:at|from) (?:the )?$", regex.IGNORECASE)
"""What stands before a place."""
MOST = 5
"""Words before the head that are looked at."""


class Institutions(EntityRecognizer):  # type: ignore[misc]  # Presidio ships no types
    """Names before a head, names after an opener, and saints."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["CLINIC", "SCHOOL"])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """All of them."""
        seen = read(text, nlp_artifacts)
        heads = {kind: head for kind, head in HEADS.items() if kind != "STAY" or PATIENT.search(text)}
        spans = [(kind, span) for kind, head in heads.items() for span in _before(text, head, seen, 2 if kind == "FIELD" else 1)]
        spans += [(kind, span) for kind, opener in OPENERS.items() for span in _after(text, opener, seen)]
        saints = "SCHOOL" if SCHOOLING.search(text) else "CLINIC"
        spans += [(saints, match.span()) for match in SAINT.finditer(text)]
        return [RecognizerResult("SCHOOL" if kind == "SCHOOL" else "CLINIC", *span, 0.7) for kind, span in spans]


def _before(text: str, head: str, seen: Sequence[Word], least: int) -> Iterator[tuple[int, int]]:
    """Spans of a head with the words before it, as far back as they can belong to a name."""
    for match in regex.finditer(rf"(?<=[\w'’.] ){head}(?![\w'’\-])", text, regex.IGNORECASE):
        back = [word for word in seen if word.end < match.start()][-MOST:]
        edges = [*(word.start for word in back[1:]), match.start()]
        near = list(takewhile(lambda pair: _goes_on(pair[0], text[pair[0].end : pair[1]], match[0][0].isupper()), reversed(list(zip(back, edges)))))
        name = [word for word, _ in near]
        while name and not _opens(name[-1]):
            name.pop()
        described = bool(name) and bool(DESCRIBED.search(text[: name[-1].start]))
        names = [word for word in name if _names(word, match[0][0].isupper(), described)]
        placed = bool(name) and bool(PLACED.search(text[: name[-1].start]))
        if len(names) >= (1 if placed else least) or any(word.capital or not word.ordinary for word in names):
            yield name[-1].start, match.end()


def _goes_on(word: Word, gap: str, capitals: bool) -> bool:
    """Whether a name may reach back over a word: grammar ends it unless it joins capitals (`Hope and Healing Clinic`), and so does any sign."""
    return (gap in (" ", "'s ", " & ", "-") or (gap == ". " and word.plain in ("st", "dr"))) and (not word.grammar or word.capital or (capitals and word.plain in ("and", "of", "the", "for")))


def _opens(word: Word) -> bool:
    return word.capital or not (word.grammar or word.plain in words("descriptions"))


def _names(word: Word, with_capitals: bool, described: bool) -> bool:
    """Whether a word names rather than describes. In capitals, head and all, also a description names; after `a` or `my` a plain adjective does not."""
    if word.capital and with_capitals:
        return True
    if word.grammar or word.kept or word.plain in words("descriptions"):
        return False
    if word.slip and not word.capital:
        return False
    return word.capital or word.noun or not word.ordinary or (not described and word.tag == "JJ")


def _after(text: str, opener: str, seen: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Spans of an opener with the capitals after it; in small letters one word that is no plain one, or any after `university of`."""
    for match in regex.finditer(rf"\b{opener}(?: (?!and|&){JOINING})* {CAPITAL}(?: (?:{JOINING} )*{CAPITAL})*", text, regex.IGNORECASE):
        yield match.span()
    for match in regex.finditer(rf"\b(?P<of>uni(?:versi\w+)? (?:of|de|di|do) (?:the )?)?(?(of)|{opener} )\p{{L}}[\p{{L}}\-]+", text, regex.IGNORECASE):
        if any(word.end == match.end() and not word.grammar and (match["of"] or not word.ordinary) for word in seen):
            yield match.span()
