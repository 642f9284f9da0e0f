"""Our own server, started as `reframe serve` on a database of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Sequence

import httpx

from bot.bench.processes import Program, free_port
from bot.bench.talking import REPLY_SECONDS
from bot.settings import ROOT

SERVE = ("reframe", "serve")
UNBOUNDED = "10000000/minute"
"""All load comes from one address, so nothing is refused."""


@dataclass(frozen=True)
class ProductTalk:
    """A conversation over the interface of the widget."""

    http: httpx.AsyncClient
    url: str
    headers: dict[str, str]

    async def say(self, text: str) -> tuple[str, ...]:
        """What is answered. Raises httpx.HTTPError when nothing comes."""
        return tuple(m["text"] for m in (await self.send({"text": text}))["messages"])

    async def send(self, body: dict[str, Any], seconds: float = REPLY_SECONDS) -> dict[str, Any]:
        """Any body; hangs up when no answer comes for so long. Raises httpx.HTTPError when it is not taken."""
        response = await self.http.post(f"{self.url}/messages", json=body, headers=self.headers, timeout=seconds)
        response.raise_for_status()
        return dict(response.json())

    async def stored(self) -> list[dict[str, Any]]:
        """The conversation as it is kept. Raises httpx.HTTPError when it cannot be read."""
        response = await self.http.get(f"{self.url}/messages", headers=self.headers)
        response.raise_for_status()
        return list(response.json()["messages"])

    async def listen(self, seen: set[int]) -> None:
        """Hold the stream as an open widget does, and note the numbers of the messages that come; until cancelled."""
        async with self.http.stream("GET", f"{self.url}/events", headers=self.headers, timeout=None) as response:
            async for row in response.aiter_lines():
                if row.startswith("id: "):
                    seen.add(int(row[4:]))


class Product:
    """A running server. `seconds` is how long it took from its start until it was ready."""

    name = "product"

    def __init__(self, folder: Path, words: Sequence[str] = SERVE, port: Optional[int] = None) -> None:
        """Everything it keeps lies in `folder`; started there again, it goes on with it. Raises NotStarted."""
        port = port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.url, self.environment = f"http://127.0.0.1:{port}", environment(folder, port)
        self.program = Program(words, ROOT, folder / "log", self.environment)
        self.seconds = self.program.until(f"{self.url}/readyz")

    async def begin(self, http: httpx.AsyncClient) -> ProductTalk:
        """A new conversation. Raises httpx.HTTPError when it cannot be begun."""
        response = await http.post(f"{self.url}/api/conversations/")
        response.raise_for_status()
        begun = response.json()
        return ProductTalk(http, f"{self.url}/api/conversations/{begun['id']}", {"Authorization": f"Bearer {begun['secret']}"})

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.program.stop()

    def megabytes(self) -> float:
        """The memory it holds."""
        return self.program.megabytes()

    def processor_seconds(self) -> float:
        """The processor time it has taken since its start."""
        return self.program.processor_seconds()


def environment(folder: Path, port: int = 0) -> dict[str, str]:
    """The settings of a server whose everything lies in one folder, without limits of rate, and which asks nobody for leave, as the reference does not."""
    rates = {f"REFRAME_RATE_{what}": UNBOUNDED for what in ("MESSAGES", "CONVERSATIONS", "REQUESTS")}
    places = {f"REFRAME_{what.upper()}": str(folder / what) for what in ("spool", "keys", "inbox")}
    own = {"REFRAME_HOST": "127.0.0.1", "REFRAME_PORT": str(port), "REFRAME_LOG_LEVEL": "WARNING", "REFRAME_CONSENT": "false"}
    return {"DATABASE_URL": f"sqlite:///{folder / 'reframe.db'}", **own, **rates, **places}
