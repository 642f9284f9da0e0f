"""Who is planned and who is on duty, the switch of everybody's own, and the one button that stops all automatic replies."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Optional

from starlette.responses import Response

from bot.console.visits import Page, Refused, Visit
from bot.desk.oversight import Look, static_help
from bot.pilot.rota import occurrences
from bot.safety.state import Crisis
from bot.store.accounts import Accounts
from bot.store.duty import WATCHING, Duty, Planned
from bot.store.messages import now
from bot.store.stopping import Stopping

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
AHEAD = timedelta(days=7)


def listed(visit: Visit) -> Response:
    """The rota, the week ahead, and who is there."""
    duty, at = _duty(visit), now()
    names = {who.id: who.name for who in Accounts(visit.parts.database).all() if who.role in WATCHING and who.active}
    return visit.page(
        "duty.html",
        watchers=duty.watchers(at),
        rota=duty.rota(),
        ahead=occurrences(duty.rota(), at, at + AHEAD),
        names=names,
        zone=visit.parts.terms.pilot.zone,
        grace=int(visit.parts.terms.pilot.grace.total_seconds() // 60),
    )


def switch(visit: Visit) -> Response:
    """Switch oneself on or off."""
    on = visit.form.get("on") == "yes"
    duty = Duty(visit.noting("duty.begin" if on else "duty.end"))
    (duty.begin if on else duty.end)(visit.who.id)
    return visit.done("/duty")


def plan(visit: Visit) -> Response:
    """Put a line on the rota."""
    account, starts, ends = visit.given("account", 32), visit.given("starts", 5), visit.given("ends", 5)
    who = Accounts(visit.parts.database).by_id(account)
    if who is None or who.role not in WATCHING or not (CLOCK.fullmatch(starts) and CLOCK.fullmatch(ends)):
        raise Refused(422, "A supporter, and times such as 09:00, are needed.")
    weekly = visit.form.get("weekly") == "yes"
    last = visit.form.get("last_day", "").strip()
    planned = Planned(account, _day(visit.given("day", 10)), starts, ends, weekly, _day(last) if last and weekly else None, visit.parts.terms.pilot.zone)
    Duty(visit.noting("duty.plan", account, day=planned.day.isoformat(), starts=starts, ends=ends, weekly=weekly)).plan(planned)
    return visit.done("/duty")


def cancel(visit: Visit) -> Response:
    """Take a line off."""
    if not visit.part.isdigit() or len(visit.part) > 17:
        raise Refused(404, "There is no such shift.")
    Duty(visit.noting("duty.cancel", visit.part)).cancel(int(visit.part))
    return visit.done("/duty")


def stop_form(visit: Visit) -> Response:
    """The button, and how it stands."""
    state = Stopping(visit.parts.database).state()
    who = Accounts(visit.parts.database).by_id(state.by) if state else None
    return visit.page("stop.html", state=state, by=who.name if who else "", words=_words(visit.parts.terms.country))


def stop(visit: Visit) -> Response:
    """Stop all automatic replies, in every process."""
    why = visit.given("why", 400)
    Stopping(visit.noting("replies.stop", why=why)).stop(visit.who.id, why, _words)
    return visit.done("/stop")


def resume(visit: Visit) -> Response:
    """Give them again."""
    Stopping(visit.noting("replies.resume", why=visit.given("why", 400))).resume()
    return visit.done("/stop")


def _words(country: Optional[str]) -> str:
    return static_help(Crisis(country=country), Look(stopped=True), datetime.now(timezone.utc)).text


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refused(422, "A day is needed, such as 2026-03-02.") from None


def _duty(visit: Visit) -> Duty:
    return Duty(visit.parts.database, visit.parts.terms.pilot.grace)


PAGES = (
    Page("GET", "/duty", "duty", listed),
    Page("POST", "/duty/switch", "duty.switch", switch),
    Page("POST", "/duty/shifts", "duty.plan", plan),
    Page("POST", "/duty/shifts/{id}/cancel", "duty.cancel", cancel),
    Page("GET", "/stop", "stop", stop_form),
    Page("POST", "/stop", "stop.stop", stop),
    Page("POST", "/stop/resume", "stop.resume", resume),
)
