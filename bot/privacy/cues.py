"""What the words around say of a word: that a person is named here, and whether a therapist."""

from __future__ import annotations

import regex

from bot.privacy.words import any_of

REACH = 70
"""Letters before and after a word that are looked at."""
THERAPIST = any_of("therapists")
SOMEBODY = rf"(?:{THERAPIST}|{any_of('people')})"
QUOTE = r"[\"“'(]?"
NAMING = (
    r"(?:,? ?(?:her|his|their|whose|whos))?(?:'s|s)?,? ?(?:real |first |full )?name(?:'s|s| is| was|:)|(?:,? (?:is|was|who's|whos|who is))? ?(?:called|named)"
    r"|:|,|\(|-|–| -"
)
BEING = r"(?:is|was|am|'m|im|i'm|be|she's|he's|shes|hes|who's|people|person|someone|woman|man|guy|lady|girl|boy|one|therapist|counsell?or)"
KNOWN_AS = r"(?:known as|go(?:es)? by|calls? (?:me|him|her|them)|signed|regards|sincerely|cheers|love from|yours(?= truly|,))"
GREETING = r"(?:hi|hey|hello|hiya|heya|evening|morning|afternoon)"
I_AM = r"(?:i'm|im|i am|its|it's|this is)"
METHOD = r"(?:cbt|dbt|emdr|ifs|act)"
OF_SOMEBODY = r"(?:(?:,|'s| -)? ?\(?(?:(?:is|was|who is|who was|who runs|the one who was) )?(?:my|our|the|a|an|his|her) (?:[\w\-]+ ){0,2}?"
PLACE = rf",? (?:from|at) (?:(?:the|my|our) )?(?:[a-z]+ ){{0,3}}{any_of('groups')}\b"
BEFORE = {
    name: regex.compile(f"(?:{shape})$", regex.IGNORECASE)
    for name, shape in {
        "introduced": rf"(?:\bname(?:'s|s|d)?(?: is| was|:| =)?|\b{BEING} (?:called|named)|\b{KNOWN_AS}|^\s*[-–—])[,:]?\s*{QUOTE}",
        "titled": rf"\b{any_of('titles')}\.? (?:(?:dr|doktor|prof)\.? )?",
        "half titled": rf"\b{any_of('titles_and_words')} ",
        "role": rf"\b{SOMEBODY}(?:{NAMING})? ?{QUOTE}",
        "role is": rf"\b{SOMEBODY} (?:is|was) ",
        "initialled": r"(?<![\w.'])(?!e\. ?g|i\. ?e|a\. ?m|p\. ?m|d\. ?o)(?:[a-z]\. ?){1,3}",
        "greeted": rf"\b{GREETING},? (?:(?:{I_AM}|my name|name) )?|^(?:{I_AM}|thanks,?) ",
        "asked": rf"\b{any_of('asking')} ",
        "met": rf"\b{any_of('seeing')} ",
        "liked": rf"\b{any_of('liking')} ",
        "near": rf"\b{any_of('near')} |\( ?",
        "limited": rf"\b{any_of('determiners')} ",
    }.items()
}
"""Endings of what stands before a word."""
AFTER = {
    name: regex.compile(shape, regex.IGNORECASE)
    for name, shape in {
        "role": rf"{OF_SOMEBODY}{SOMEBODY}\b| my {METHOD} | aunt(?:y|ie)\b| \({METHOD}\)|{PLACE})",
        "spoke": rf"(?:'s voice)?,? (?:(?:just|never|always|then|really|still|basically|literally|actually|only|already|once) )?{any_of('speaking')}\b",
        "does": rf",? (?:{any_of('doing')}|at [a-z]+ clinic)\b",
        "regularly": r" (?:on (?:mon|tue|wed|thu|fri|sat|sun)|every|weekly|twice|once a|today|yesterday|tomorrow|tmrw|again|at \d"
        r"|for (?:a|\d+|two|three|four|five|six) (?:years?|yrs?|months?|weeks?|wks?))",
        "owns": r"'s \w",
        "here": r"(?:,? (?:here|btw|speaking|from)\b|[,.!]?\s*$)",
    }.items()
}
"""Beginnings of what stands after one."""
PROFESSIONAL_BEFORE = regex.compile(rf"(?:\b(?:dr|drs|prof|professor|doctor|nurse|doktor)\.? |\b{THERAPIST}(?:{NAMING})? ?{QUOTE})$", regex.IGNORECASE)
PROFESSIONAL_AFTER = regex.compile(
    rf"{OF_SOMEBODY}{THERAPIST}\b| my {METHOD} | \({METHOD}\)| (?:at|from) (?:the )?(?:\w+ ){{1,3}}(?:clinic|surgery|practice)\b)", regex.IGNORECASE
)


def before(text: str, start: int) -> frozenset[str]:
    """Which cues end where a word starts."""
    near = text[max(0, start - REACH) : start]
    return frozenset(name for name, shape in BEFORE.items() if shape.search(near))


def after(text: str, end: int) -> frozenset[str]:
    """Which cues begin where a word ends."""
    near = text[end : end + REACH]
    return frozenset(name for name, shape in AFTER.items() if shape.match(near))


def initials(text: str, start: int) -> str:
    """The initials that end where a word starts, such as `j. p. `; empty when there are none."""
    found = BEFORE["initialled"].search(text[max(0, start - REACH) : start])
    return found[0] if found else ""


def professional(text: str, start: int, end: int) -> bool:
    """Whether the words around say that the name is that of a therapist, doctor or nurse."""
    return bool(PROFESSIONAL_BEFORE.search(text[max(0, start - REACH) : start]) or PROFESSIONAL_AFTER.match(text[end : end + REACH]))
