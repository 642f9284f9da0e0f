"""Programs started for a measurement: on a free port of the loopback, their output in a file, stopped at the end."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Mapping, Sequence

import httpx
import psutil

from bot.errors import ReframeError

START_SECONDS = 300.0
"""A program that takes longer is given up; how quick it is, is a figure of its own."""
STOP_SECONDS = 30.0
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


class NotStarted(ReframeError):
    """A program did not begin to answer."""


class Program:
    """One running program with whatever it started itself."""

    def __init__(self, words: Sequence[str], cwd: Path, log: Path, environment: Mapping[str, str]) -> None:
        """`words` are the command and its arguments; a command without a path is taken from where this Python is."""
        self.began, self.log = time.monotonic(), log
        command = [str(Path(sys.executable).parent / words[0]), *words[1:]]
        with log.open("ab") as out:  # a pipe that nobody reads would fill and stop the program
            self.process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **QUIET, **environment}, stdout=out, stderr=subprocess.STDOUT)
        atexit.register(self.kill)  # also when a measurement breaks off, nothing goes on running

    def wait(self) -> float:
        """Wait for its end; returns the seconds since it began. Raises NotStarted when it failed."""
        if self.process.wait():
            raise NotStarted(self._why())
        return time.monotonic() - self.began

    def until(self, url: str) -> float:
        """Wait until `url` answers with 200; returns the seconds since it began. Raises NotStarted when it ends before, or takes too long."""
        while time.monotonic() - self.began < START_SECONDS and self.process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                    return time.monotonic() - self.began
            time.sleep(0.05)
        raise NotStarted(self._why())

    def stop(self) -> None:
        """As Ctrl-C does; by force when that takes too long."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL: it can do nothing more."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def megabytes(self) -> float:
        """The memory it holds in RAM now (resident set), with that of its children."""
        whole = psutil.Process(self.process.pid)
        return float(sum(p.memory_info().rss for p in (whole, *whole.children(recursive=True)))) / 1e6

    def _why(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return "A program for the measurement ended or does not answer. The end of its output:\n" + "\n".join(lines)


def free_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
