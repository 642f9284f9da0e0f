"""Server-sent events of a page: fragments, each sent when it has changed, as long as whoever reads may."""

from __future__ import annotations

import hashlib
from typing import AsyncIterator, Awaitable, Callable, Optional

from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.console.visits import Visit
from bot.store.database import StoreAway

Event = dict[str, str]
PING_SECONDS = 15
NOTHING = "<!-- -->"
"""An event without data is never heard (HTML, server-sent events), so emptiness has to be said."""
Fragments = dict[str, str]
"""By the name of the event; what has not changed is not sent again."""


def stream(visit: Visit, look: Callable[[], Optional[Fragments]], wait: Callable[[], Awaitable[None]], log: Callable[[], list[str]] = list) -> Response:
    """`look` gives the fragments, or None when there is nothing to read any more; `log` what is to be added to the transcript since last time."""
    return EventSourceResponse(_events(visit, look, wait, log), ping=PING_SECONDS)


async def _events(
    visit: Visit, look: Callable[[], Optional[Fragments]], wait: Callable[[], Awaitable[None]], log: Callable[[], list[str]]
) -> AsyncIterator[Event]:
    sent: dict[str, str] = {}
    while True:
        try:
            fragments = await run_in_threadpool(lambda: look() if _still(visit) else None)
            added = await run_in_threadpool(log) if fragments is not None else []
        except StoreAway:
            fragments, added = {"away": "The database does not answer. What you see may be old."}, []
        if fragments is None:
            yield {"event": "ended", "data": "ended"}
            return
        for html in added:
            yield {"event": "line", "data": html}
        for name, html in {"away": NOTHING, **fragments}.items():
            mark = hashlib.sha256(html.encode()).hexdigest()
            if sent.get(name) != mark:
                sent[name] = mark
                yield {"event": name, "data": html}
        await wait()


def _still(visit: Visit) -> bool:
    """Whether whoever reads is still signed in. That they look at a page does not keep them so."""
    return visit.signed is not None and visit.parts.sign_ins().found(visit.signed.token_hash, touch=False) is not None
