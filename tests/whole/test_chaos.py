"""A small storm over a real server: actions that fail, a locked database, a kill in mid-load, people who hang up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.bench.chaos.running import SMALL, rage


@pytest.mark.timeout(900)  # about a minute where nothing else runs; three starts of a server where much else does
async def test_nothing_is_lost_or_doubled_and_danger_always_gets_help(tmp_path: Path) -> None:
    """Each message kept once, answered once, in order. That each fault was met is looked at too, or the test would show nothing."""
    report = await rage(SMALL, tmp_path)
    assert report.violations == []
    assert report.counts["kills"] == SMALL.kills
    assert report.counts["locks"] == SMALL.kills + 1
    assert report.counts["messages in danger"] > 0
    assert report.counts["answers that something failed"] > 0
    assert report.counts["answers while the database was away"] > 0
    assert report.counts["messages that had to be sent again"] + report.counts["people who left"] > 0
