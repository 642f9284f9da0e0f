"""Long replies cut to what a platform takes, at the ends of paragraphs and sentences, with the lines that lead to help first."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable

import regex
import spacy

LEADS_TO_HELP = regex.compile(r"https?://|\b\w+\.(?:com|org|net)\b|\b\d[\d\s-]{1,}\d\b|emergency number")
Length = Callable[[str], int]


def utf16(text: str) -> int:
    """The length as most platforms count it, in UTF-16 units: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, longest: int, length: Length = utf16, *, care: bool = False) -> list[str]:
    """The text in parts of at most `longest`. In an answer to danger (`care`) the paragraphs that lead to help come first when it has to be cut.

    Nothing but white space at the cuts is lost.
    """
    if length(text) <= longest:
        return [text] if text.strip() else []
    paragraphs = [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]
    if care:
        paragraphs.sort(key=lambda paragraph: not LEADS_TO_HELP.search(paragraph))
    parts: list[str] = []
    for paragraph in paragraphs:
        pieces = _pieces(paragraph, longest, length)
        _joined(parts, pieces[0], "\n\n", longest, length)
        for piece in pieces[1:]:
            _joined(parts, piece, " ", longest, length)
    return parts


def _joined(parts: list[str], piece: str, glue: str, longest: int, length: Length) -> None:
    """Add a piece to the last part, or begin a new one."""
    if parts and length(parts[-1] + glue + piece) <= longest:
        parts[-1] += glue + piece
    else:
        parts.append(piece)


def _pieces(paragraph: str, longest: int, length: Length) -> list[str]:
    """Whole if it fits, else sentences, else words, else cut anywhere between what the eye sees as one character."""
    if length(paragraph) <= longest:
        return [paragraph]
    sentences = [sentence.text for sentence in _sentences()(paragraph).sents]
    return [piece for sentence in sentences for piece in _cut(sentence.strip(), longest, length) if piece]


def _cut(sentence: str, longest: int, length: Length) -> list[str]:
    if length(sentence) <= longest:
        return [sentence]
    parts: list[str] = []
    for word in sentence.split():
        for number, piece in enumerate(_graphemes(word, longest, length)):
            _joined(parts, piece, "" if number else " ", longest, length)
    return parts


def _graphemes(word: str, longest: int, length: Length) -> list[str]:
    if length(word) <= longest:
        return [word]
    parts, size = [""], 0
    for character in regex.findall(r"\X", word):
        size += length(character)  # counted along, or a long word would be measured again for each of its letters
        if size > longest and parts[-1]:
            parts.append("")
            size = length(character)
        parts[-1] += character
    return parts


@lru_cache(maxsize=1)
def _sentences() -> Any:
    """SpaCy's own rules for the ends of sentences, without a model."""
    english = spacy.blank("en")
    english.add_pipe("sentencizer")
    english.max_length = 10_000_000
    return english
