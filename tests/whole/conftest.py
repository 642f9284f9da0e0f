"""A server as a person starts it: its own process, its own database, a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest
from sqlalchemy.engine import make_url

from bot.desk.consenting import AGREE, YES
from bot.settings import ROOT

REFRAME = ROOT / ".venv" / "bin" / "reframe"
START_SECONDS = 120
"""Only so that a server that never starts does not hold up the tests; how quick it is, is measured elsewhere."""

RATES = {"REFRAME_RATE_CONVERSATIONS": "10000/hour", "REFRAME_RATE_REQUESTS": "100000/minute", "REFRAME_RATE_MESSAGES": "1000/minute"}
"""For servers to which everyone comes from one address."""


@dataclass
class Server:
    """A running server."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]


def start(environment: dict[str, str]) -> Server:
    """Start a server and wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**(beside(environment["DATABASE_URL"]) if "sqlite" in environment["DATABASE_URL"] else {}), **environment}
    given = {**os.environ, "REFRAME_PORT": str(port), **environment}
    port = int(given["REFRAME_PORT"])
    process = subprocess.Popen([REFRAME, "serve"], env=given, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", environment, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ready = httpx.get(f"{server.url}/readyz")
        except httpx.TransportError:
            ready = None
        if ready and ready.is_success:
            return server
        time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the server did not start: {process.communicate()[0]}")


def beside(database_url: str) -> dict[str, str]:
    """Keys, spool and inbox next to a SQLite file."""
    folder = Path(str(make_url(database_url).database)).parent
    return {f"REFRAME_{name.upper()}": str(folder / name) for name in ("keys", "spool", "inbox")}


def stop(server: Server) -> None:
    """As Ctrl-C does."""
    server.process.terminate()
    server.process.wait(30)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that only talk to it."""
    running = start({"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('server') / 'reframe.db'}", **RATES})
    yield running
    stop(running)


class Person:
    """A client of the HTTP interface, who agrees that what they write is kept unless told otherwise."""

    def __init__(self, server: Server, agrees: bool = True) -> None:
        self.http = httpx.Client(base_url=f"{server.url}/api/conversations", timeout=60)
        begun = self.http.post("/")
        assert begun.status_code == 201
        self.id, self.secret, self.greeted = (begun.json()[k] for k in ("id", "secret", "messages"))
        self.http.headers["Authorization"] = f"Bearer {self.secret}"
        if agrees:
            self.press(AGREE)

    def post(self, body: Any) -> httpx.Response:
        """Any body."""
        return self.http.post(f"/{self.id}/messages", json=body)

    def say(self, text: str) -> str:
        """Text in, all replies out."""
        response = self.post({"text": text})
        assert response.status_code == 200, response.text
        return "\n".join(m["text"] for m in response.json()["messages"])

    def press(self, payload: str) -> str:
        """A button in, all replies out."""
        response = self.post({"button": payload})
        assert response.status_code == 200, response.text
        return "\n".join(m["text"] for m in response.json()["messages"])

    def all(self) -> list[dict[str, Any]]:
        """The conversation as the page would load it."""
        return list(self.http.get(f"/{self.id}/messages").json()["messages"])

    def read(self) -> list[dict[str, Any]]:
        """The same without the yes at its beginning and what was answered to it."""
        said = self.all()
        yes = {m["number"] for m in said if m["from"] == "person" and m["text"] == YES["title"]}
        return [m for m in said if m["number"] not in yes and m["answers"] not in yes]


@pytest.fixture
def person(server: Server) -> Person:
    """Someone new."""
    return Person(server)


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where a failing page test leaves its picture."""
    return tmp_path
