"""The words of a message in their full form, clause by clause: what the risk rules read."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from bot.safety.normalise import normalised, unmasked

# A dot also ends a clause before a small letter ("so done.i want out"), and a very long run of words without any stop is left whole.
STOP = re.compile(r"(?<![a-z])!+|!+(?![a-z])|[.?;:\n\r|]+|\s[-/]\s|…")
NOT = re.compile(r"n't\b")
WORD = re.compile(r"[a-z0-9]+")
CONTENT = Path(__file__).parent / "content"


@lru_cache(maxsize=1)
def _full() -> dict[str, str]:
    return dict(yaml.safe_load((CONTENT / "full_words.yml").read_text(encoding="utf-8")))


def clauses(text: str) -> list[str]:
    """Every clause as lower-case words parted by single spaces; digits stay, a comma becomes a word, other signs go."""
    found = (_words(part) for part in STOP.split(_spelled(text)))
    return [words for words in found if words]


def _spelled(text: str) -> str:
    """Normalised line by line, so that a line end stays a stop."""
    return "\n".join(normalised(line) for line in text.splitlines() or [""])


def _words(clause: str) -> str:
    plain = " ".join(unmasked(word) for word in clause.split())
    plain = NOT.sub(" not", plain.replace("can't", "can not").replace("won't", "will not"))
    plain = re.sub(r"'(m|ve|ll|d|re|s)\b", lambda m: {"m": " am", "ve": " have", "ll": " will", "d": " would", "re": " are", "s": " s"}[m.group(1)], plain)
    plain = re.sub(r"\b(it|he|she|that|what|there|who|how) s\b", r"\1 is", plain)
    return " ".join(_full().get(word, word) for word in WORD.findall(plain.replace(",", " comma ")))
