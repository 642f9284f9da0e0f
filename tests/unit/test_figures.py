"""What may be shown of the counts."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import product
from xml.etree.ElementTree import fromstring

import pytest

from bot.pilot.charts import bars
from bot.pilot.figures import FEWER, LEFT_OUT, UNKNOWN, percentile, periods, referrals, rounded, shown
from bot.store.figures import Counted

AT = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)


def counted(n: int, waits: int = 0, known: bool = True) -> Counted:
    """A period in which everything was counted so often."""
    weights = [(8.0, 6.0)] * n if known else None
    return Counted(n, {"urgent": n, "check_in": n}, {"danger": [60.0] * waits, "other": []}, n, n, {"resistant": n} if known else None, weights)


class Fixed:
    """Counts that are what they are said to be."""

    def __init__(self, *given: Counted) -> None:
        self.given = list(given)

    def counted(self, since: object, until: object, beliefs: object) -> Counted:
        """The next period."""
        return self.given.pop(0)


@pytest.mark.parametrize(("count", "words"), [(0, FEWER), (1, FEWER), (4, FEWER), (5, "5"), (9, "5"), (10, "10"), (123, "120")])
def test_small_counts_are_not_shown_and_others_are_rounded_down(count: int, words: str) -> None:
    """Nought is small too."""
    assert rounded(count) == words


def test_subtracting_one_column_from_another_tells_no_small_count() -> None:
    """Whatever the counts: two pairs whose differences are small and not the same always look alike somewhere, so none can be told from the other."""
    looks: dict[tuple[str, str], set[int]] = {}
    for day, rest in product(range(40), range(40)):
        looks.setdefault((rounded(day), rounded(day + rest)), set()).add(rest)
    small = [rests for rests in looks.values() if min(rests) < 5]
    assert min(len(rests) for rests in small) >= 5


def test_a_period_with_little_shows_next_to_nothing() -> None:
    """Neither a mean of few nor a time."""
    rows = shown(Fixed(counted(0), counted(4, waits=4), counted(7, waits=7)), AT, "UTC", {"resistant": "being resistant"})  # type: ignore[arg-type]
    words = {(row.group, row.name): row.words for row in rows}
    assert words["Conversations", "with present danger"] == (FEWER, FEWER, "5")
    assert words["Weight, from 0 (light) to 10", "mean before"] == (LEFT_OUT, LEFT_OUT, "8.0")
    assert words["Waiting", "danger: half were taken on within"] == (LEFT_OUT, LEFT_OUT, "1 min")
    assert words["Waiting", "danger: 95 % were taken on within"] == (LEFT_OUT,) * 3
    assert words["Beliefs met, in conversations", "being resistant"] == (FEWER, FEWER, "5")


def test_what_the_store_does_not_know_is_said_so() -> None:
    """And not shown as nothing."""
    rows = shown(Fixed(*[counted(50, known=False)] * 3), AT, "UTC", {"resistant": "being resistant"})  # type: ignore[arg-type]
    assert {row.words for row in rows if row.group.startswith(("Weight", "Beliefs"))} == {(UNKNOWN,) * 3}


def test_the_day_begins_at_midnight_where_the_pilot_is() -> None:
    """A week on Monday, a month on the first."""
    day, week, month = (since.isoformat() for since, _ in periods(AT, "Asia/Kolkata"))
    assert (day, week, month) == ("2026-03-04T00:00:00+05:30", "2026-03-02T00:00:00+05:30", "2026-03-01T00:00:00+05:30")


def test_a_year_that_is_over_is_counted_exactly() -> None:
    """As the law asks; the present one is rounded, and a small one not shown."""
    assert referrals({2024: 3, 2025: 107, 2026: 107}, 2026) == [(2024, FEWER), (2025, "107"), (2026, "105")]


@pytest.mark.parametrize(("values", "share", "found"), [([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.95, 95), ([7], 0.95, 7)])
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, found: float) -> None:
    """The smallest that so many do not exceed."""
    assert percentile(values, share) == found


def test_the_chart_says_what_the_table_says_and_escapes_it() -> None:
    """A bar a period, and no mark-up from words."""
    rows = shown(Fixed(*[counted(12)] * 3), AT, "UTC", {"resistant": "<b>resistant</b>"})  # type: ignore[arg-type]
    picture = bars([row for row in rows if row.group.startswith("Beliefs")], "Beliefs & more")
    svg = fromstring(picture)  # noqa: S314  # our own
    assert len(svg.findall("{http://www.w3.org/2000/svg}rect")) == 3
    assert [t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")] == ["<b>resistant</b>", "10", "10", "10"]
    assert "<b>" not in picture
