"""The interface that the widget speaks: begin, send, receive, erase. Described in docs/web-protocol.md and docs/openapi.yml."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, ResponseStream, empty, html
from sanic.response import json as answer

from bot.channels.web.bodies import Posted, complained, number_of, posted, shown
from bot.channels.web.events import events, news
from bot.channels.web.limits import Limits
from bot.channels.web.refusing import Refused
from bot.desk.desk import Desk
from bot.desk.own_page import PRIVATE, page
from bot.metrics.counted import STREAMS
from bot.store.database import StoreAway
from bot.store.messages import Credentials, Inbound
from bot.store.own_data import own_data

Id = r"<conversation_id:[A-Za-z0-9_-]{1,64}>"
GONE = "There is no such conversation, or its secret is missing. Start a new one."
LONGEST_WAIT = 25.0
"""Seconds that a request for news may wait: below the half minute after which proxies give up."""


def interface(desk: Desk, limits: Limits) -> Blueprint:
    """All routes under /api/conversations."""
    routes = Blueprint("interface", url_prefix="/api/conversations")

    @routes.on_request
    async def counted(request: Request) -> None:
        limits.count(limits.requests, _address(request))

    @routes.post("/")
    async def begin(request: Request) -> HTTPResponse:
        limits.count(limits.conversations, _address(request))
        new, said = await desk.open("web")
        return answer({"id": new.id, "secret": new.secret, "messages": [shown(m) for m in said]}, 201)

    @routes.post(f"/{Id}/messages")
    async def send(request: Request, conversation_id: str) -> HTTPResponse:
        body = posted(request.body)
        limits.count(limits.messages, conversation_id)
        try:
            await _admitted(desk, request, conversation_id)
            inbound = await _inbound(desk, conversation_id, body)
        except StoreAway:  # the desk answers all the same, and who may write here is proved when the message is stored
            inbound = Inbound(body.text or "", body.client_id, media=body.media)
        return answer({"messages": [shown(m) for m in await desk.receive(conversation_id, inbound, _secret(request))]})

    @routes.get(f"/{Id}/messages")
    async def read(request: Request, conversation_id: str) -> HTTPResponse:
        who = await _admitted(desk, request, conversation_id)
        wait = min(float(number_of(request.args.get("wait"))), LONGEST_WAIT)
        return answer(await news(desk, who, number_of(request.args.get("after")), wait))

    @routes.get(f"/{Id}/events")
    async def stream(request: Request, conversation_id: str) -> Any:  # Sanic's types know no stream here
        who = await _admitted(desk, request, conversation_id)
        after = number_of(request.headers.get("last-event-id") or request.args.get("after"))

        async def write(response: Any) -> None:
            with STREAMS.track_inprogress():
                async for event in events(desk, who, after):
                    await response.write(event)

        return ResponseStream(write, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, content_type="text/event-stream")

    @routes.post(f"/{Id}/typing")
    async def types(request: Request, conversation_id: str) -> HTTPResponse:
        await _admitted(desk, request, conversation_id)
        await desk.keep(lambda: desk.store.person_types(conversation_id))
        return empty()

    @routes.post(f"/{Id}/complaints")
    async def complain(request: Request, conversation_id: str) -> HTTPResponse:
        complaint = complained(request.body)
        limits.count(limits.messages, conversation_id)
        await _admitted(desk, request, conversation_id)
        if desk.gate and not await desk.gate.agreed(conversation_id):
            raise Refused(403, "no_consent", "What you report would be kept, and you have not agreed to that. Press the button in the conversation first.")
        await desk.keep(lambda: desk.store.complain(conversation_id, complaint.text))
        return empty(201)

    @routes.get(f"/{Id}/data")
    async def own(request: Request, conversation_id: str) -> HTTPResponse:
        await _admitted(desk, request, conversation_id)
        data = await desk.keep(lambda: own_data(desk.store.database, conversation_id))
        if data is None:  # erased meanwhile
            raise Refused(404, "no_conversation", GONE)
        if request.args.get("format") == "html":
            return html(page(data), headers=PRIVATE)
        return answer(data, headers={**PRIVATE, "Content-Disposition": 'attachment; filename="my-data.json"'})

    @routes.delete(f"/{Id}")
    async def erase(request: Request, conversation_id: str) -> HTTPResponse:
        await _admitted(desk, request, conversation_id)
        await desk.delete(conversation_id)
        return empty()

    return routes


async def _admitted(desk: Desk, request: Request, conversation_id: str) -> Credentials:
    """What the request has proved. Raises Refused unless it shows the conversation's secret."""
    who = Credentials(conversation_id, _secret(request))
    if not await desk.admits(who):
        raise Refused(404, "no_conversation", GONE)
    return who


def _address(request: Request) -> str:
    """Whom a request comes from: what the proxies say where there are some, else the other end of the line."""
    return str(request.remote_addr or request.ip)


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
        raise Refused(409, "not_offered", "That button was not offered in this conversation. Send what you want to say as text.")
    return Inbound(title, body.client_id, payload)
