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
from tests.store.test_desk import Answer, desk_with

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
async def serving(store: Conversations, channel: Channel, answer: Answer) -> AsyncIterator[Serving]:
    """One channel on a free port, with an agent that answers by a function."""
    assess("")  # reads its word lists, as a server does with its model before it listens
    sealer, people, outbox = Sealer(KEYS), Correspondents(store.database), Outbox(store.database)
    desk = desk_with(store, answer)
    courier = Courier(outbox, people, sealer, [channel], desk.keep)
    reception = Reception(desk, people, Inbox(Path(tempfile.mkdtemp()), sealer), courier, sealer)
    app = OneOfSeveral(f"reframe-{uuid4().hex}", configure_logging=False)
    app.blueprint(webhooks(reception, [channel], PUBLIC))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        before = asyncio.all_tasks()
        server = await app.create_server(sock=free, return_asyncio_server=True, access_log=False)
        await server.startup()
        app.is_running = True  # as `run` says, which a test cannot call in its own loop
        await server.after_start()
        await server.start_serving()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free.getsockname()[1]}") as http:
            try:
                yield Serving(http, outbox, sealer)
            finally:
                await server.close()
                left = asyncio.all_tasks() - before
                for task in left:
                    task.cancel()
                await asyncio.gather(*left, return_exceptions=True)


async def until(done: Callable[[], bool], what: Callable[[], object]) -> None:
    """Wait until something is so. Fails after some seconds, with what is there instead."""
    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"never came: {what()}")
