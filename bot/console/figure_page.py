"""Figures without anything of a person: as pictures with their tables, and as CSV."""

from __future__ import annotations

import csv
import io
from itertools import groupby

from markupsafe import Markup
from starlette.responses import Response

from bot.console.visits import Page, Visit
from bot.pilot.charts import bars
from bot.pilot.figures import PERIODS, Shown, referrals, shown
from bot.reframing.loading import load
from bot.store.figures import Figures
from bot.store.messages import now


def page(visit: Visit) -> Response:
    """Today, this week, this month."""
    groups = {name: list(rows) for name, rows in groupby(_shown(visit), lambda row: row.group)}
    pictures = {name: Markup(bars(rows, name)) for name, rows in groups.items()}  # noqa: S704  # made by us, with every word escaped
    return visit.page("figures.html", groups=groups, pictures=pictures, periods=PERIODS, years=_years(visit))


def as_csv(visit: Visit) -> Response:
    """The same rows, for a report."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("group", "figure", *PERIODS))
    table.writerows((row.group, row.name, *row.words) for row in _shown(visit))
    table.writerows(("Answers that named a crisis service", year, words, "", "") for year, words in _years(visit))
    visit.parts.audit.note(visit.noting("figures.export").deed)
    return Response(out.getvalue(), media_type="text/csv", headers={"Content-Disposition": "attachment; filename=figures.csv"})


def _shown(visit: Visit) -> list[Shown]:
    beliefs = {belief.id: belief.topic for belief in load().beliefs.values()}
    return shown(Figures(visit.parts.database), now(), visit.parts.terms.pilot.zone, beliefs)


def _years(visit: Visit) -> list[tuple[int, str]]:
    return referrals(Figures(visit.parts.database).referrals(), now().year)


PAGES = (
    Page("GET", "/figures", "figures", page),
    Page("GET", "/figures.csv", "figures.csv", as_csv),
)
