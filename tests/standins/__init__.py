"""Platforms as tests meet them: they check what they are sent against the published limits, and refuse as the real ones do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

import httpx

from bot.channels.messaging import Channel, NotBelieved, Received

PUBLIC = "https://chat.example"


@dataclass(kw_only=True)
class StandIn:
    """A platform, and the bot's own server at its public address, behind one client.

    `trouble` is what is answered instead, one for each request to the platform; `status` is what another server at the public address would answer.
    """

    trouble: list[httpx.Response | Exception] = field(default_factory=list)
    server: Optional[Channel] = None
    status: Optional[int] = None

    def client(self) -> httpx.AsyncClient:
        """Whose requests come here."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self.handle))

    def handle(self, request: httpx.Request) -> httpx.Response:
        """By whoever was called, or trouble."""
        if str(request.url).startswith(PUBLIC):
            return self.at_home(request)
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the platform would answer."""
        raise NotImplementedError

    def at_home(self, request: httpx.Request) -> httpx.Response:
        """What the bot's server would answer."""
        if self.server is None:
            raise httpx.ConnectError("nobody there")
        if self.status or request.url.path != f"/webhooks/{self.server.name}":
            return httpx.Response(self.status or 404, text="another server")
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(request.method, str(request.url), headers, dict(request.url.params), request.content)
        try:
            self.server.verify(received)
        except NotBelieved:
            return httpx.Response(403)
        return httpx.Response(200, text=self.server.parse(received).returned)
