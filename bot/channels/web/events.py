"""The conversation as server-sent events: what is stored, in order, each once; who speaks; and whether an answer is on its way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, AsyncIterator, Callable, Optional

from bot.channels.web.bodies import shown
from bot.desk.desk import Desk
from bot.desk.feed import Feed
from bot.store.messages import Credentials, Presence, Stored, now

LOOK_SECONDS, BEAT = 3.0, 5
"""The store is looked into at least this often, for what other processes wrote; every BEAT-th look without news is a sign of life."""
RETRY_MS = 2000
TYPING_LASTS = timedelta(seconds=6)
"""A supporter who was seen writing so long ago is still taken to be."""


@dataclass(frozen=True)
class Look:
    """What the store holds of a conversation after a message."""

    rows: list[Stored]
    presence: Presence

    def typing(self) -> bool:
        """Whether the supporter is writing."""
        typed = self.presence.typed_at
        return typed is not None and now() - typed < TYPING_LASTS


async def events(desk: Desk, who: Credentials, after: int) -> AsyncIterator[str]:
    """The stream from the message numbered `after` on. `current` says that all there was has been sent. Ends when the conversation is gone."""
    topic, quiet = desk.feed.topic(who.id), 0
    said: dict[str, Any] = {"typing": {"typing": False}, "speaking": {"speaker": None}}
    yield f"retry: {RETRY_MS}\n\n"
    while True:
        version, answering = topic.version, topic.typing  # as it was when it woke: a quick answer would hide that it was on its way
        look = await desk.keep(_reading(desk, who, after))
        if look is None:
            yield _event("erased", {})
            return
        for row in look.rows:
            after = row.number
            yield _event("message", shown(row), str(row.number))
        for name, data in _changed(said, {"speaking": {"speaker": look.presence.speaker}, "typing": {"typing": answering or look.typing()}, "current": {}}):
            yield _event(name, data)
        quiet = 0 if look.rows else quiet + 1
        if quiet % BEAT == BEAT - 1:
            yield ": here\n\n"
        await Feed.wait(topic, version, LOOK_SECONDS)


async def news(desk: Desk, who: Credentials, after: int, seconds: float) -> dict[str, Any]:
    """What came after a message and who speaks, waiting for it up to `seconds`: for clients that cannot hold a stream."""
    topic, left = desk.feed.topic(who.id), seconds
    while True:
        version = topic.version
        look = await desk.keep(_reading(desk, who, after)) or Look([], Presence())
        if look.rows or left <= 0:
            return {"messages": [shown(row) for row in look.rows], "speaker": look.presence.speaker}
        await Feed.wait(topic, version, min(LOOK_SECONDS, left))
        left -= LOOK_SECONDS


def _reading(desk: Desk, who: Credentials, after: int) -> Callable[[], Optional[Look]]:
    """A look into the store; it gives None when the conversation is gone."""
    return lambda: Look(desk.store.messages(who.id, after), desk.store.presence(who.id)) if desk.store.admits(who) else None


def _changed(said: dict[str, Any], now_so: dict[str, Any]) -> list[tuple[str, Any]]:
    """What differs from what was said last; it is said now."""
    new = [(name, data) for name, data in now_so.items() if said.get(name) != data]
    said.update(new)
    return new


def _event(name: str, data: dict[str, Any], identity: str = "") -> str:
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
