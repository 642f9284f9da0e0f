"""Rasa's own commands, as any Rasa user runs them."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Iterator

import httpx
import pytest

from bot.reframing.loading import load
from bot.settings import ROOT

RASA = ROOT / ".venv" / "bin" / "rasa"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def begin(*words: str) -> subprocess.Popen[bytes]:
    """A Rasa command in the background, its output away."""
    return subprocess.Popen([RASA, *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers."""
    for _ in range(600):
        assert process.poll() is None, f"the process before {url} ended"
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`rasa run actions`, and the file that names it."""
    port = free_port()
    process = begin("run", "actions", "--port", str(port))
    path = tmp_path_factory.mktemp("rasa") / "endpoints.yml"
    path.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n", encoding="utf-8")
    wait_for(f"http://127.0.0.1:{port}/health", process)
    yield path
    process.kill()


def test_rasa_run_answers_with_the_action_server(endpoints: Path) -> None:
    """Over the REST channel of `credentials.yml`."""
    port = free_port()
    process = begin("run", "--port", str(port), "--endpoints", str(endpoints))
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        said = httpx.post(f"http://127.0.0.1:{port}/webhooks/rest/webhook", json={"sender": "x", "message": "I think I've failed therapy"}, timeout=60).json()
        assert any(line.text in " ".join(m["text"] for m in said) for line in load().beliefs["failed_therapy"].reframes)
    finally:
        process.kill()


def test_rasa_shell_talks(endpoints: Path) -> None:
    """Fed by a pipe."""
    given = b"I think I've failed therapy\n/stop\n"
    words = ["shell", "--endpoints", str(endpoints), "--port", str(free_port())]
    result = subprocess.run([RASA, *words], cwd=ROOT, input=given, capture_output=True, timeout=250, check=False)
    assert any(line.text.encode() in result.stdout for line in load().beliefs["failed_therapy"].reframes)


def test_every_belief_and_follow_up_is_recognised_and_led_to_its_action(tmp_path: Path) -> None:
    """`rasa test` over the conversations in tests/conversations, from the words to the action."""
    words = ["test", "core", "--e2e", "--model", "models", "--stories", "tests/conversations", "--fail-on-prediction-errors", "--no-plot"]
    words += ["--out", str(tmp_path)]
    result = subprocess.run([RASA, *words], cwd=ROOT, capture_output=True, timeout=250, check=False)
    assert result.returncode == 0, result.stdout.decode()[-2000:]
