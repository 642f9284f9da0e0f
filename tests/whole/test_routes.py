"""Every route of the server, and what it takes to be served: what belongs to a conversation needs its secret, in whichever way it is asked for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sanic import Sanic

from bot.channels.web import Site, web_app
from bot.desk.desk import Desk
from bot.store.conversations import Conversations
from tests.store.test_desk import desk_with, echo
from tests.whole.conftest import Person, Server

CONVERSATION = "api/conversations/<conversation_id:[A-Za-z0-9_-]{1,64}>"
BY_SECRET = {
    ("POST", "messages"): {"text": "hello"},
    ("GET", "messages"): None,
    ("GET", "events"): None,
    ("POST", "typing"): None,
    ("POST", "complaints"): {"text": "wrong"},
    ("GET", "data"): None,
    ("DELETE", ""): None,
}
"""What belongs to a conversation, with a body that would be taken."""
PUBLIC = {"api/conversations", "", "privacy", "safety-protocol", "healthz", "readyz", "widget.js", "demo.css", "icon.svg"}
"""What anybody may ask for. Webhooks of messaging apps are believed by their signatures (tests/fuzzing, and the tests of each)."""


def app_of(desk: Desk) -> Sanic:
    """As `reframe serve` makes it, without messaging apps."""
    Sanic._app_registry.clear()
    try:
        return web_app(desk, Site())
    finally:
        Sanic._app_registry.clear()


def test_no_route_is_outside_of_the_table(store: Conversations) -> None:
    """Whoever adds one has to say what it takes."""
    found = {(method, route.path.rstrip("/")) for route in app_of(desk_with(store, echo)).router.routes for method in route.methods if method != "OPTIONS"}
    of_conversations = {(method, path) for method, path in found if path.startswith("api/conversations/<")}
    assert of_conversations == {(method, f"{CONVERSATION}/{end}".rstrip("/")) for method, end in BY_SECRET}
    assert {path for _, path in found - of_conversations} == PUBLIC


@pytest.mark.parametrize("shown", ["nothing", "a wrong one", "that of another conversation", "none of a scheme", "an empty one"])
@pytest.mark.parametrize(("method", "end"), BY_SECRET, ids=lambda given: given or "conversation")
def test_what_belongs_to_a_conversation_needs_its_secret(server: Server, method: str, end: str, shown: str) -> None:
    """The same answer as for a conversation that is not there, and nothing is changed."""
    mine, other = Person(server), Person(server)
    headers: dict[str, dict[str, str]] = {
        "nothing": {},
        "a wrong one": {"Authorization": f"Bearer {mine.secret[:-1]}{'A' if mine.secret[-1] != 'A' else 'B'}"},
        "that of another conversation": {"Authorization": f"Bearer {other.secret}"},
        "none of a scheme": {"Authorization": mine.secret},
        "an empty one": {"Authorization": "Bearer"},
    }
    before = mine.all()
    refused: Any = httpx.request(
        method, f"{server.url}/api/conversations/{mine.id}/{end}".rstrip("/"), headers=headers[shown], json=BY_SECRET[method, end], timeout=30
    )
    gone = httpx.request(method, f"{server.url}/api/conversations/nobody/{end}".rstrip("/"), headers=headers[shown], json=BY_SECRET[method, end], timeout=30)
    assert (refused.status_code, refused.json()) == (404, gone.json())
    assert mine.all() == before
