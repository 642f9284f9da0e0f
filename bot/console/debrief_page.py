"""How a case was for the supporter: they write it, supervisors read it."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.visits import Page, Refused, Visit
from bot.store.debriefs import Debriefs, Said
from bot.store.reviews import Reviews

HOW = {1: "very hard", 2: "hard", 3: "so-so", 4: "all right", 5: "fine"}


def form(visit: Visit) -> Response:
    """Ask how it was; after a case, or at any other time."""
    return visit.page("debrief.html", how=HOW, case=visit.request.query_params.get("case", "")[:18])


def submitted(visit: Visit) -> Response:
    """Keep it."""
    how, case = visit.given("how", 1), visit.form.get("case", "")
    if not how.isdigit() or int(how) not in HOW:
        raise Refused(422, "How was it? Choose one of the five.")
    case_id = Reviews(visit.parts.database).case(int(case)).id if case.isascii() and case.isdigit() and len(case) < 18 else None
    said = Said(int(how), visit.form.get("needs_break") == "yes", visit.form.get("wants_to_talk") == "yes", visit.form.get("text", "").strip()[:4000])
    Debriefs(visit.noting("debrief.add")).keep(visit.who.id, said, case_id)
    return visit.page("debriefed.html")


def listed(visit: Visit) -> Response:
    """All of them; that they were read is noted."""
    return visit.page("debriefs.html", debriefs=Debriefs(visit.noting("debriefs.read")).all(), how=HOW)


def seen(visit: Visit) -> Response:
    """A supervisor has read it and looks after it."""
    if not visit.part.isdigit() or len(visit.part) > 17:
        raise Refused(404, "There is no such debrief.")
    Debriefs(visit.noting("debrief.seen", visit.part)).seen(int(visit.part), visit.who.id)
    return visit.done("/debriefs")


PAGES = (
    Page("GET", "/debrief", "debrief", form),
    Page("POST", "/debrief", "debrief.submit", submitted),
    Page("GET", "/debriefs", "debriefs", listed),
    Page("POST", "/debriefs/{id}/seen", "debriefs.seen", seen),
)
