"""Dates of birth: a date that the words around it call one."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?"
    r"|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
DAY, MONTH_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
NTH = rf"{DAY}(?:st|nd|rd|th)?"
YEAR = r"(?:(?:19|20)\d\d|['’]?\d\d)"
FIGURES = rf"(?:\d{{1,2}}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?{YEAR}|(?:19|20)\d\d[./\-]\d{{1,2}}[./\-]\d{{1,2}})"
SPOKEN = rf"(?:{NTH}\.?(?: day)?(?: of)?[\s\-]{MONTH}(?:,?[\s\-]{YEAR}\b)?|{MONTH}[\s\-](?:the )?{NTH}\b(?:,?\s{YEAR}\b)?)"
DATE = rf"(?:{FIGURES}|{SPOKEN})(?![\w/])"
WITHOUT_YEAR = rf"{DAY}[./]{MONTH_NUMBER}\b\.?(?![\d/.])"
CUE = (
    r"(?:born|b\.|dob|d\.\s?o\.\s?b\.?|date of birth|birth\s?date|birth\s?day|b-?day|geb(?:oren|urtsdatum|urtstag)?\.?|n[ée]e? le|nacimiento|nacid[oa]"
    r"|nascid[oa]|nat[oa]|turn(?:s|ed|ing)? \d{1,3})"
)
SHAPES = {
    "after a cue": rf"(?<=\b{CUE}[^\d\n]{{0,25}}?)(?<!\w)(?:{DATE}|{WITHOUT_YEAR})",
    "before a cue": rf"(?<![\w/]){DATE}(?=,? (?:is|was|as) (?:my |her |his |their )?(?:\w+ )?{CUE})",
    "without signs": r"(?<=\b(?:dob|d\.o\.b\.?|date of birth)\W{0,3}(?:is )?)\d{2} ?\d{2} ?(?:\d{4}|\d{2})\b",
}


def recogniser() -> PatternRecognizer:
    """Finds a date after a cue, a date before one, and six or eight figures right after `dob`."""
    return PatternRecognizer("BIRTHDATE", patterns=[Pattern(name, shape, 0.9) for name, shape in SHAPES.items()])
