"""How people type: the same sentence in other clothes. Deterministic for one sentence."""

from __future__ import annotations

import random
import re
from typing import Callable

SPELLINGS = {
    "counselling": "counseling",
    "counsellor": "counselor",
    "counsellors": "counselors",
    "realise": "realize",
    "realised": "realized",
    "behaviour": "behavior",
    "mum": "mom",
    "programme": "program",
    "recognise": "recognize",
    "favourite": "favorite",
    "centre": "center",
    "practise": "practice",
    "apologise": "apologize",
}
SHORT = {
    "therapy": "th",
    "therapist": "T",
    "because": "bc",
    "you": "u",
    "with": "w/",
    "without": "w/o",
    "about": "abt",
    "are": "r",
    "though": "tho",
    "really": "rly",
    "people": "ppl",
}
BESIDE = {"a": "sq", "e": "wr", "i": "uo", "o": "ip", "t": "ry", "n": "bm", "s": "ad", "r": "et", "l": "k", "h": "gj"}


def typos(text: str) -> str:
    """One slip in every twelve words, and at least one: a letter swapped, dropped, doubled, or the key beside it."""
    chance = random.Random(text)  # noqa: S311  # no secret
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    for n in chance.sample(long, min(len(long), max(1, len(words) // 12))):
        words[n] = _slip(words[n], chance)
    return " ".join(words)


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[: at + 1] + word[at:]
    return word[:at] + chance.choice(BESIDE.get(word[at].lower(), word[at])) + word[at + 1 :]


def drawn_out(text: str) -> str:
    """The last vowel of the longest word, five times."""
    longest = max(text.split(), key=len)
    return text.replace(longest, re.sub(r"([aeiouy])(?!.*[aeiouy])", lambda m: m.group(1) * 5, longest, count=1), 1)


def respelled(text: str) -> str:
    """British spellings in American and the other way round."""
    other = {**SPELLINGS, **{us: uk for uk, us in SPELLINGS.items()}}
    return re.sub(r"\w+", lambda m: other.get(m.group().lower(), m.group()), text)


def shortened(text: str) -> str:
    """Short forms of chats and forums."""
    return re.sub(r"[\w]+", lambda m: SHORT.get(m.group().lower(), m.group()), text)


def written_out(text: str) -> str:
    """Contractions in full."""
    full = {"n't": " not", "'m": " am", "'ve": " have", "'ll": " will", "'re": " are"}
    return re.sub(r"n't|'m|'ve|'ll|'re", lambda m: full[m.group()], text.replace("can't", "cannot").replace("won't", "will not"))


PERTURBATIONS: dict[str, Callable[[str], str]] = {
    "typos": typos,
    "no punctuation, small letters": lambda text: re.sub(r"[^\w\s]", "", text).lower(),
    "capitals": str.upper,
    "a letter drawn out": drawn_out,
    "no apostrophes": lambda text: text.replace("'", ""),
    "contractions written out": written_out,
    "the other spelling": respelled,
    "short forms": shortened,
}
