"""A server from its first moment: it lives, is not ready, and then is; and what Prometheus sees of it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Optional

import httpx

from bot.bench.processes import free_port
from bot.settings import ROOT
from tests.whole.conftest import REFRAME, START_SECONDS

STATES = {200: "yes", 503: "no"}


def asked(url: str) -> Optional[str]:
    """Yes, no, or None while nobody listens."""
    with suppress(httpx.TransportError):
        return STATES[httpx.get(url, timeout=10).status_code]
    return None


def measured(url: str) -> dict[str, str]:
    """Measures without labels, by name; nothing while nobody listens."""
    with suppress(httpx.TransportError):
        return dict(re.findall(r"^(reframe_[a-z_]+) ([0-9.e+]+)$", httpx.get(url, timeout=10).text, re.MULTILINE))
    return {}


def test_it_lives_at_once_is_ready_when_the_model_is_there_and_never_refuses_a_line(tmp_path: Path) -> None:
    """The measures say the same, on their own port and not on that of people."""
    port, metrics = free_port(), free_port()
    url, seen = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}/metrics"
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/reframe.db", "REFRAME_PORT": str(port), "REFRAME_METRICS_PORT": str(metrics)}
    process = subprocess.Popen([REFRAME, "serve"], env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lived, ready, loaded = [], [], set()
    try:
        deadline = time.monotonic() + START_SECONDS
        while "yes" not in ready and time.monotonic() < deadline:
            lived.append(asked(f"{url}/healthz"))
            if lived[-1]:
                loaded.add(measured(seen).get("reframe_model_loaded"))
                ready.append(asked(f"{url}/readyz"))
            time.sleep(0.1)
        heard = lived[lived.index("yes") :]
        assert set(heard) == {"yes"}
        assert ready[0] == "no"
        assert ready[-1] == "yes"
        assert None not in ready
        assert "0.0" in loaded
        found = measured(seen)
        assert (found["reframe_model_loaded"], found["reframe_database_up"], found["reframe_spool_depth"]) == ("1.0", "1.0", "0.0")
        assert httpx.get(f"{url}/metrics").status_code == 404
    finally:
        process.terminate()
        assert process.wait(30) is not None


def test_the_console_shows_prometheus_who_waits_on_a_port_of_its_own(tmp_path: Path) -> None:
    """And not on that of supporters."""
    port, metrics = free_port(), free_port()
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/reframe.db", "REFRAME_KEYS": f"{tmp_path}/keys", "REFRAME_CONSOLE_PORT": str(port)}
    environment["REFRAME_CONSOLE_METRICS_PORT"] = str(metrics)
    words = [REFRAME, "console", "serve"]
    process = subprocess.Popen(words, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline, found = time.monotonic() + START_SECONDS, dict[str, str]()
        while found.get("reframe_queue_up") != "1.0" and time.monotonic() < deadline:
            found = measured(f"http://127.0.0.1:{metrics}/metrics")
            time.sleep(0.2)
        assert (found["reframe_queue_up"], found["reframe_queue_held"], found["reframe_supporters_on_duty"]) == ("1.0", "0.0", "0.0")
        assert 'reframe_queue_depth{need="immediate"} 0.0' in httpx.get(f"http://127.0.0.1:{metrics}/metrics", timeout=10).text
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).status_code == 404
    finally:
        process.terminate()
        assert process.wait(30) is not None
