"""The web server with the webhook of one channel, in the process of the test."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from typing import AsyncIterator
from uuid import uuid4

from sanic import Sanic

from bot.channels.messaging import Channel
from bot.channels.webhooks import webhooks
from bot.desk.arrivals import Inbox
from bot.desk.courier import Courier
from bot.desk.reception import Reception
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.store.test_desk import Answer, desk_with, echo
from tests.store.test_messaging import KEYS


@asynccontextmanager
async def serving(store: Conversations, folder: Path, channel: Channel, public_url: str, answer: Answer = echo) -> AsyncIterator[tuple[str, Outbox]]:
    """Its address, on a free port, and its outbox. `public_url` is what the platform believes the address to be."""
    sealer, desk, people, outbox = Sealer(KEYS), desk_with(store, answer), Correspondents(store.database), Outbox(store.database)
    courier = Courier(outbox, people, sealer, [channel], desk.keep)
    app = Sanic(f"server-{uuid4().hex}", configure_logging=False)
    app.blueprint(webhooks(Reception(desk, people, Inbox(folder / "inbox", sealer), courier, sealer), [channel], public_url))
    port = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=port, return_asyncio_server=True, access_log=False)
    await server.startup()
    app.state.is_running = True  # as run() would say, without which tasks wait for ever
    await server.start_serving()
    await server.after_start()
    try:
        yield f"http://127.0.0.1:{port.getsockname()[1]}", outbox
    finally:
        await server.close()
        for task in app.tasks:
            task.cancel()
        await asyncio.gather(*app.tasks, return_exceptions=True)
