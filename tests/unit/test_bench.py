"""The benchmark's own arithmetic, and that its judge of faults sees each of them."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from bot.bench.chaos.judging import violations
from bot.bench.chaos.writers import DANGER, Sent, Writer
from bot.bench.outcome import Bound, Figure
from bot.bench.page import markdown
from bot.bench.spread import spread

Row = dict[str, Any]


def test_a_spread_is_in_milliseconds_and_of_nothing_there_is_none() -> None:
    """Percentiles lie between the values."""
    found = spread([n / 1000 for n in range(1, 102)])
    assert (found.n, found.p50, found.p95, found.p99, found.most) == pytest.approx((101, 51, 96, 100, 101))
    with pytest.raises(ValueError, match="Nothing was measured"):
        spread([])


@pytest.mark.parametrize(
    ("figure", "ratio", "reached"),
    [
        (Figure("p50", "ms", 20, 100, wanted=Bound(times=5)), 5, True),
        (Figure("p50", "ms", 21, 100, wanted=Bound(times=5)), 100 / 21, False),
        (Figure("rate", "1/s", 50, 10, "more", Bound(times=5)), 5, True),
        (Figure("rate", "1/s", 40, 10, "more", Bound(times=5)), 4, False),
        (Figure("p50", "ms", 20, wanted=Bound(times=5)), None, None),
        (Figure("p95", "ms", 300, wanted=Bound(most=300)), None, True),
        (Figure("p95", "ms", 301, wanted=Bound(most=300)), None, False),
        (Figure("rate", "1/s", 149, better="more", wanted=Bound(least=150)), None, False),
        (Figure("lost", "", 0, 0, wanted=Bound(most=0)), None, True),
        (Figure("rest", "ms", 1, 2), 2, None),
    ],
)
def test_a_ratio_says_how_many_times_better_and_a_bound_whether_it_is_reached(figure: Figure, ratio: Optional[float], reached: Optional[bool]) -> None:
    """Without a reference nothing is claimed about it."""
    assert figure.ratio == pytest.approx(ratio)
    assert figure.reached is reached


def test_the_page_says_that_a_machine_was_busy_and_that_a_quick_run_means_nothing() -> None:
    """And a bound that was missed stands out."""
    figure = Figure("turn", "ms", 400, wanted=Bound(most=300))
    scenario = {"title": "A turn", "meaning": "It.", "size": {"turns": 5}, "at": "2026-01-01T10:00+00:00", "load": 3.0, "spreads": {}, "remarks": []}
    plain = {**scenario, "figures": [{**vars(figure), "wanted": figure.wanted._asdict(), "ratio": figure.ratio, "reached": figure.reached}]}
    page = markdown({"extent": "quick", "machine": {"cores": "2"}, "scenarios": {"turn": plain}}, "quick.png")
    assert "| turn |  | 400 ms |  | ≤ 300 ms | **no** |" in page
    assert "mean nothing" in page
    assert "was not quiet" in page


def conversation() -> Writer:
    """Two messages, the second in danger, both as they are to be."""
    rows = [row(1, "notice"), row(2, "hm", of="m0"), row(3, "go on", answers=2), row(4, DANGER, of="m1"), row(5, "help", answers=4, care=True)]
    sent = [Sent("m0", "hm", [row(3, "go on")], 1), Sent("m1", DANGER, [row(5, "help", care=True)], 1)]
    return Writer(["hm", DANGER], sent=sent, kept=rows)


def row(number: int, text: str, of: Optional[str] = None, answers: Optional[int] = None, care: bool = False) -> Row:
    """A message as the interface shows it."""
    return {"number": number, "text": text, "client_id": of, "answers": answers, "care": care, "from": "person" if of else "bot"}


def test_a_conversation_as_it_is_to_be_is_in_order() -> None:
    """Also when an answer came past the database, in two parts, or whoever wrote has left."""
    assert violations(conversation()) == []
    two_parts = conversation()
    two_parts.kept.append(row(6, "and numbers", answers=4, care=True))
    two_parts.sent[0].shown = [row(0, "I can't reach a part of this")]
    assert violations(two_parts) == []
    left = conversation()
    left.stays, left.sent[1].shown = False, []
    assert violations(left) == []


def lost(writer: Writer) -> None:
    """A message and its answer."""
    del writer.kept[1:3]


def kept_twice(writer: Writer) -> None:
    """Under one name."""
    writer.kept += [row(6, "hm", of="m0"), row(7, "go on", answers=6)]


def unanswered(writer: Writer) -> None:
    """It stands alone."""
    del writer.kept[2]


def answered_twice(writer: Writer) -> None:
    """By the answer, and again after a stop."""
    writer.kept.append(row(6, "interrupted", answers=2))


def the_same_answer_twice(writer: Writer) -> None:
    """Word for word."""
    writer.kept.append(row(6, "help", answers=4, care=True))


def danger_without_help(writer: Writer) -> None:
    """An ordinary answer was kept."""
    writer.kept[4]["care"] = False


def danger_shown_without_help(writer: Writer) -> None:
    """Past the database, without help."""
    writer.sent[1].shown = [row(0, "not reachable")]


def swapped(writer: Writer) -> None:
    """The second was kept first."""
    writer.sent.reverse()


def nothing_shown(writer: Writer) -> None:
    """Although they waited."""
    writer.sent[0].shown = []


def answers_swapped(writer: Writer) -> None:
    """The second message was answered before the first."""
    writer.kept = [row(1, "hm", of="m0"), row(2, DANGER, of="m1"), row(3, "help", answers=2, care=True), row(4, "go on", answers=1)]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lost, "m0: kept 0 times"),
        (kept_twice, "m0: kept 2 times"),
        (unanswered, "m0: no answer is kept"),
        (answered_twice, "m0: answered more than once"),
        (the_same_answer_twice, "m1: answered more than once"),
        (danger_without_help, "m1: danger, and the answer that is kept"),
        (danger_shown_without_help, "m1: danger, and the answer that was shown"),
        (swapped, "messages are out of order"),
        (nothing_shown, "1 of 2 messages were answered at once"),
        (answers_swapped, "answers are out of order"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_each_thing_that_must_not_happen_is_seen(spoil: Callable[[Writer], None], said: str) -> None:
    """The judge would be worth nothing otherwise."""
    writer = conversation()
    spoil(writer)
    assert any(violation.startswith(said) for violation in violations(writer)), violations(writer)
