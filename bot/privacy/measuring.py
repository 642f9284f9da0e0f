"""How much of the personal data in our own labelled messages is found, and how much is taken that is none. Written into docs/privacy-redaction.md."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

import numpy as np

from bot.errors import ReframeError
from bot.privacy.redaction import KINDS, Span, find

DATA, PAGE = Path("data/privacy"), Path("docs/privacy-redaction.md")
SETS = ("fresh", "held_out", "development")
"""Files of DATA, the most telling first."""
BETWEEN = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end -->)", re.DOTALL)
ROUNDS = 1000
"""Resamplings for an interval."""
HEADER = "| kind | pieces | found whole | recall | named rightly | precision |\n|---|---|---|---|---|---|\n"


class MeasureError(ReframeError):
    """The page or the labelled messages cannot be used."""


class Counts(NamedTuple):
    """Of one kind: labelled pieces, those covered whole; labelled letters, those covered, those under their own kind; letters taken, those labelled."""

    pieces: int = 0
    whole: int = 0
    labelled: int = 0
    covered: int = 0
    named: int = 0
    taken: int = 0
    meant: int = 0


Tally = Mapping[str, Counts]


def counted(labels: Sequence[Mapping[str, Any]], found: Sequence[Span]) -> Tally:
    """What one message adds, by kind. A letter counts as covered under whatever kind it was taken."""
    kind_at = {at: span.kind for span in found for at in range(span.start, span.end)}
    meant_at = {at for label in labels for at in range(label["start"], label["end"])}
    sums: defaultdict[str, Counts] = defaultdict(Counts)
    for label in labels:
        at = range(label["start"], label["end"])
        covered, named = sum(n in kind_at for n in at), sum(kind_at.get(n) == label["kind"] for n in at)
        sums[label["kind"]] = _plus(sums[label["kind"]], Counts(1, int(covered == len(at)), len(at), covered, named))
    for span in found:
        meant = sum(at in meant_at for at in range(span.start, span.end))
        sums[span.kind] = _plus(sums[span.kind], Counts(taken=span.end - span.start, meant=meant))
    return sums


def write(root: Path) -> str:
    """Measure every set, write the figures into the page between its marks, and return them. Raises MeasureError without page, marks or messages."""
    page = root / PAGE
    if not page.exists() or not BETWEEN.search(page.read_text(encoding="utf-8")):
        raise MeasureError(f"{PAGE} has no place for the figures; it needs the lines <!-- figures --> and <!-- end -->.")
    figures = "\n".join(_table(name, read(root / DATA / f"{name}.jsonl")) for name in SETS)
    page.write_text(BETWEEN.sub(lambda _: figures, page.read_text(encoding="utf-8")), encoding="utf-8")
    return figures


def read(path: Path) -> list[dict[str, Any]]:
    """Labelled messages. Raises MeasureError when the file is missing or a line is no such message."""
    try:
        rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if all(0 <= span["start"] < span["end"] <= len(row["text"]) and span["kind"] in KINDS for row in rows for span in row["spans"]):
            return rows
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MeasureError(f"{path.name} cannot be used: {error}") from error
    raise MeasureError(f"{path.name} has a span outside of its text or of a kind that does not exist.")


def speed(root: Path) -> float:
    """Messages a second over the development set, after the engine is loaded."""
    texts = [row["text"] for row in read(root / DATA / "development.jsonl")]
    find("")
    begun = perf_counter()
    for text in texts:
        find(text)
    return len(texts) / (perf_counter() - begun)


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    tallies = [counted(row["spans"], find(row["text"])) for row in rows]
    clean = [not tally for row, tally in zip(rows, tallies) if not row["spans"]]
    lines = [_line(kind, [tally.get(kind, Counts()) for tally in tallies]) for kind in KINDS]
    lines.append(_line("all", [_total(tally.values()) for tally in tallies]))
    title = name.replace("_", " ").capitalize()
    return f"**{title}**: {len(rows)} messages, {len(clean)} of them with nothing to take, of which {sum(clean)} were left alone.\n\n{HEADER}" + "".join(lines)


def _line(kind: str, by_message: Sequence[Counts]) -> str:
    sums = _total(by_message)
    if not sums.pieces:
        return ""
    low, high = _interval([one.covered for one in by_message], [one.labelled for one in by_message])
    precision = f"{sums.meant / sums.taken:.2f}" if sums.taken else "–"
    recall = f"{sums.covered / sums.labelled:.3f} [{low:.2f}, {high:.2f}]"
    return f"| {kind} | {sums.pieces} | {sums.whole} | {recall} | {sums.named / sums.labelled:.2f} | {precision} |\n"


def _interval(parts: Sequence[int], wholes: Sequence[int]) -> tuple[float, float]:
    """The middle 95 % of a share over ROUNDS resamplings of the messages, since letters of one message stand and fall together."""
    draws = np.random.default_rng(0).integers(0, len(parts), (ROUNDS, len(parts)))
    part, whole = np.array(parts)[draws].sum(axis=1), np.array(wholes)[draws].sum(axis=1)
    low, high = np.quantile(part[whole > 0] / whole[whole > 0], [0.025, 0.975])
    return float(low), float(high)


def _total(several: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in several:
        total = _plus(total, one)
    return total


def _plus(one: Counts, other: Counts) -> Counts:
    return Counts(*(a + b for a, b in zip(one, other)))
