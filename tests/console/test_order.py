"""The order of the queue, by tables."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.order import AGEING, breaches, held, place, waited, waiting
from bot.console.terms import BadTargets, targets_of
from bot.store.needs import NEEDS, gravest
from bot.store.queue import Row
from tests.console.conftest import TARGETS

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def row(name: str, need: Any, minutes: float, holder: str | None = None) -> Row:
    """A conversation that has waited for so many minutes."""
    since = NOON - minutes * MINUTE
    return Row(name, "web", None, "automatic", need, since, None, "", holder, holder, since if holder else None, "", "", None, 0, None, None)


def order(*rows: Row) -> list[str]:
    """The names in order."""
    return [r.conversation_id for r in waiting(list(rows), TARGETS, NOON)]


@pytest.mark.parametrize(
    ("need", "minutes", "expected"),
    [
        ("immediate", 0, 0),
        ("immediate", 10_000, 0),
        ("urgent", 0, 1),
        ("urgent", 10_000, 1),
        ("check_in", 0, 2),
        ("check_in", 119.9, 2),
        ("check_in", 120, 1),
        ("check_in", 100_000, 1),
        ("person", 79.9, 3),
        ("person", 80, 2),
        ("person", 160, 1),
        ("unsure", 239.9, 4),
        ("unsure", 240, 3),
        ("unsure", 720, 1),
        ("error", 0, 5),
        ("error", 240, 4),
        ("error", 960, 1),
        ("error", 100_000, 1),
    ],
)
def test_waiting_lifts_but_never_over_danger_now(need: Any, minutes: float, expected: int) -> None:
    """The formula as it is written down."""
    assert place(need, minutes * MINUTE, TARGETS[need]) == expected


def test_the_order_is_that_of_the_needs() -> None:
    """Fresh ones, whatever order they come in."""
    rows = [row(need, need, 1) for need in NEEDS]
    assert order(*reversed(rows)) == list(NEEDS)


def test_within_a_place_the_longest_wait_comes_first() -> None:
    """Also for those who rose to it."""
    assert order(row("new", "urgent", 1), row("old", "urgent", 5)) == ["old", "new"]
    assert order(row("new", "urgent", 1), row("risen", "check_in", 130)) == ["risen", "new"]
    assert order(row("new", "urgent", 1), row("patient", "check_in", 110)) == ["new", "patient"]


def test_danger_now_is_never_overtaken() -> None:
    """By nothing that waits, however long."""
    assert order(row("forgotten", "error", 100_000), row("now", "immediate", 0))[0] == "now"


def test_what_somebody_holds_does_not_wait() -> None:
    """It stands apart, first taken first, and is no breach."""
    rows = [row("mine", "urgent", 90, "ada"), row("theirs", "check_in", 100, "bea"), row("free", "error", 1)]
    assert order(*rows) == ["free"]
    assert [r.conversation_id for r in held(rows)] == ["theirs", "mine"]
    assert breaches(rows, TARGETS, NOON) == []


@pytest.mark.parametrize(("need", "minutes", "breached"), [("immediate", 1, False), ("immediate", 1.1, True), ("urgent", 2.1, True), ("check_in", 14, False)])
def test_a_breach_is_a_wait_beyond_the_target(need: Any, minutes: float, breached: bool) -> None:
    """At the target itself it is none yet."""
    assert bool(breaches([row("one", need, minutes)], TARGETS, NOON)) is breached


def test_a_conversation_that_needs_nobody_comes_last_and_is_no_breach() -> None:
    """Such as one that was taken over and left."""
    rows = [row("none", None, 1000), row("error", "error", 0)]
    assert order(*rows) == ["error", "none"]
    assert breaches([rows[0]], TARGETS, NOON) == []


@given(st.sampled_from(NEEDS[2:]), st.integers(1, 50), st.lists(st.integers(0, 60), max_size=20))
def test_nothing_starves(need: Any, extra: int, fresh: list[int]) -> None:
    """After a bounded wait only danger now, and what has waited longer, is before it, whatever keeps coming."""
    bound = AGEING * TARGETS[need] * (NEEDS.index(need) - 1)
    old = row("old", need, bound / MINUTE + extra + 60)
    newer = [row(str(n), "urgent", minutes) for n, minutes in enumerate(fresh)]
    assert order(old, *newer)[0] == "old"


def test_a_clock_that_runs_behind_gives_no_negative_wait() -> None:
    """Two machines differ by a little."""
    assert waited(row("ahead", "urgent", -3), NOON) == timedelta()


GOOD = "immediate=1,urgent=2,check_in=15,person=10,unsure=30,error=30"


@pytest.mark.parametrize("given_targets", ["", "urgent=2", GOOD.replace("30", "x"), GOOD.replace("=1,", "=0,"), f"{GOOD},other=1"])
def test_targets_that_cannot_be_read_are_refused(given_targets: str) -> None:
    """Each need has one, more than nothing, and nothing else has."""
    with pytest.raises(BadTargets):
        targets_of(given_targets)


@pytest.mark.parametrize(
    ("needs", "expected"),
    [((), None), ((None, None), None), (("error", "urgent"), "urgent"), ((None, "unsure"), "unsure")],
)
def test_the_gravest_of_several_counts(needs: Any, expected: Any) -> None:
    """And none where there is none."""
    assert gravest(*needs) == expected
