"""A request on its way to its page: who comes, whether they may, and whether the form is ours. Nothing gets past this."""

from __future__ import annotations

import hmac
import inspect
import logging
import secrets
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Mapping, Optional, Union
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.console.live import Watcher
from bot.console.permissions import FULL, MAY, STAGES
from bot.console.terms import Terms
from bot.desk.standing import reference
from bot.errors import ReframeError
from bot.store.accounts import Who
from bot.store.audit import Audit, Deed, Noted
from bot.store.database import Database, StoreAway
from bot.store.sealing import Sealer
from bot.store.sign_ins import Signed, SignIns
from bot.store.stopped import are_stopped

log = logging.getLogger(__name__)
COOKIE, FORM_COOKIE = "reframe_console", "reframe_console_form"
FORM_FIELD, FORM_HEADER = "form_token", "x-form-token"
MOST_BYTES = 200_000
"""The largest form that is read."""


class Refused(ReframeError):
    """A request that is not served; the message is for people."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Parts:
    """What the pages work with, one a process."""

    database: Database
    audit: Audit
    sealer: Sealer
    terms: Terms
    templates: Environment
    watcher: Watcher

    def sign_ins(self) -> SignIns:
        """The sign-ins, without a note."""
        return SignIns(self.database, self.terms.lifetimes)


@dataclass(frozen=True)
class Visit:
    """A request that may be served."""

    request: Request
    parts: Parts
    form_token: str
    signed: Optional[Signed] = None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def who(self) -> Who:
        """Who comes. Raises Refused for nobody."""
        if self.signed is None:
            raise Refused(401, "You are not signed in.")
        return self.signed.who

    @property
    def part(self) -> str:
        """The id in the path."""
        return str(self.request.path_params["id"])

    @property
    def stopped(self) -> bool:
        """Whether automatic replies are stopped."""
        with self.parts.database.unit() as session:
            return are_stopped(session)

    @property
    def by_script(self) -> bool:
        """Whether a script of the page asks, and not the browser itself."""
        return "hx-request" in self.request.headers

    def noting(self, action: str, subject: Optional[str] = None, why: Optional[str] = None, **detail: Any) -> Noted:
        """Units of work in which who comes is noted to have done this."""
        return self.parts.audit.of(Deed(self.who.id, action, subject, why, detail))

    def given(self, name: str, most: int = 4000) -> str:
        """A field of the form without space around it. Raises Refused when it is empty or too long."""
        value = self.form.get(name, "").strip()
        if not value or len(value) > most:
            raise Refused(422, f"“{name.replace('_', ' ')}” is needed, with {most} characters at most.")
        return value

    def written(self, template: str, **values: Any) -> str:
        """A template with its values."""
        return self.parts.templates.get_template(template).render(visit=self, who=self.signed.who if self.signed else None, **values)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A whole page."""
        return HTMLResponse(self.written(template, **values), status)

    def done(self, then: str) -> Response:
        """Nothing more to say: a script stays where it is, a browser goes on."""
        return Response(status_code=204) if self.by_script else RedirectResponse(then, 303)


Handler = Callable[[Visit], Union[Response, Awaitable[Response]]]


@dataclass(frozen=True)
class Page:
    """A route: its `name` is that of the table of permissions."""

    method: str
    path: str
    name: str
    handler: Handler


def route(page: Page, parts: Parts) -> Route:
    """The guarded route of a page. Raises KeyError for one that the table of permissions does not name."""
    roles, stages = MAY[page.name], STAGES.get(page.name, FULL)

    async def endpoint(request: Request) -> Response:
        visit = await _arrived(request, parts)
        try:
            if roles is not None:
                _allow(visit, page, frozenset(roles), frozenset(stages))
            if page.method == "POST":
                _check_form(visit)
            if inspect.iscoroutinefunction(page.handler):
                response = await page.handler(visit)
            else:
                response = await run_in_threadpool(page.handler, visit)
        except Elsewhere as elsewhere:
            response = _sent(visit, str(elsewhere))
        except ReframeError as error:
            response = _refusal(visit, error)
        except Exception:  # whatever breaks, whoever works here is told, under a reference that is in the log
            name = reference()
            log.exception("a page failed, reference %s", name)
            response = _refusal(
                visit, Refused(500, f"Something broke on our side (reference {name}). Load the page again; if that does not help, tell an administrator.")
            )
        return _with_form_cookie(visit, response)

    return Route(page.path, endpoint, methods=[page.method], name=page.name)


class Elsewhere(Exception):
    """Something else is due first; the text is its path."""


async def _arrived(request: Request, parts: Parts) -> Visit:
    token = request.cookies.get(COOKIE, "")
    signed = await run_in_threadpool(parts.sign_ins().find, token) if token else None
    own = signed.form_token if signed else request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    return Visit(request, parts, own, signed, await _form(request))


async def _form(request: Request) -> Mapping[str, str]:
    if request.method != "POST":
        return {}
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return {}
    async with request.form(max_files=0) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _allow(visit: Visit, page: Page, roles: frozenset[Any], stages: frozenset[Any]) -> None:
    if visit.signed is None:
        raise Elsewhere("/sign-in")
    if visit.signed.stage not in stages:
        raise Elsewhere({"full": "/"}.get(visit.signed.stage, f"/{visit.signed.stage}"))
    if visit.who.role not in roles:
        visit.parts.audit.note(Deed(visit.who.id, "refused", detail={"route": page.name}))
        raise Refused(403, "Your role does not include this. Ask an administrator if that is a mistake.")


def _check_form(visit: Visit) -> None:
    """Raises Refused unless the form is from a page of ours: its token, and where the browser says so, its origin."""
    shown = visit.form.get(FORM_FIELD) or visit.request.headers.get(FORM_HEADER, "")
    known = visit.signed is not None or FORM_COOKIE in visit.request.cookies
    origin = visit.request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != visit.request.headers.get("host")
    if not known or foreign or not hmac.compare_digest(shown.encode(), visit.form_token.encode()):
        raise Refused(403, "This form is too old, or does not come from this console. Go back, load the page again and repeat it.")


def _sent(visit: Visit, path: str) -> Response:
    """To another page; a script has to load it as a whole."""
    return Response(status_code=401, headers={"HX-Redirect": path}) if visit.by_script else RedirectResponse(path, 303)


def _refusal(visit: Visit, error: ReframeError) -> Response:
    status = error.status if isinstance(error, Refused) else 503 if isinstance(error, StoreAway) else 409
    log.info("refused %s: %s", status, type(error).__name__)
    return PlainTextResponse(str(error), status) if visit.by_script else visit.page("refused.html", status, message=str(error))


def _with_form_cookie(visit: Visit, response: Response) -> Response:
    """Before anybody is signed in, forms are held together with the browser by a cookie of their own."""
    if visit.signed is None and FORM_COOKIE not in visit.request.cookies:
        response.set_cookie(FORM_COOKIE, visit.form_token, httponly=True, samesite="strict", secure=visit.parts.terms.secure)
    return response
