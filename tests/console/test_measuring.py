"""What Prometheus reads of the console: who waits, for how long, and whether anybody is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.console.live import Snapshot
from bot.console.measuring import attended, queued
from bot.store.accounts import Accounts
from bot.store.database import StoreAway
from bot.store.duty import Duty
from bot.store.messages import PRACTICE, now
from bot.store.needs import NEEDS
from bot.store.queue import Row
from tests.console.conftest import TARGETS, Parts, account
from tests.console.test_order import NOON, row

NONE = dict.fromkeys(NEEDS, 0.0)


def levels(*rows: Row) -> dict[str, dict[str, float]]:
    """The measures by name."""
    return {level.name: dict(level.values) for level in queued(Snapshot(rows, (), NOON), TARGETS, NOON)}


def test_an_empty_queue_shows_every_need_with_nothing() -> None:
    """So that an alert sees 0 and not silence."""
    assert levels() == {"reframe_queue_depth": NONE, "reframe_queue_oldest_seconds": NONE, "reframe_queue_breaches": NONE, "reframe_queue_held": {"": 0}}


def test_who_waits_is_counted_by_need_and_who_is_held_is_not() -> None:
    """A target that is missed shows; what somebody holds misses none."""
    found = levels(row("a", "urgent", 1), row("b", "urgent", 30), row("c", "person", 2), row("d", "immediate", 90, holder="una"))
    assert found["reframe_queue_depth"] == {**NONE, "urgent": 2, "person": 1}
    assert found["reframe_queue_oldest_seconds"] == {**NONE, "urgent": 1800, "person": 120}
    assert found["reframe_queue_breaches"] == {**NONE, "urgent": 1}
    assert found["reframe_queue_held"] == {"": 1}


def test_practice_is_never_counted() -> None:
    """Whatever it needs."""
    assert levels(replace(row("a", "immediate", 90), channel=PRACTICE))["reframe_queue_depth"] == NONE


@pytest.mark.parametrize("snapshot", [Snapshot(), Snapshot((row("a", "urgent", 1),), (), NOON, away=True)], ids=["not looked yet", "away"])
def test_old_figures_do_not_pass_for_new_ones(snapshot: Snapshot) -> None:
    """While the database is away there are none."""
    with pytest.raises(StoreAway):
        queued(snapshot, TARGETS, NOON)


def test_who_is_on_duty_counts_only_while_they_are_there(parts: Parts) -> None:
    """A switch alone does not."""
    una, duty = account(parts, "una"), Duty(parts.database)

    def on_duty() -> float:
        return attended(duty, False, now())[0].values[""]

    duty.begin(una.id)
    assert on_duty() == 0
    Accounts(parts.database).change(una.id, active_at=now())
    assert on_duty() == 1
    Accounts(parts.database).change(una.id, active_at=now() - timedelta(hours=1))
    assert on_duty() == 0
    assert [level.values[""] for level in attended(duty, True, now())] == [0, 1]
