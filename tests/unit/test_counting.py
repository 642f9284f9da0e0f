"""How often something happened, counted in this process."""

from __future__ import annotations

import threading

import pytest
from limits import parse

from bot.counting import SWEEP_SECONDS, Counts


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def time(self) -> float:
        """Of day."""
        return self.now

    def monotonic(self) -> float:
        """Since the start."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set in place of the real one."""
    clock = Clock()
    monkeypatch.setattr("bot.counting.time", clock)
    return clock


def test_as_many_as_the_rate_says_are_let_through_in_any_window(clock: Clock) -> None:
    """And everybody is counted apart."""
    counts, rate = Counts(), parse("3/minute")
    for seconds, within in ((0, True), (20, True), (20, True), (10, False), (9, False), (2, True), (1, False)):
        clock.now += seconds
        assert counts.hit(rate, "somebody") is within
    assert counts.hit(rate, "somebody else")


def test_the_wait_that_is_named_is_the_one_after_which_there_is_room(clock: Clock) -> None:
    """Not a second less, not one more."""
    counts, rate = Counts(), parse("2/minute")
    counts.hit(rate, "x")
    clock.now += 15
    counts.hit(rate, "x")
    wait = counts.seconds_left(rate, "x")
    assert wait == 45
    clock.now += wait - 1
    assert not counts.hit(rate, "x")
    clock.now += 1
    assert counts.hit(rate, "x")


def test_of_whoever_is_not_counted_any_more_nothing_is_held(clock: Clock) -> None:
    """Or memory would grow with everybody who ever wrote."""
    counts = Counts()
    for n in range(100):
        counts.hit(parse("5/minute"), str(n))
    counts.hit(parse("5/hour"), "slow")
    clock.now += SWEEP_SECONDS + 1
    counts.hit(parse("5/minute"), "new")
    assert len(counts._here._hits) == 2  # "slow" and "new"


def test_counting_starts_no_threads(clock: Clock) -> None:
    """Each hit did, and walked through those of everybody."""
    counts, before = Counts(), threading.active_count()
    for _ in range(50):
        counts.hit(parse("10/minute"), "somebody")
    assert threading.active_count() == before
