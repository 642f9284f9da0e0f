"""The console as one application: pages behind their guard, files, and what runs beside them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, PlainTextResponse, Response

from bot.console import (
    accounts_page,
    alarm_page,
    audit_page,
    conversation_page,
    debrief_page,
    duty_page,
    erasure_page,
    figure_page,
    handling,
    openid,
    phrase_page,
    practice_page,
    queue_page,
    review_page,
    signing_in,
)
from bot.console.alerts import alerting_of
from bot.console.security import SecurityHeaders
from bot.console.visits import Page, Parts, Refused, Visit, route

STATIC = Path(__file__).parent / "static"
FILES = frozenset(file.name for file in STATIC.iterdir())


def health(_: Visit) -> Response:
    """That the process lives."""
    return PlainTextResponse("ok")


def static(visit: Visit) -> Response:
    """A file of ours, by its name only."""
    if visit.part not in FILES:
        raise Refused(404, "There is no such file.")
    return FileResponse(STATIC / visit.part)


PAGES: tuple[Page, ...] = (
    Page("GET", "/healthz", "health", health),
    Page("GET", "/static/{id}", "static", static),
    *signing_in.PAGES,
    *openid.PAGES,
    *accounts_page.PAGES,
    *audit_page.PAGES,
    *queue_page.PAGES,
    *conversation_page.PAGES,
    *handling.PAGES,
    *review_page.PAGES,
    *debrief_page.PAGES,
    *duty_page.PAGES,
    *erasure_page.PAGES,
    *practice_page.PAGES,
    *alarm_page.PAGES,
    *phrase_page.PAGES,
    *figure_page.PAGES,
)


def console(parts: Parts) -> Starlette:
    """The whole application. Raises KeyError for a page that the table of permissions does not name."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        alerting = alerting_of(parts)
        running = [asyncio.create_task(part.run()) for part in (parts.watcher, alerting) if part]
        yield
        for task in running:
            task.cancel()

    routes = [route(page, parts) for page in PAGES]
    return Starlette(routes=routes, middleware=[Middleware(SecurityHeaders, secure=parts.terms.secure)], lifespan=lifespan)
