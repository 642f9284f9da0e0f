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

from bot.settings import ROOT

REFRAME = ROOT / ".venv" / "bin" / "reframe"
START_SECONDS = 120
"""Only so that a server that never starts does not hold up the tests; how quick it is, is measured elsewhere."""


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


def stop(server: Server) -> None:
    """As Ctrl-C does."""
    server.process.terminate()
    server.process.wait(30)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that only talk to it."""
    # Everyone here comes from one address.
    rates = {"REFRAME_RATE_CONVERSATIONS": "10000/hour", "REFRAME_RATE_REQUESTS": "100000/minute", "REFRAME_RATE_MESSAGES": "1000/minute"}
    running = start({"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('server') / 'reframe.db'}", **rates})
    yield running
    stop(running)


class Person:
    """A client of the HTTP interface."""

    def __init__(self, server: Server) -> None:
        self.http = httpx.Client(base_url=f"{server.url}/api/conversations", timeout=60)
        begun = self.http.post("/")
        assert begun.status_code == 201
        self.id, self.secret, self.greeted = (begun.json()[k] for k in ("id", "secret", "messages"))
        self.http.headers["Authorization"] = f"Bearer {self.secret}"

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

    def read(self) -> list[dict[str, Any]]:
        """The conversation as the page would load it."""
        return list(self.http.get(f"/{self.id}/messages").json()["messages"])


@pytest.fixture
def person(server: Server) -> Person:
    """Someone new."""
    return Person(server)


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where a failing page test leaves its picture."""
    return tmp_path
