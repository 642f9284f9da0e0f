"""The addresses that messaging apps call: believed or refused, kept, and answered at once. The turns run after it."""

from __future__ import annotations

import logging
from typing import Any

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text

from bot.channels.messaging import Channel, Malformed, NotBelieved, Received
from bot.channels.working import going_on
from bot.desk.reception import Reception
from bot.store.database import StoreAway
from bot.store.messages import now

log = logging.getLogger(__name__)
PREFIX = "/webhooks"


def webhooks(reception: Reception, channels: list[Channel], public_url: str) -> Blueprint:
    """One address for each channel, and the work behind them while the server runs. `public_url` is the server's address as platforms call it."""
    routes = Blueprint("webhooks", url_prefix=PREFIX)
    for channel in channels:
        routes.add_route(_hearing(reception, channel, public_url), f"/{channel.name}", methods=["GET", "POST"], name=channel.name)

    @routes.after_server_start
    async def begin(app: Sanic, _: object) -> None:
        for work in (reception.run, reception.courier.run):
            app.add_task(going_on(work))

    return routes


def _hearing(reception: Reception, channel: Channel, public_url: str) -> Any:
    async def hear(request: Request) -> HTTPResponse:
        received = _received(request, public_url)
        try:
            channel.verify(received)
            heard = channel.parse(received)
        except NotBelieved:
            await _counted(reception, channel.name)
            return text("", 403)
        except Malformed:
            log.warning("a request on %s cannot be read", channel.name)
            return text("", 400)
        await reception.take(list(heard.arrivals))
        return text(heard.returned, content_type=heard.content_type)

    return hear


async def _counted(reception: Reception, name: str) -> None:
    try:
        await reception.desk.keep(lambda: reception.courier.outbox.rejected(name, now().date()))
    except StoreAway:
        log.warning("a request on %s was not believed, and the database is away to count it", name)


def _received(request: Request, public_url: str) -> Received:
    address = public_url.rstrip("/") + request.path + (f"?{request.query_string}" if request.query_string else "")
    query = {name: values[0] for name, values in request.args.items()}
    return Received(request.method, address, {name.lower(): value for name, value in request.headers.items()}, query, request.body)
