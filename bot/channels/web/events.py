"""The conversation as server-sent events: what is stored, in order, each once, and whether an answer is on its way."""

from __future__ import annotations

import json
from typing import Any, AsyncIterator, Callable

from bot.channels.web.bodies import shown
from bot.desk.desk import Desk
from bot.desk.feed import Feed
from bot.store.messages import Credentials

LOOK_SECONDS, BEAT = 3.0, 5
"""The store is looked into at least this often, for what other processes wrote; every BEAT-th look without news is a sign of life."""
RETRY_MS = 2000


async def events(desk: Desk, who: Credentials, after: int) -> AsyncIterator[str]:
    """The stream from the message numbered `after` on. Ends when the conversation is gone."""
    topic, typing, quiet = desk.feed.topic(who.id), False, 0
    yield f"retry: {RETRY_MS}\n\n"
    while True:
        version = topic.version
        rows = await desk.keep(_reading(desk, who, after))
        if rows is None:
            yield _event("erased", {})
            return
        for row in rows:
            after = row.number
            yield _event("message", shown(row), str(row.number))
        if topic.typing != typing:
            typing = topic.typing
            yield _event("typing", {"typing": typing})
        quiet = 0 if rows else quiet + 1
        if quiet % BEAT == BEAT - 1:
            yield ": here\n\n"
        await Feed.wait(topic, version, LOOK_SECONDS)


async def news(desk: Desk, who: Credentials, after: int, seconds: float) -> list[dict[str, Any]]:
    """What came after a message, waiting for it up to `seconds`: for clients that cannot hold a stream."""
    topic, left = desk.feed.topic(who.id), seconds
    while True:
        version = topic.version
        rows = await desk.keep(_reading(desk, who, after)) or []
        if rows or left <= 0:
            return [shown(row) for row in rows]
        await Feed.wait(topic, version, min(LOOK_SECONDS, left))
        left -= LOOK_SECONDS


def _reading(desk: Desk, who: Credentials, after: int) -> Callable[[], Any]:
    """The new rows, or None when the conversation is gone."""
    return lambda: desk.store.messages(who.id, after) if desk.store.admits(who) else None


def _event(name: str, data: dict[str, Any], identity: str = "") -> str:
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
