"""Which words are names, which are ordinary, and which are kept whatever they look like."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).parent / "content"
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'"})
"""Letters that Unicode does not take apart into a letter and its accent."""


def folded(word: str) -> str:
    """In small letters, without accents and without the 's of possession."""
    apart = unicodedata.normalize("NFKD", word.lower().translate(PLAIN))
    return re.sub(r"'s?$", "", "".join(sign for sign in apart if not unicodedata.combining(sign)))


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    read = yaml.safe_load((CONTENT / "names.yml").read_text(encoding="utf-8"))
    return frozenset(" ".join(read["given"].values()).split()), frozenset(read["both"].split())


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    read: dict[str, Any] = yaml.safe_load((CONTENT / "words.yml").read_text(encoding="utf-8"))
    return {name: frozenset(map(folded, several.split() if isinstance(several, str) else several)) for name, several in read.items()}


@lru_cache(maxsize=1)
def _dictionary() -> frozenset[str]:
    lines = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines()
    return frozenset(line.split()[0] for line in lines)


def words(of: str) -> frozenset[str]:
    """A list of content/words.yml, folded."""
    return _words()[of]


def is_listed(word: str) -> bool:
    """Whether a word is a given name and hardly anything else; of a word with hyphens the first part decides."""
    plain = folded(word)
    return plain in _names()[0] or plain.split("-")[0] in _names()[0]


def is_both(word: str) -> bool:
    """Whether a word is a given name as well as a word, a month or a place."""
    return folded(word) in _names()[1]


def is_kept(word: str) -> bool:
    """Whether a word is never taken for personal by itself."""
    return folded(word) in _words()["kept"]


def is_grammar(word: str) -> bool:
    """Whether a word is one of the small words that no name is made of, contractions included."""
    plain = folded(word)
    return plain.split("'")[0] in _words()["grammar"] or plain.replace("'", "") in _words()["grammar"]


def is_ordinary(word: str) -> bool:
    """Whether a word is one of the language or of chat, also drawn out or with such a word before a hyphen, and no given name that is nothing else."""
    first = re.split("[-']", folded(word))[0]
    return not is_listed(word) and (_known(first) or _known(re.sub(r"(.)\1{2,}", r"\1", first)))


def _known(plain: str) -> bool:
    lists = _words()
    in_dictionary = plain in _dictionary() or (plain.endswith("in") and f"{plain}g" in _dictionary())
    return in_dictionary or any(plain in lists[name] for name in ("chat", "kept", "therapists", "people", "grammar"))
