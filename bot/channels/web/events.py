"""The conversation as server-sent events: what is stored, in order, each once; who speaks; and whether an answer is on its way."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, AsyncIterator, Callable, Optional

from bot.channels.web.bodies import shown
from bot.desk.desk import Desk
from bot.desk.feed import Feed
from bot.store.messages import Credentials, Presence, Stored, now

BEAT_SECONDS = 15.0
"""After so long without news comes a sign of life. The store is not looked into for it: whoever writes, here or elsewhere, wakes the stream."""
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
        return self.typing_ends() > 0

    def typing_ends(self) -> float:
        """In how many seconds the supporter is no longer taken to be writing."""
        typed = self.presence.typed_at
        return max(0.0, (typed + TYPING_LASTS - now()).total_seconds()) if typed else 0.0


async def events(desk: Desk, who: Credentials, after: int) -> AsyncIterator[str]:
    """The stream from the message numbered `after` on. `current` says that all there was has been sent. Ends when the conversation is gone."""
    topic = desk.feed.topic(who.id)
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
        for name, data in _changed(said, {"speaking": {"speaker": look.presence.speaker}, **_typing(look, answering), "current": {}}):
            yield _event(name, data)
        while not await Feed.wait(topic, version, look.typing_ends() or BEAT_SECONDS):
            for name, data in _changed(said, _typing(look, answering)):
                yield _event(name, data)
            yield ": here\n\n"


async def news(desk: Desk, who: Credentials, after: int, seconds: float) -> dict[str, Any]:
    """What came after a message and who speaks, waiting for it up to `seconds`: for clients that cannot hold a stream."""
    topic, ends = desk.feed.topic(who.id), time.monotonic() + seconds
    while True:
        version = topic.version
        look = await desk.keep(_reading(desk, who, after)) or Look([], Presence())
        if look.rows or not await Feed.wait(topic, version, max(0.0, ends - time.monotonic())):
            return {"messages": [shown(row) for row in look.rows], "speaker": look.presence.speaker}


def _reading(desk: Desk, who: Credentials, after: int) -> Callable[[], Optional[Look]]:
    """A look into the store; it gives None when the conversation is gone."""
    return lambda: Look(desk.store.messages(who.id, after), desk.store.presence(who.id)) if desk.store.admits(who) else None


def _typing(look: Look, answering: bool) -> dict[str, Any]:
    return {"typing": {"typing": answering or look.typing()}}


def _changed(said: dict[str, Any], now_so: dict[str, Any]) -> list[tuple[str, Any]]:
    """What differs from what was said last; it is said now."""
    new = [(name, data) for name, data in now_so.items() if said.get(name) != data]
    said.update(new)
    return new


def _event(name: str, data: dict[str, Any], identity: str = "") -> str:
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
