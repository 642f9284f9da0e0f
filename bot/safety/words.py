"""The words of a message in their full form, clause by clause: what the risk rules read."""

from __future__ import annotations

import re

from bot.safety.normalise import normalised, unmasked

# A dot also ends a clause before a small letter ("so done.i want out"), and a very long run of words without any stop is left whole.
STOP = re.compile(r"[.?!;:\n\r|]+|\s[-/]\s|…")
NOT = re.compile(r"n't\b")
WORD = re.compile(r"[a-z0-9]+")
FULL = {
    "im": "i am", "ive": "i have", "i'm": "i am", "i've": "i have", "i'd": "i would", "i'll": "i will", "ill": "ill", "dont": "do not", "don't": "do not", "doesnt": "does not", "didnt": "did not",
    "cant": "can not", "cannot": "can not", "couldnt": "could not", "wont": "will not", "wouldnt": "would not", "shouldnt": "should not", "isnt": "is not", "arent": "are not", "wasnt": "was not",
    "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not", "aint": "am not", "wanna": "want to", "wana": "want to", "gonna": "going to", "gunna": "going to", "gona": "going to",
    "finna": "going to", "gotta": "have to", "hafta": "have to", "lemme": "let me", "gimme": "give me", "hes": "he is", "shes": "she is", "theyre": "they are", "youre": "you are", "thats": "that is",
    "whats": "what is", "theres": "there is", "its": "it is", "hows": "how is", "id": "i would", "u": "you", "ur": "your", "r": "are", "n": "and", "w": "with", "bc": "because", "cuz": "because", "coz": "because",
    "tho": "though", "rly": "really", "nd": "and", "abt": "about", "tn": "tonight", "2nite": "tonight", "tonite": "tonight", "2day": "today", "tmrw": "tomorrow", "tmr": "tomorrow", "2moro": "tomorrow",
    "anymore": "any more", "myslef": "myself", "mysefl": "myself", "meself": "myself", "iam": "i am", "amabout": "am about", "wnt": "want", "wan": "want", "jus": "just", "ppl": "people", "sb": "somebody",
    "some1": "someone", "any1": "anyone", "no1": "no one", "noone": "no one", "kil": "kill", "kll": "kill", "diee": "die", "hert": "hurt", "pils": "pills", "pllls": "pills", "sum": "some", "cus": "because",
}  # fmt: skip
"""Contractions, slips and short forms, each with what it stands for."""


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
    return " ".join(FULL.get(word, word) for word in WORD.findall(plain.replace(",", " comma ")))
