"""What a person may want of what is kept of them, where they cannot do it themselves: a copy of it, and its erasure, which takes two supervisors."""

from __future__ import annotations

from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.console.reading import may_read
from bot.console.visits import Elsewhere, Page, Refused, Visit
from bot.desk.own_page import PRIVATE, page
from bot.store.erasure_requests import ErasureRequests
from bot.store.own_data import own_data

ERASURES = "/erasures"


def listed(visit: Visit) -> Response:
    """What is asked for and waits for a second supervisor."""
    return visit.page("erasures.html", asked=ErasureRequests(visit.parts.database).waiting())


def ask(visit: Visit) -> Response:
    """Ask for a conversation to be erased, with the reason."""
    conversation, why = visit.given("conversation", 64), visit.given("reason", 300)
    ErasureRequests(visit.noting("erasure.ask", conversation, why)).ask(conversation, visit.who.id)
    return visit.done(ERASURES)


def agree(visit: Visit) -> Response:
    """Agree to what another supervisor asked for; then it is gone."""
    ErasureRequests(visit.noting("erasure.agree", visit.part)).agree(visit.part, visit.who.id)
    return visit.done(ERASURES)


def take_back(visit: Visit) -> Response:
    """It is not to be erased after all."""
    ErasureRequests(visit.noting("erasure.take_back", visit.part)).take_back(visit.part)
    return visit.done(ERASURES)


def data(visit: Visit) -> Response:
    """Everything that is kept of a person, to be handed to that person; for a reason, as with every reading."""
    if not may_read(visit):
        raise Elsewhere(f"/conversations/{visit.part}")
    kept = own_data(visit.parts.database, visit.part)
    if kept is None:
        raise Refused(404, "This conversation is gone; the person may have deleted it.")
    visit.parts.audit.note(visit.noting("conversation.data", visit.part).deed)
    if visit.request.query_params.get("format") == "html":
        return HTMLResponse(page(kept), headers={**PRIVATE, "Content-Disposition": 'attachment; filename="data.html"'})
    return JSONResponse(kept, headers={**PRIVATE, "Content-Disposition": 'attachment; filename="data.json"'})


PAGES = (
    Page("GET", ERASURES, "erasures", listed),
    Page("POST", ERASURES, "erasures.ask", ask),
    Page("POST", "/erasures/{id}/agree", "erasures.agree", agree),
    Page("POST", "/erasures/{id}/take-back", "erasures.take_back", take_back),
    Page("GET", "/conversations/{id}/data", "conversation.data", data),
)
