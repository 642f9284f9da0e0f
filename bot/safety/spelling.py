"""Slips of the fingers mended in longer words, for a second look at what was written. What the person typed is never changed."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity

LEAST = 4
"""Letters from which a word is looked at: shorter ones are short forms and names too often (cbt, ocd, kms)."""
OWN = (
    *(
        "unalive",
        "unaliving",
        "unalived",
        "offing",
        "therapist",
        "counsellor",
        "counselling",
        "counselor",
        "healed",
        "relapsed",
        "reframe",
        "selfharm",
        "suicidal",
    ),
    *(
        "emdr",
        "ptsd",
        "adhd",
        "cptsd",
        "ocpd",
        "meds",
        "tldr",
        "idek",
        "lmao",
        "lmfao",
        "imho",
        "tbqh",
        "yolo",
        "wdym",
        "istg",
        "smth",
        "rofl",
        "omfg",
        "fomo",
        "asap",
    ),
)
"""Words the dictionary lacks or counts as rare, and short forms of four letters."""


@lru_cache(maxsize=1)
def _speller() -> SymSpell:
    speller = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
    speller.load_dictionary(str(files("symspellpy") / "frequency_dictionary_en_82_765.txt"), 0, 1)
    for word in OWN:
        speller.create_dictionary_entry(word, 10**9)
    return speller


@lru_cache(maxsize=20000)
def _mended(word: str) -> str:
    found = _speller().lookup(word, Verbosity.CLOSEST, max_edit_distance=1)
    return min(found, key=lambda known: (_slip(word, known.term), -known.count)).term if found else word


def _slip(word: str, known: str) -> int:
    """The kinds of slip, the commonest first: letters swapped, one left out or too many, another in its place."""
    return 0 if sorted(word) == sorted(known) else 1 if len(word) != len(known) else 2


def respelled(words: str) -> str:
    """Words parted by spaces, each of LEAST letters or more that no dictionary knows put right by one letter added, left out, changed or swapped."""
    return " ".join(_mended(word) if len(word) >= LEAST and word.isascii() and word.isalpha() else word for word in words.split(" "))
