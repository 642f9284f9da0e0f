"""A server with the addresses of messaging apps, called over HTTP as platforms call it. Behind it is everything but the trained agent."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator, Callable
from uuid import uuid4

import httpx
import pytest
from sanic import Sanic

from bot.channels.messaging import Channel
from bot.channels.webhooks import webhooks
from bot.desk.arrivals import Inbox
from bot.desk.courier import Courier
from bot.desk.reception import Reception
from bot.safety.screening import assess
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.standins import PUBLIC
from tests.store.test_desk import Answer, desk_with, echo

KEYS = {"names": bytes(range(32)), "k1": bytes(range(32, 64))}


class OneOfSeveral(Sanic):
    """A server of which there are more in the same process; another rewrites Sanic for its own use when it starts."""

    test_mode = True


@dataclass
class Serving:
    """A running server: `http` calls it, `outbox` counts what it refused."""

    http: httpx.AsyncClient
    outbox: Outbox
    sealer: Sealer


@asynccontextmanager
async def listening(store: Conversations, folder: Path, channel: Channel, public_url: str, answer: Answer = echo) -> AsyncIterator[tuple[str, Outbox]]:
    """Its address, on a free port, and its outbox. `public_url` is what the platform believes the address to be."""
    assess("")  # reads its word lists, as a server does with its model before it listens
    sealer, people, outbox = Sealer(KEYS), Correspondents(store.database), Outbox(store.database)
    desk = desk_with(store, answer)
    courier = Courier(outbox, people, sealer, [channel], desk.keep)
    app = OneOfSeveral(f"reframe-{uuid4().hex}", configure_logging=False)
    app.blueprint(webhooks(Reception(desk, people, Inbox(folder / "inbox", sealer), courier, sealer), [channel], public_url))
    port, before = socket.create_server(("127.0.0.1", 0)), asyncio.all_tasks()
    server = await app.create_server(sock=port, return_asyncio_server=True, access_log=False)
    await server.startup()
    app.is_running = True  # as `run` says, which a test cannot call in its own loop
    await server.start_serving()
    await server.after_start()
    try:
        yield f"http://127.0.0.1:{port.getsockname()[1]}", outbox
    finally:
        await server.close()
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@asynccontextmanager
async def serving(store: Conversations, channel: Channel, answer: Answer) -> AsyncIterator[Serving]:
    """One channel on a free port, with an agent that answers by a function, and a client that calls it."""
    async with listening(store, Path(tempfile.mkdtemp()), channel, PUBLIC, answer) as (address, outbox), httpx.AsyncClient(base_url=address) as http:
        yield Serving(http, outbox, Sealer(KEYS))


async def until(done: Callable[[], bool], what: Callable[[], object]) -> None:
    """Wait until something is so. Fails after some seconds, with what is there instead."""
    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"never came: {what()}")
