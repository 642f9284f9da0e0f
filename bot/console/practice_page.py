"""Practice cases: begun by a supervisor, who may write on as the made-up person."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from bot.console.visits import Page, Parts, Visit
from bot.pilot.practice import Practice, practice_on, scenarios


def listed(visit: Visit) -> Response:
    """What can be practised."""
    return visit.page("practice.html", scenarios=scenarios(), conversation="")


def opened(visit: Visit) -> Response:
    """The made-up person's side of one case."""
    return visit.page("practice.html", scenarios=scenarios(), conversation=visit.part)


async def begin(visit: Visit) -> Response:
    """Play a case into the queue."""
    scenario = visit.given("scenario", 64)
    conversation = await practice_of(visit.parts).begin(scenario)
    visit.parts.audit.note(visit.noting("practice.begin", conversation, scenario=scenario).deed)
    return RedirectResponse(f"/practice/{conversation}", 303)


async def say(visit: Visit) -> Response:
    """Write as the made-up person."""
    await practice_of(visit.parts).say(visit.part, visit.given("text"))
    visit.parts.audit.note(visit.noting("practice.say", visit.part).deed)
    return visit.done(f"/practice/{visit.part}")


def practice_of(parts: Parts) -> Practice:
    """The practice of this process."""
    return practice_on(parts.database, parts.terms.country)


PAGES = (
    Page("GET", "/practice", "practice", listed),
    Page("POST", "/practice", "practice.begin", begin),
    Page("GET", "/practice/{id}", "practice.person", opened),
    Page("POST", "/practice/{id}", "practice.say", say),
)
