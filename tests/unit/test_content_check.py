"""`reframe content check`: the shipped catalogue passes, and each deliberately broken one is told apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.reframing.catalogue import IDEAS
from bot.reframing.checking import CARE, REFRAMED, check, coverage
from bot.reframing.loading import CONTENT, load

BROKEN = Path(__file__).parent.parent / "broken_catalogues"
CASES = sorted(p.name for p in BROKEN.iterdir() if p.is_dir())


def test_the_shipped_catalogue_has_no_problem() -> None:
    """Everything the bot says keeps the rules of schema and voice."""
    assert [str(p) for p in check(CONTENT)] == []


@pytest.mark.parametrize("case", CASES)
def test_a_broken_catalogue_is_reported_with_file_and_line(case: str) -> None:
    """The problem that was planted is among those reported, with the file and a line of it."""
    expected = (BROKEN / case / "expected").read_text(encoding="utf-8").strip()
    said = [str(p) for p in check(BROKEN / case)]
    matching = [s for s in said if expected in s]
    assert matching, said
    name = next(p.name for p in (BROKEN / case).rglob("*.yml"))
    assert re.match(rf"{re.escape(name)}:\d+: ", matching[0])


def test_every_problem_is_reported_at_once() -> None:
    """Two faults in one file are two reports."""
    said = [str(p) for p in check(BROKEN / "too_few_questions")]
    assert len(said) > 1


@pytest.mark.parametrize("case", CASES)
def test_an_unbroken_part_is_not_blamed(case: str) -> None:
    """A broken file has at most four faults in itself; the rest of the report is about what is missing."""
    said = [p for p in check(BROKEN / case) if p.file.endswith(".yml") and "missing" not in p.what]
    assert 1 <= len(said) <= 4


def test_every_idea_of_the_documents_is_carried_by_some_line() -> None:
    """None of A1 to A8 and B1 to B14 is without a reply."""
    counts = coverage(load())
    assert set(counts) == IDEAS
    assert min(counts.values()) > 0


@pytest.mark.parametrize("belief", [*REFRAMED, *CARE])
def test_every_belief_has_the_promised_number_of_lines(belief: str) -> None:
    """At least 5 acknowledgements, 5 reframes (or pieces of information), 6 questions, 4 angles, 3 closings."""
    b = load().beliefs[belief]
    assert (len(b.acknowledgements) >= 5, len(b.core) >= 5, len(b.questions) + len(b.first) >= 6, len(b.angles) >= 4, len(b.closings) >= 3) == (True,) * 5


@pytest.mark.parametrize("belief", REFRAMED)
def test_every_opening_is_under_ninety_words_with_one_question(belief: str) -> None:
    """The longest acknowledgement, reframe, note and question together are one turn."""
    b = load().beliefs[belief]
    longest = [max((line.text for line in lines), key=lambda t: len(t.split())) for lines in (b.acknowledgements, b.core, (*b.first, *b.questions))]
    assert sum(len(t.split()) for t in longest) <= 90


def test_nothing_in_care_for_harm_is_called_a_lesson_or_growth() -> None:
    """A report of harm is never turned into something to learn from."""
    b = load().beliefs["therapist_harm"]
    said = " ".join(line.text for name in ("acknowledgements", "information", "angles", "more", "deepen", "closings") for line in getattr(b, name)).lower()
    assert not re.search(r"\b(lesson|grow|growth|stronger|learn from|gift|teach(es)? you)\b", said)
