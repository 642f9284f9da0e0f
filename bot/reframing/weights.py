"""Numbers in a message: how heavy somebody says that a thought is, from 0 to 10."""

from __future__ import annotations

import re

NUMBER = re.compile(r"(?<![\d.])(10|\d(?:[.,]\d)?)(?![\d.]*\d)")
WORDS = {word: n for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])}
ON_SCALE = re.compile(r"/ ?10\b|\bout of (10|ten)\b|\b(heavy|heavier|lighter|weigh)", re.IGNORECASE)
VALUE = rf"(?<![\d.,])(?:10|\d(?:[.,]\d)?|{'|'.join(WORDS)})(?![\d%])"
LED_BY = (
    *(r"i(?:['’]?d)?(?: would)? (?:say|guess|think)", r"it(?:['’]?s| is)", r"that(?:['’]?s| is)", "hmm+", "um+", "uh", "well", "so", "oh", "ok(?:ay)?"),
    *("maybe", "about", "around", "like", "say", "probably", "perhaps", "roughly", "somewhere", "more", "just", "still", "now", "at", "an?"),
)
"""What may stand before a number that answers."""
GOES_ON = (
    *("out", "i", "maybe", "now", "today", "tonight", "it", "very", "really", "pretty", "probably", "or", "to", "because", "cos", "cause", "but", "and"),
    *("at", "right", "still", "again", "on", "for", "as", "since", "if"),
)
"""What may follow it: no thing that is counted."""
LAST = r"(?:maybe|about|around|probably|say|an?|still|down to|up to)"
GIVEN = re.compile(
    rf"^\W*(?:(?:{'|'.join(LED_BY)})\W+)*{VALUE}(?=\W*$|\s*[,;.!?/)–-]|\s+(?:{'|'.join(GOES_ON)})\b)"
    rf"|\b{LAST}\W+{VALUE}\W*(?:now|today|tonight|i guess|maybe|right now|for me)?\W*$",
    re.IGNORECASE,
)
"""A number that stands where somebody answers with one: at the beginning, or at the end after a word like “about”."""


def number_in(text: str) -> float | None:
    """A number from 0 to 10 in a message, in figures or words; None if there is none or it is out of range."""
    if found := NUMBER.search(text):
        return float(found.group(1).replace(",", "."))
    return next((float(WORDS[w]) for w in re.findall(r"[a-z]+", text.lower()) if w in WORDS), None)


def weight_in(text: str) -> float | None:
    """The weight that a message gives when it was asked for; a number that stands in a story ("when I was nine", "the broken one") is none."""
    return number_in(text) if ON_SCALE.search(text) or GIVEN.search(text) else None
