"""The web protocol as docs/openapi.yml describes it: random requests, the stream, the limits, other origins."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, missing_required_header, negative_data_rejection, unsupported_method

from bot.settings import ROOT
from tests.whole.conftest import Person, Server, start, stop

schema = schemathesis.openapi.from_path(str(ROOT / "docs" / "openapi.yml"))
BY_DESIGN = [ignored_auth, missing_required_header, negative_data_rejection, unsupported_method]
"""Without its secret a conversation is answered with 404, not 401: nobody shall learn that it exists. Unknown methods are Sanic's to answer. The test puts
id and secret right, so that requests that were meant to be wrong may be right."""
OTHER, STRANGER = "https://shelter.example", "https://stranger.example"


@schema.exclude(operation_id=["events", "begin"]).parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_as_described(case: schemathesis.Case, server: Server) -> None:
    """Fitting or not, to a conversation that exists: never a failure of the server, always a shape and a status of the page."""
    person = Person(server)
    if "id" in (case.path_parameters or {}):
        case.path_parameters = {"id": person.id}
    if case.query and "wait" in case.query:
        case.query = {**case.query, "wait": 0}
    headers = {"Authorization": f"Bearer {person.secret}"}
    response = case.call(base_url=server.url, headers=headers)
    case.validate_response(response, excluded_checks=BY_DESIGN)


class Listener:
    """A client of the stream that keeps what it hears."""

    def __init__(self, person: Person, last: int | None = None) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.open, self.closed = threading.Event(), threading.Event()
        self.headers = {"Authorization": f"Bearer {person.secret}", **({"Last-Event-ID": str(last)} if last is not None else {})}
        self.url, self.stop = f"{person.http.base_url}{person.id}/events", False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with httpx.stream("GET", self.url, headers=self.headers, timeout=60) as response:
            self.status, name = response.status_code, ""
            for line in response.iter_lines():
                self.open.set()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.heard.append((name, json.loads(line.removeprefix("data: "))))
        self.closed.set()

    def texts(self, count: int, seconds: float = 15) -> list[str]:
        """The texts of the messages so far, after waiting for so many."""
        for _ in range(int(seconds * 20)):
            if len(found := [data["text"] for name, data in self.heard if name == "message"]) >= count:
                return found
            threading.Event().wait(0.05)
        return found


def test_the_stream_brings_each_message_once_in_order_and_goes_on_where_it_was_left(person: Person) -> None:
    """Also for a second listener, and after the last number one has."""
    first = Listener(person)
    person.say("hello there")
    person.say("I failed therapy")
    kept = person.all()
    assert first.texts(7) == [m["text"] for m in kept]
    later = Listener(person, kept[4]["number"])
    assert later.texts(2) == [m["text"] for m in kept[5:]]
    assert ("typing", {"typing": True}) in first.heard
    assert first.heard[-1] == ("typing", {"typing": False})


def test_the_stream_says_that_the_conversation_was_erased_and_ends(person: Person) -> None:
    """So that no tab goes on showing it."""
    listener = Listener(person)
    listener.texts(1)
    assert person.http.delete(f"/{person.id}").status_code == 204
    assert listener.closed.wait(10)
    assert listener.heard[-1] == ("erased", {})


@pytest.mark.parametrize("path", ["events", "messages"])
def test_nothing_is_heard_without_the_secret(server: Server, person: Person, path: str) -> None:
    """The id alone opens nothing."""
    assert httpx.get(f"{server.url}/api/conversations/{person.id}/{path}").status_code == 404


def test_without_a_stream_news_can_be_waited_for(person: Person) -> None:
    """The answer comes when there is something, not when the time is over."""
    last = person.all()[-1]["number"]
    got: list[httpx.Response] = []
    url, asked = f"{person.http.base_url}{person.id}/messages", {"after": last, "wait": 25}
    waiting = threading.Thread(target=lambda: got.append(httpx.get(url, params=asked, headers=dict(person.http.headers), timeout=40)))
    waiting.start()
    person.say("hello there")
    waiting.join(20)
    assert not waiting.is_alive()
    assert got[0].json()["messages"][0]["text"] == "hello there"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with low limits that allows one other origin and stands behind one proxy."""
    folder: Path = tmp_path_factory.mktemp("strict")
    rates = {"REFRAME_RATE_CONVERSATIONS": "3/hour", "REFRAME_RATE_MESSAGES": "2/minute"}
    running = start({"DATABASE_URL": f"sqlite:///{folder / 'reframe.db'}", "REFRAME_ORIGINS": OTHER, "REFRAME_PROXIES": "1", **rates})
    yield running
    stop(running)


def begin(server: Server, address: str) -> httpx.Response:
    """A conversation begun from an address, as the proxy tells it."""
    return httpx.post(f"{server.url}/api/conversations/", headers={"X-Forwarded-For": address})


def test_too_much_is_refused_with_the_time_to_wait_and_only_for_whoever_it_was(strict: Server) -> None:
    """By address for beginning, by conversation for messages; the emergency number is named."""
    got = [begin(strict, "192.0.2.1") for _ in range(4)]
    assert [g.status_code for g in got] == [201, 201, 201, 429]
    assert 1 <= int(got[3].headers["Retry-After"]) <= 3600
    assert "emergency number" in got[3].json()["error"]["message"]
    other = begin(strict, "192.0.2.2").json()
    url, headers = f"{strict.url}/api/conversations/{other['id']}/messages", {"Authorization": f"Bearer {other['secret']}", "X-Forwarded-For": "192.0.2.2"}
    sent = [httpx.post(url, json={"text": f"hello {n}"}, headers=headers, timeout=60).status_code for n in range(3)]
    assert sent == [200, 200, 429]


def test_only_listed_origins_may_use_the_interface_from_their_pages(strict: Server) -> None:
    """Preflight and answer; never with credentials, never for everybody."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = httpx.options(f"{strict.url}/api/conversations/", headers={"Origin": OTHER, **asked})
    assert allowed.headers["Access-Control-Allow-Origin"] == OTHER
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    for stranger in (STRANGER, "null", f"{OTHER}.evil.example"):
        refused = httpx.options(f"{strict.url}/api/conversations/", headers={"Origin": stranger, **asked})
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert "Access-Control-Allow-Origin" not in httpx.get(f"{strict.url}/healthz", headers={"Origin": stranger}).headers
