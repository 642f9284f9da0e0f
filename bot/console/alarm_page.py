"""Alarms that go on, and acknowledging them."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.visits import Page, Refused, Visit
from bot.store.accounts import Accounts
from bot.store.alarms import Alarms
from bot.store.messages import now


def listed(visit: Visit) -> Response:
    """Those that go on."""
    names = {who.id: who.name for who in Accounts(visit.parts.database).all()}
    return visit.page("alarms.html", alarms=Alarms(visit.parts.database).open(), names=names)


def acknowledged(visit: Visit) -> Response:
    """Take one on: it is not sent any more."""
    if not visit.part.isdigit() or len(visit.part) > 17:
        raise Refused(404, "There is no such alarm.")
    Alarms(visit.noting("alarm.acknowledge", visit.part)).acknowledge(int(visit.part), visit.who.id, now())
    return visit.done("/alarms")


PAGES = (
    Page("GET", "/alarms", "alarms", listed),
    Page("POST", "/alarms/{id}/acknowledge", "alarms.acknowledge", acknowledged),
)
