"""Every route for every role: allowed as the table says, refused everywhere else, and the refusal is noted."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from starlette.routing import Route

from bot.console.app import PAGES, console
from bot.console.permissions import ANYBODY, MAY, STAGES
from bot.console.visits import Page, Parts, route
from bot.store.accounts import ROLES
from bot.store.audit import Audit
from tests.console.conftest import Browser, account

GUARDED = [page for page in PAGES if MAY[page.name] is not ANYBODY]
TRANSCRIPTS = ("queue", "conversation", "draft")


def visited(browser: Browser, page: Page, conversation: str) -> Any:
    """The answer to a request to a route."""
    path = page.path.replace("{id}", conversation)
    return browser.http.get(path) if page.method == "GET" else browser.post(path)


def test_every_route_is_in_the_table_and_every_row_has_a_route(parts: Parts) -> None:
    """No page goes by another way."""
    assert {page.name for page in PAGES} == set(MAY)
    assert {r.name for r in console(parts).routes if isinstance(r, Route)} == set(MAY)
    assert len(console(parts).routes) == len(PAGES)


def test_a_route_that_the_table_does_not_name_stops_the_start(parts: Parts) -> None:
    """So none can be forgotten."""
    with pytest.raises(KeyError):
        route(Page("GET", "/new", "new", lambda visit: visit.done("/")), parts)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", [page for page in GUARDED if page.name not in STAGES and not page.path.endswith("/events")], ids=lambda page: page.name)
def test_a_route_serves_the_roles_of_the_table_and_no_other(page: Page, role: Any, parts: Parts, quick: Any, browser: Callable[..., Browser]) -> None:
    """A role that may not gets 403, whatever it asks about, and that it tried is in the audit."""
    status = visited(browser(role), page, quick.open("web").id).status_code
    refused = [e for e in Audit(parts.database).entries() if e.action == "refused"]
    if role in (MAY[page.name] or ()):
        assert (status != 403, refused) == (True, [])
    else:
        assert (status, [e.detail for e in refused]) == (403, [{"route": page.name}])


@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_without_signing_in_no_guarded_route_is_served(page: Page, browser: Callable[..., Browser]) -> None:
    """It leads to the sign-in."""
    answer = visited_unsigned(browser(), page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def visited_unsigned(browser: Browser, page: Page) -> Any:
    """The answer to someone unknown."""
    path = page.path.replace("{id}", "x")
    return browser.http.get(path) if page.method == "GET" else browser.post(path, page="/sign-in")


@pytest.mark.parametrize("stage", ["code", "enrol", "password"])
@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_while_a_step_of_signing_in_is_due_nothing_else_is_served(page: Page, stage: Any, parts: Parts) -> None:
    """Not even to a role that may."""
    roles = MAY[page.name]
    who = account(parts, "ada", min(roles or ROLES))
    waiting = Browser(parts)
    waiting.http.cookies.set("reframe_console", parts.sign_ins().begin(who.id, stage))
    if stage not in STAGES.get(page.name, {"full"}):
        path = page.path.replace("{id}", "x")
        token = parts.sign_ins().find(waiting.http.cookies["reframe_console"]).form_token  # type: ignore[union-attr]
        answer = waiting.http.get(path) if page.method == "GET" else waiting.http.post(path, data={"form_token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{stage}")


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=lambda page: page.name)
@pytest.mark.parametrize("forged", [{}, {"form_token": ""}, {"form_token": "another"}])
def test_no_form_is_taken_without_its_token(page: Page, forged: dict[str, str], parts: Parts) -> None:
    """From another site, from another session, or from nowhere (CSRF)."""
    roles = MAY[page.name]
    who, visitor = account(parts, "ada", min(roles or ROLES)), Browser(parts)
    stage = min(STAGES.get(page.name, {"full"}))
    if roles:
        visitor.http.cookies.set("reframe_console", parts.sign_ins().begin(who.id, stage))  # type: ignore[arg-type]
    answer = visitor.http.post(page.path.replace("{id}", "x"), data=forged)
    assert (answer.status_code, "too old" in answer.text) == (403, True)


def test_a_form_from_another_origin_is_refused_also_with_its_token(browser: Callable[..., Browser]) -> None:
    """And taken from ours, also by the header."""
    ada = browser("supporter")
    token = ada.token("/password")
    assert ada.http.post("/presence", data={"form_token": token}, headers={"Origin": "http://evil.test"}).status_code == 403
    assert ada.http.post("/presence", headers={"Origin": "http://console.test", "X-Form-Token": token}).status_code == 204


def test_no_role_without_transcripts_reaches_a_route_that_shows_them() -> None:
    """Auditors and administrators."""
    shown = {name for name in MAY if name.split(".")[0] in TRANSCRIPTS}
    assert all(not {"auditor", "administrator"} & (MAY[name] or {"auditor"}) for name in shown)
