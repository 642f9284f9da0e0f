"""Inside the image: start what it starts, wait until its health check passes, and talk to it. Only the standard library; used by steps.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

HERE = "http://127.0.0.1:5005"
SECONDS = 180


def asked(path: str, body: object = None, secret: str = "") -> object:
    """An answer of the interface."""
    data = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(HERE + path, data, {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}), timeout=60) as answer:
        return json.load(answer)


def status(path: str) -> int | None:
    """The status of a page, None while nobody listens."""
    try:
        with urlopen(HERE + path, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except (URLError, OSError):
        return None


def refuses_to_write() -> None:
    """The root cannot be written to, /data can."""
    for place in ("/app/x", "/app/bot/x", "/usr/local/x", "/etc/x"):
        try:
            Path(place).write_text("x")
        except OSError:
            continue
        raise SystemExit(f"{place} could be written to")
    Path("/data/x").write_text("x")
    Path("/data/x").unlink()


def talk() -> None:
    """A belief gets a reframe, danger gets help."""
    begun = asked("/api/conversations/", {})
    where = f"/api/conversations/{begun['id']}/messages"
    for text, wanted in (("I think I've failed therapy", "?"), ("I want to kill myself", "findahelpline.com")):
        said = "\n".join(message["text"] for message in asked(where, {"text": text}, begun["secret"])["messages"])
        if wanted not in said or "fault on my side" in said:
            raise SystemExit(f"to “{text}” it answered: {said}")


def main() -> None:
    """All of it; the status is 1 with a sentence when something is not so."""
    asked_for = json.loads(sys.argv[1])
    if os.getuid() == 0:
        raise SystemExit("this runs as root")
    refuses_to_write()
    server, began, loading = subprocess.Popen(asked_for["start"]), time.monotonic(), set()
    try:
        while subprocess.run(asked_for["health"], check=False, stderr=subprocess.DEVNULL).returncode:
            loading.add((status("/healthz"), status("/readyz")))
            if server.poll() is not None or time.monotonic() - began > SECONDS:
                raise SystemExit("it did not become healthy")
            time.sleep(0.5)
        if (200, 503) not in loading:
            raise SystemExit(f"while it loaded, /healthz and /readyz said {loading}")
        print(f"healthy after {time.monotonic() - began:.0f} s, as user {os.getuid()}, read-only, without network")
        if status("/readyz") != 200 or status("/widget.js") != 200 or status("/metrics") != 404:
            raise SystemExit("a page is not as it should be")
        talk()
        print("talked; stopping")
    finally:
        server.terminate()
        if server.wait(30) not in (0, -15):
            raise SystemExit(f"it ended with {server.returncode}")


if __name__ == "__main__":
    main()
