"""Dates of birth: a date that the words around it call one."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

MONTH = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?|nov(?:ember)?"
    r"|de[cz](?:ember)?)\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
YEAR = r"(?:(?:19|20)\d\d|['’]?\d\d)"
FIGURES = rf"(?:\d{{1,2}}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?{YEAR}|(?:19|20)\d\d[./\-]\d{{1,2}}[./\-]\d{{1,2}})"
SPOKEN = rf"(?:{DAY}\.?(?: day)?(?: of)?[\s\-]{MONTH}(?:,?[\s\-]{YEAR}\b)?|{MONTH}[\s\-](?:the )?{DAY}\b(?:,?\s{YEAR}\b)?)"
DATE = rf"(?:{FIGURES}|{SPOKEN})(?![\w/])"
CUE = (
    r"(?:born|dob|d\.\s?o\.\s?b\.?|date of birth|birth\s?date|birth\s?day|b-?day|geb(?:oren|urtsdatum|urtstag)?\.?|n[ée]e? le|nacimiento|nacid[oa]|nascid[oa]|nato|nata"
    r"|turn(?:s|ed|ing)? \d{1,3}|birthdate)"
)
BETWEEN = r"(?:[^\w\n]|\b(?:is|was|on|the|in|it|its|it's|am|me|her|his|my|el|le|den|am|and)\b){0,12}"
UNPARTED = r"(?:\d{2}[ ]?\d{2}[ ]?(?:\d{2}|\d{4}))\b"


def recogniser() -> PatternRecognizer:
    """Finds a date after a cue, a date before one, and six or eight figures right after `dob`."""
    patterns = {
        "after": (rf"(?<=\b{CUE}{BETWEEN}){DATE}", 0.9),
        "before": (rf"(?<![\w/]){DATE}(?=,? (?:is|was|as) (?:my |her |his |their )?(?:\w+ )?{CUE})", 0.9),
        "unparted": (rf"(?<=\b(?:dob|d\.o\.b\.?|date of birth)\W{{0,3}}(?:is )?){UNPARTED}", 0.9),
    }
    return PatternRecognizer("BIRTHDATE", patterns=[Pattern(name, shape, score) for name, (shape, score) in patterns.items()])
