"""When a line of the rota falls due."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from bot.pilot.rota import occurrences, planned_now
from bot.store.duty import Planned

MONDAY = date(2026, 3, 2)
ONCE = Planned("anna", MONDAY, "09:00", "13:00")
WEEKLY = Planned("anna", MONDAY, "09:00", "13:00", weekly=True, last_day=date(2026, 3, 16))
NIGHT = Planned("anna", MONDAY, "22:00", "06:00", weekly=True)
DUBLIN = Planned("anna", MONDAY, "09:00", "13:00", weekly=True, zone="Europe/Dublin")


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("planned", "moment", "due"),
    [
        (ONCE, "2026-03-02 08:59:59", False),
        (ONCE, "2026-03-02 09:00", True),
        (ONCE, "2026-03-02 12:59:59", True),
        (ONCE, "2026-03-02 13:00", False),
        (ONCE, "2026-03-09 10:00", False),
        (WEEKLY, "2026-03-09 10:00", True),
        (WEEKLY, "2026-03-16 10:00", True),
        (WEEKLY, "2026-03-23 10:00", False),
        (WEEKLY, "2026-03-10 10:00", False),
        (WEEKLY, "2026-02-23 10:00", False),
        (NIGHT, "2026-03-03 05:59", True),
        (NIGHT, "2026-03-03 06:00", False),
        (NIGHT, "2026-03-02 05:00", False),
        (DUBLIN, "2026-03-09 09:30", True),
        (DUBLIN, "2026-03-30 08:30", True),
        (DUBLIN, "2026-03-30 12:30", False),
    ],
)
def test_a_shift_is_due_from_its_beginning_up_to_its_end(planned: Planned, moment: str, due: bool) -> None:
    """Once or weekly, over midnight, and by the clock on the wall when summer time begins (29 March 2026 in Dublin)."""
    assert bool(planned_now([planned], at(moment))) is due


def test_what_is_coming_is_listed_by_its_beginning() -> None:
    """Of all lines, whole shifts that touch the time."""
    found = occurrences([NIGHT, WEEKLY], at("2026-03-03 00:00"), at("2026-03-10 00:00"))
    assert [(o.begins, o.ends - o.begins) for o in found] == [
        (at("2026-03-02 22:00"), timedelta(hours=8)),
        (at("2026-03-09 09:00"), timedelta(hours=4)),
        (at("2026-03-09 22:00"), timedelta(hours=8)),
    ]
