"""Personal data in a text replaced by placeholders. For exports, corrections and views; never before screening, which has to read what was written."""

from __future__ import annotations

import re
from typing import NamedTuple, Sequence

from bot.privacy.keeping import is_service_number, kept_spans

KINDS = ("EMAIL", "LINK", "HANDLE", "PHONE", "BIRTHDATE", "ADDRESS", "POSTCODE", "SCHOOL", "CLINIC", "THERAPIST", "NAME")
"""What is looked for. Where two overlap the whole is taken, under the kind that comes first here."""
PLACEHOLDER = re.compile(rf"<(?:{'|'.join(KINDS)})>")
TOGETHER = {("NAME", "NAME"), ("THERAPIST", "THERAPIST"), ("THERAPIST", "NAME"), ("NAME", "THERAPIST")}
"""Kinds that are one span when only a space, a stop or a hyphen parts them."""


class Span(NamedTuple):
    """A stretch of the original text: from `start` up to, not including, `end`. `score` runs from 0 to 1 and only ranks."""

    start: int
    end: int
    kind: str
    score: float


class Redacted(NamedTuple):
    """A text with placeholders such as `<NAME>`, and where in the original each was."""

    text: str
    spans: tuple[Span, ...]


def redact(text: str) -> Redacted:
    """Replace what may be personal. Placeholders that are there already stay as they are."""
    spans = find(text)
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"<{span.kind}>"]
        at = span.end
    return Redacted("".join([*parts, text[at:]]), tuple(spans))


def find(text: str) -> list[Span]:
    """What may be personal, in its order, without overlaps."""
    from bot.privacy.engine import engine

    whole = text.encode("utf-8", "replace").decode("utf-8")  # half of a surrogate pair becomes one question mark, so that places stay the same
    found = [Span(r.start, r.end, r.entity_type, r.score) for r in engine().analyze(whole, language="en")]
    kept = [*kept_spans(text), *(match.span() for match in PLACEHOLDER.finditer(text))]
    trimmed = [_trimmed(text, span) for span in found]
    return _joined(text, [span for span in trimmed if not _is_kept(text, span, kept)])


def _trimmed(text: str, span: Span) -> Span:
    inner = text[span.start : span.end]
    end = span.end - (len(inner) - len(inner.rstrip(" ,.;:!?)\"'”’\n" if span.kind != "PHONE" else " ,.;:-\n")))
    return span._replace(start=span.start + len(inner) - len(inner.lstrip()), end=end)


def _is_kept(text: str, span: Span, kept: Sequence[tuple[int, int]]) -> bool:
    if span.end <= span.start or (span.kind == "PHONE" and is_service_number(text[span.start : span.end])):
        return True
    return any(start <= span.start and span.end <= end for start, end in kept)


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """One span for all that overlap, and for the parts of one name."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and (span.start < whole[-1].end or _one_name(text, whole[-1], span)):
            whole[-1] = _union(whole[-1], span)
        else:
            whole.append(span)
    return whole


def _one_name(text: str, one: Span, other: Span) -> bool:
    return (one.kind, other.kind) in TOGETHER and text[one.end : other.start] in (" ", "-", ". ", "'")


def _union(one: Span, other: Span) -> Span:
    kind = min(one.kind, other.kind, key=KINDS.index)
    return Span(min(one.start, other.start), max(one.end, other.end), kind, max(one.score, other.score))
