"""Capacity is computed from what was measured, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.bench.capacity import NEEDED, Assumed, Measured, carried, measured, needed
from bot.bench.capacity_page import page
from bot.bench.scenarios import SCENARIOS

ONE = Measured(rate=50, worker_mb=1000, stream_kb=50, stream_cores=0.5, turn_kb=4, ready_s=10)
ASSUMED = Assumed(turns=10, minutes=10, peak=4, used=0.5, days=30, spare=1, commands=5)
A_SECOND = 86_400 / 4
"""Conversations a day of which one begins each second, at the peak."""


def found(**values: float) -> dict[str, Any]:
    """Results as a run writes them, each figure beside another."""
    scenarios: dict[str, Any] = {}
    for name, value in values.items():
        scenario, figure = NEEDED[name]
        scenarios[scenario] = scenarios.get(scenario, {"at": "2026-03-02T10:00+00:00", "load": 0.1, "figures": [{"name": "another", "product": -1}]})
        scenarios[scenario]["figures"].append({"name": f"{figure} so and so", "product": value})
    return {"machine": {"cores": "2"}, "scenarios": scenarios}


def test_the_measures_are_taken_from_the_results() -> None:
    """Each from the scenario in which it is measured."""
    assert measured(found(**vars(ONE))) == ONE
    assert measured(found()) == Measured()
    assert {scenario for scenario, _ in NEEDED.values()} <= set(SCENARIOS)


def test_one_conversation_a_second_needs_what_the_formulas_say() -> None:
    """10 turns a second of 50, 600 streams of half a thousandth of a core: half a worker; planned with half of it, one and a spare one."""
    need = needed(A_SECOND, ONE, ASSUMED)
    assert need
    assert (need.turns, need.streams, need.load) == pytest.approx((10, 600, 0.2 + 0.3))
    assert need.workers == 1 + 1
    assert need.memory_gb == pytest.approx(2 * 1.0 + 600 * 50e-6)
    assert need.kept_gb == pytest.approx(A_SECOND * 10 * 30 * 4e3 / 1e9)
    assert need.redis == 50


@pytest.mark.parametrize(
    ("change", "workers"),
    [({"peak": 40.0}, 10 + 1), ({"used": 0.25}, 2 + 1), ({"spare": 0}, 1), ({"turns": 35.0}, 2 + 1), ({"minutes": 30.0}, 3 + 1)],
    ids=str,
)
def test_other_assumptions_give_other_needs(change: dict[str, Any], workers: int) -> None:
    """Each of them counts."""
    need = needed(A_SECOND, ONE, replace(ASSUMED, **change))
    assert need
    assert need.workers == workers


def test_what_one_carries_fills_one_worker_to_the_share_that_is_planned_with() -> None:
    """And a little more needs another."""
    can = carried(ONE, ASSUMED)
    assert can == pytest.approx(A_SECOND)
    more = needed(can * 1.01, ONE, ASSUMED)
    assert more
    assert more.workers == 2 + 1


@pytest.mark.parametrize("name", ["rate", "worker_mb", "stream_kb", "stream_cores", "turn_kb"])
def test_without_a_measure_nothing_is_computed_and_it_is_named(name: str) -> None:
    """With the command that measures it."""
    values = {key: value for key, value in vars(ONE).items() if key != name}
    said = page(found(**values), ASSUMED)
    assert needed(A_SECOND, replace(ONE, **{name: None}), ASSUMED) is None
    assert f"--only {NEEDED[name][0]}" in said
    assert "| **workers** | not measured | not measured |" in said


def test_the_page_holds_the_figures_and_says_when_a_machine_was_busy() -> None:
    """Nothing is missing in it."""
    results = found(**vars(ONE))
    results["scenarios"]["crowd"]["load"] = 3.0
    said = page(results, ASSUMED)
    assert "not measured" not in said.lower()
    assert "**21,600 conversations a day**" in said
    assert "was not quiet (load 3)" in said
    assert "| **workers** | 2 | 48 |" in said
