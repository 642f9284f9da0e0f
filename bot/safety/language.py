"""Whether a message can be read at all: what is in another language cannot be screened, and is said to be so."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Literal

import regex
from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from bot.safety.normalise import readable

Reading = Literal["english", "other", "empty"]
WORD = regex.compile(r"\p{L}[\p{L}\p{M}']*")
FEWEST = 3
"""Words from which a text in Latin letters is long enough to tell its language."""
SURE = 0.43
"""The likelihood of another language from which a text counts as not English; one of our 4,142 training examples reaches it, and it has two words."""


ENGLISH = 0.4
"""The share of English function words from which nothing else need be asked; it spares most messages the slower look."""
LANGUAGES = (
    *("ENGLISH", "SPANISH", "FRENCH", "GERMAN", "PORTUGUESE", "ITALIAN", "DUTCH"),
    *("POLISH", "TURKISH", "SWEDISH", "ROMANIAN", "INDONESIAN", "TAGALOG", "VIETNAMESE"),
)
LOADING = Lock()


def warm() -> None:
    """Load the detector, which takes some seconds; without this the first message pays for it."""
    with LOADING:
        _detector().compute_language_confidence_values("This is English.")


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*(getattr(Language, name) for name in LANGUAGES)).build()


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    """The function words of English. spaCy brings TensorFlow along where that is installed, so it is loaded at the first use and not at the start."""
    from spacy.lang.en.stop_words import STOP_WORDS  # noqa: PLC0415  # as said

    return frozenset(STOP_WORDS)


def reading(text: str) -> Reading:
    """`empty` when there is nothing to read in it, `other` when it is clearly not English."""
    words = WORD.findall(readable(text)[:2000])
    if not words:
        return "empty" if not any(c.isdigit() for c in text) else "english"
    latin = sum(bool(regex.match(r"\p{Latin}", w)) for w in words)
    if latin * 2 < len(words):
        return "other"
    function_words = sum(w.lower() in _stop_words() for w in words)
    if len(words) < FEWEST or function_words >= len(words) * ENGLISH:
        return "english"
    with LOADING:
        best = _detector().compute_language_confidence_values(" ".join(words))[0]
    return "other" if best.language != Language.ENGLISH and best.value >= SURE else "english"
