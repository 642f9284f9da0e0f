"""Which words are names, which are ordinary, and which are kept whatever they look like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from bot.safety.spelling import respelled

ENDING = re.compile(
    r"(?:ings?|ed|ly|ness|isms?|ists?|tions?|ables?|i[sz]e[sd]?|ments?|ful|less|ish|olog(?:y|ist|ical)|ics?|ous|ity|al|ive|ers?|[ae]nt|[ae]nce|[ao]ry)$"
)
BEGINNING = re.compile(r"(?:un|re|pre|post|over|under|mis|self|anti|multi|co|sub|ex|non|out|super|hyper)-?(?=\w{3})")
SLIPS, COMMON, RARE = 8_000, 20_000, 30_000
"""Ranks in the dictionary. Slips are made in the commonest words; what comes near another is a name more often, and so is a rare word itself where people are
named (measured on our own examples: the dictionary holds many names). Words that are made of common ones are no names."""
NO_WORD = 10**6
"""The rank of what the dictionary does not have."""
CONTENT = Path(__file__).parent / "content"
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'"})
"""Letters that Unicode does not take apart into a letter and its accent."""


def folded(word: str) -> str:
    """In small letters, without accents and without the 's of possession."""
    apart = unicodedata.normalize("NFKD", word.lower().translate(PLAIN))
    return re.sub(r"'s?$", "", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def unaccented(text: str) -> str:
    """Without accents, sign for sign, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", sign)[0] for sign in text)


@lru_cache(maxsize=1)
def _names() -> dict[str, frozenset[str]]:
    read = yaml.safe_load((CONTENT / "names.yml").read_text(encoding="utf-8"))
    given = " ".join(read["given"].values())
    return {"given": frozenset(given.split()), "both": frozenset(read["both"].split()), "surnames": frozenset(read["surnames"].split())}


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    read: dict[str, Any] = yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8"))
    return {name: frozenset(map(folded, several.split() if isinstance(several, str) else several)) for name, several in read.items()}


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, int]:
    """The words of symspellpy's dictionary with their rank, the commonest first."""
    lines = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines()
    return {line.split()[0]: rank for rank, line in enumerate(lines)}


def words(of: str) -> frozenset[str]:
    """A list of content/words.yml, folded."""
    return _words()[of]


def any_of(of: str) -> str:
    """A pattern for any of a list, the longest first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words(of)), key=len, reverse=True))})"


def is_listed(word: str) -> bool:
    """Whether a word is a given name and hardly anything else; of a word with hyphens the first part decides."""
    plain = folded(word)
    return plain in _names()["given"] or plain.split("-")[0] in _names()["given"]


def is_both(word: str) -> bool:
    """Whether a word is a given name as well as a word, a month or a place."""
    return folded(word) in _names()["both"]


def is_surname(word: str) -> bool:
    """Whether a word is a common surname, whatever else it is."""
    return folded(word) in _names()["surnames"]


def is_kept(word: str) -> bool:
    """Whether a word is never taken for personal by itself."""
    return folded(word) in _words()["kept"] or folded(word) in _words()["kept_in_names_only"]


def is_grammar(word: str) -> bool:
    """Whether a word is one of the small words that no name is made of, contractions included."""
    plain = folded(word)
    return plain.split("'")[0] in _words()["grammar"] or plain.replace("'", "") in _words()["grammar"]


def is_ordinary(word: str) -> bool:
    """Whether a word is one of the language or of chat, also drawn out or with such a word before a hyphen, and no given name that is nothing else."""
    first = re.split("[-']", folded(word))[0]
    return not is_listed(word) and (_known(first) or _known(re.sub(r"(.)\1{2,}", r"\1", first)))


def is_slip(word: str) -> bool:
    """Whether a word is a common one of the language but for a slip of the finger. What comes near a given name is none."""
    plain = folded(word)
    mended = respelled(plain)
    return mended != plain and not is_listed(mended) and _rank(mended) < SLIPS


def is_rare(word: str) -> bool:
    """Whether only the rare part of the dictionary has a word, which holds many names."""
    plain = folded(word)
    return RARE <= _rank(plain) < NO_WORD and plain not in _words()["chat"]


def is_frequent(word: str) -> bool:
    """Whether a word is among the commonest of the language, of which hardly any is a surname that we do not know."""
    return _rank(folded(word)) < SLIPS


def is_derived(word: str) -> bool:
    """Whether a word is made of others by a common ending or beginning, or of two common ones (`papercut`), as names seldom are."""
    plain = folded(word)
    rest = BEGINNING.match(plain)
    if ENDING.search(plain) or (rest and _is_common(plain[rest.end() :])):
        return True
    return any(_is_common(plain[:cut]) and _is_common(plain[cut:]) for cut in range(3, len(plain) - 2))


def _is_common(plain: str) -> bool:
    return min(_rank(plain), _rank(plain.rstrip("s"))) < COMMON


def _rank(plain: str) -> int:
    return _dictionary().get(plain, NO_WORD)


def _known(plain: str) -> bool:
    lists = _words()
    in_dictionary = plain in _dictionary() or (plain.endswith("in") and f"{plain}g" in _dictionary())
    return in_dictionary or any(plain in lists[name] for name in ("chat", "kept", "kept_in_names_only", "therapists", "people", "grammar"))
