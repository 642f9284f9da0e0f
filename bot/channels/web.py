"""The HTTP interface of the chat page. Every error answers with JSON that says what happened and what to do."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any, Literal, Optional

from markdown import markdown
from pydantic import BaseModel, Extra, StrictStr, ValidationError, constr, root_validator
from sanic import Blueprint, Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, empty, file, html
from sanic.response import json as answer

from bot.desk.desk import Desk
from bot.desk.standing import reference
from bot.safety.protocol import protocol
from bot.store.conversations import Credentials, Inbound, NoConversation, Stored
from bot.store.database import StoreAway

log = logging.getLogger(__name__)
PAGE = Path(__file__).parent / "page"
MOST_BYTES = 1_000_000
"""The largest request body that is read."""
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
SAFETY = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Safety protocol</title><link rel="stylesheet" href="/chat.css"><main class="page">{words}</main></html>'
)
Id = r"<conversation_id:[A-Za-z0-9_-]{1,64}>"


class Posted(BaseModel):
    """The body of a message: free `text`, the payload of an offered `button`, or the kind of `media` that cannot be read, with or without text.

    `client_id` makes sending twice harmless.
    """

    text: Optional[StrictStr]
    button: Optional[StrictStr]
    media: Optional[Literal["picture", "voice", "file"]]
    client_id: Optional[constr(strict=True, regex=r"^[A-Za-z0-9_-]{1,64}$")]  # type: ignore[valid-type]  # pydantic 1's way

    class Config:
        extra = Extra.forbid

    @root_validator(skip_on_failure=True)
    def one_of_both(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of text and button, or media."""
        if (values["text"] is None and values["media"] is None) == (values["button"] is None):
            raise ValueError("give either text or button")
        return values


class Refused(Exception):
    """A request that cannot be served; `code` is for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)


def web_app(desk: Desk) -> Sanic:
    """The whole web application over one desk."""
    app = Sanic("reframe", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MOST_BYTES
    app.blueprint(_interface(desk))
    app.blueprint(_page())
    app.error_handler.add(Exception, _failed)

    @app.before_server_start
    async def settle(*_: object) -> None:
        await desk.settle()

    return app


def _interface(desk: Desk) -> Blueprint:
    routes = Blueprint("interface", url_prefix="/api/conversations")

    @routes.post("/")
    async def begin(request: Request) -> HTTPResponse:
        new, said = await desk.open("web")
        return answer({"id": new.id, "secret": new.secret, "messages": [shown(m) for m in said]}, 201)

    @routes.post(f"/{Id}/messages")
    async def send(request: Request, conversation_id: str) -> HTTPResponse:
        body = posted(request.body)
        try:
            await _admitted(desk, request, conversation_id)
            inbound = await _inbound(desk, conversation_id, body)
        except StoreAway:  # the desk answers all the same, and who may write here is proved when the message is stored
            inbound = Inbound(body.text or "", body.client_id, media=body.media)
        return answer({"messages": [shown(m) for m in await desk.receive(conversation_id, inbound, _secret(request))]})

    @routes.get(f"/{Id}/messages")
    async def read(request: Request, conversation_id: str) -> HTTPResponse:
        await _admitted(desk, request, conversation_id)
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Refused(400, "bad_after", "`after` is the number of the last message you have; leave it out to get all.")
        rows = await desk.keep(lambda: desk.store.messages(conversation_id, int(after)))
        return answer({"messages": [shown(m) for m in rows]})

    @routes.delete(f"/{Id}")
    async def erase(request: Request, conversation_id: str) -> HTTPResponse:
        await _admitted(desk, request, conversation_id)
        await desk.delete(conversation_id)
        return empty()

    return routes


def _page() -> Blueprint:
    routes = Blueprint("page")
    for path, name in {"/": "index.html", "/chat.js": "chat.js", "/chat.css": "chat.css"}.items():
        routes.add_route(_serving(name), path, name=name)

    @routes.get("/safety")
    async def safety(request: Request) -> HTTPResponse:
        words = markdown(await asyncio.to_thread(protocol))
        return html(SAFETY.format(words=words), headers=HEADERS)

    @routes.get("/health")
    async def health(request: Request) -> HTTPResponse:
        return answer({"status": "ok"})

    return routes


def _serving(name: str) -> Any:
    async def serve(request: Request) -> HTTPResponse:
        return await file(PAGE / name, headers=HEADERS)

    return serve


async def _admitted(desk: Desk, request: Request, conversation_id: str) -> None:
    """Raises Refused unless the request shows the conversation's secret."""
    secret = _secret(request)
    if not await desk.keep(lambda: desk.store.admits(Credentials(conversation_id, secret))):
        raise Refused(404, "no_conversation", "There is no such conversation, or its secret is missing. Start a new one.")


def _secret(request: Request) -> str:
    """What the request shows as proof; empty when it shows nothing."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret if scheme.lower() == "bearer" else ""


async def _inbound(desk: Desk, conversation_id: str, body: Posted) -> Inbound:
    """Free text as it is; a button only if it was offered. Raises Refused for one that was not."""
    if body.button is None:
        return Inbound(body.text or "", body.client_id, media=body.media)
    payload = body.button
    title = await desk.keep(lambda: desk.store.offered(conversation_id, payload))
    if title is None:
        raise Refused(422, "not_offered", "That button was not offered in this conversation. Send what you want to say as text.")
    return Inbound(title, body.client_id, payload)


def posted(body: bytes) -> Posted:
    """The body of a message. Raises Refused for one that cannot be read."""
    try:
        return Posted.parse_obj(json.loads(body))
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc'])).replace('__root__', 'body')}: {e['msg']}" for e in error.errors())
        raise Refused(422, "bad_message", f"The message cannot be read ({where}). Send an object with `text`.") from None
    except (ValueError, RecursionError):
        raise Refused(400, "bad_json", "The body is not JSON. Send an object with `text`.") from None


def shown(message: Stored) -> dict[str, Any]:
    """A message as the page gets it."""
    return {
        "number": message.number,
        "from": "person" if message.author == "person" else "bot",
        "text": message.text,
        "buttons": list(message.buttons),
        "client_id": message.client_id,
        "answers": message.answers,
        "at": message.at.isoformat(),
    }


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    """Any failure as JSON; what nobody foresaw is logged under a reference and not shown."""
    if isinstance(error, NoConversation):
        error = Refused(404, "no_conversation", str(error))
    if isinstance(error, Refused):
        return _error(error.status, error.code, str(error))
    if isinstance(error, SanicException) and error.status_code < 500:
        said = "That is too long to read at once. Send it in parts." if error.status_code == 413 else "This request cannot be served here."
        return _error(error.status_code, f"http_{error.status_code}", said)
    name = reference()
    log.error("request failed, reference %s", name, exc_info=error)
    return _error(500, "failed", f"Something broke on our side (reference {name}). Try again; if you are in danger, call your local emergency number.")


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return answer({"error": {"code": code, "message": message}}, status)
