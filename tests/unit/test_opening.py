"""What the server's port says until the model is loaded."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import httpx
import pytest

from bot.channels.starting import NoPort, Starting


@pytest.fixture
def address() -> Iterator[str]:
    """A server that is starting."""
    starting = Starting("127.0.0.1", 0)
    yield f"http://127.0.0.1:{starting.socket.getsockname()[1]}"
    starting.over().close()


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/healthz", 200), ("GET", "/readyz", 503), ("GET", "/", 503), ("HEAD", "/", 503)])
def test_it_lives_and_is_not_ready(address: str, method: str, path: str, status: int) -> None:
    """Only the question whether it lives gets a yes."""
    assert httpx.request(method, address + path).status_code == status


def test_whoever_writes_is_told_in_words_to_try_again(address: str) -> None:
    """With the emergency number, and in how many seconds."""
    answer = httpx.post(f"{address}/api/conversations/c/messages", json={"text": "x" * 500_000})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"]["code"] == "starting"
    assert "emergency number" in answer.json()["error"]["message"]


def test_somebody_who_hangs_up_or_says_nonsense_harms_nobody(address: str, capfd: pytest.CaptureFixture[str]) -> None:
    """And where they came from is not written anywhere."""
    port = int(address.rsplit(":", 1)[1])
    for said in (b"", b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(said)
    assert httpx.get(f"{address}/healthz").status_code == 200
    assert "127.0.0.1" not in "".join(capfd.readouterr())


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    """With what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NoPort, match="REFRAME_PORT"):
        Starting("127.0.0.1", taken.getsockname()[1])


def test_whoever_comes_in_between_is_served_by_what_comes_after() -> None:
    """The port is never closed."""
    starting = Starting("127.0.0.1", 0)
    port = starting.socket.getsockname()[1]
    after = starting.over()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, f"http://127.0.0.1:{port}/")
        line, _ = after.accept()
        line.recv(1000)
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        line.close()
        assert asked.result(10).status_code == 204
    after.close()
