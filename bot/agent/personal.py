"""Signs of personal details in a text, found carefully rather than sparingly: what is doubtful counts as found."""

from __future__ import annotations

import re

from bot.privacy.redaction import PLACEHOLDER, find
from bot.privacy.words import is_kept

KINDS = {
    "an e-mail address": r"\b[\w.+-]+\s?(?:@|\(at\)| at )\s?[\w-]+\s?(?:\.|\(dot\)| dot )\s?[a-z]{2,}\b",
    "an address on the web": r"https?://|\bwww\.|\b[a-z0-9-]+\.(?:com|org|net|co\.uk|io)\b",
    "a long number": r"(?:\d[\s().-]?){7,}",
    "a date": r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b(?:19|20)\d\d-\d\d-\d\d\b",
}
"""What redaction leaves because it is mostly harmless, such as the day of a session, and a training example still does better without."""
REDACTED = {
    "EMAIL": "an e-mail address",
    "LINK": "an address on the web",
    "HANDLE": "a handle",
    "PHONE": "a telephone number",
    "BIRTHDATE": "a date of birth",
    "ADDRESS": "a postal address",
    "POSTCODE": "a postal address",
    "CLINIC": "an organisation",
    "SCHOOL": "an organisation",
    "THERAPIST": "a name",
    "NAME": "a name",
}
NAMED = {"PERSON": "a name", "GPE": "a place", "LOC": "a place", "FAC": "a place", "ORG": "an organisation"}


def personal_details(text: str) -> list[str]:
    """The kinds of personal detail that a text may hold beside placeholders, without repeating any of it."""
    from bot.privacy.engine import entities

    rest = PLACEHOLDER.sub(" ", text)
    found = {kind for kind, pattern in KINDS.items() if re.search(pattern, rest, re.IGNORECASE)}
    found |= {REDACTED[span.kind] for span in find(rest)}
    found |= {NAMED[label] for name, label in entities(rest) if label in NAMED and not all(map(is_kept, name.split()))}
    return sorted(found)
