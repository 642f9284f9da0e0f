"""Bring a message to the form the risk rules read."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
LEET = str.maketrans({"1": "i", "!": "i", "3": "e", "0": "o", "@": "a", "$": "s", "4": "a", "*": "i"})
SPACED = re.compile(r"\b(?:\w[ .\-_]){3,}\w\b")
SIGNS = {"🔪": " knife ", "🩸": " blood ", "💊": " pills ", "🔫": " gun "}
"""Pictures that say the word; a skull or a coffin is mostly laughter and says nothing."""
PICTURES = str.maketrans(SIGNS)
MARKED = re.compile(r"(?<![\w*_~`|])([*_~`]{1,3}|\|\|)(?=\w)([^\n]*?[\w.!?])\1(?![\w*_~`|])")
"""Words set off by the signs of chat programs (bold, italic, struck, code, hidden): the signs are no masked letters."""
REPEATED = re.compile(r"(.)\1{2,}")


def readable(text: str) -> str:
    """`text` without lone surrogates, NUL and invisible characters, in compatibility form."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", whole)).translate(QUOTES).strip()


def normalised(text: str) -> str:
    """Lower case, repeated letters shortened, letters spaced apart joined, white space folded."""
    unmarked = MARKED.sub(r"\2", readable(text).lower())
    plain = SPACED.sub(lambda m: re.sub(r"[ .\-_]", "", m.group()), unmarked).translate(PICTURES)
    return " ".join(REPEATED.sub(r"\1\1", plain).split())


def without_pictures(text: str) -> str:
    """`text` without the pictures that say a word: one may stand for a word, or only beside it."""
    return text.translate(dict.fromkeys(PICTURES, " "))


def unmasked(word: str) -> str:
    """A word with figures and signs read as the letters they stand for (`k1ll`, `su*cide`)."""
    return word.translate(LEET) if re.search(r"[a-z]", word) and re.search(r"[134!0@$*]", word[:-1]) else word
