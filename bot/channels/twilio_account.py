"""An account at Twilio: sending, and looking at what it has (https://www.twilio.com/docs/usage/api)."""

from __future__ import annotations

from typing import Any, Mapping

import httpx

from bot.channels.messaging import TIMEOUT, posted
from bot.channels.twilio_errors import judge


class Refused(Exception):
    """Twilio answers, but not with what was asked for. The text is for whoever configures the channel."""


class Account:
    """One account, by its SID and token."""

    def __init__(self, sid: str, token: str, api: str, client: httpx.AsyncClient) -> None:
        self.sid, self.client, api = sid, client, api.rstrip("/")
        self.client.auth = httpx.BasicAuth(sid, token)
        self.address = f"{api}/2010-04-01/Accounts/{sid}"
        self.messaging: str = api.replace("//api.", "//messaging.", 1)
        """Services and senders have a host of their own."""

    async def send(self, message: Mapping[str, str]) -> None:
        """A new message (https://www.twilio.com/docs/messaging/api/message-resource). Raises a SendError."""
        judge(await posted(self.client, f"{self.address}/Messages.json", data=message))

    async def look(self, url: str, **query: str) -> dict[str, Any]:
        """What Twilio has there. Raises Refused, or an error of httpx when it cannot be reached."""
        response = await self.client.get(url, params=query, timeout=TIMEOUT)
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Refused("Twilio does not accept REFRAME_TWILIO_ACCOUNT with REFRAME_TWILIO_TOKEN. Both are on the first page of its console.")
        if response.status_code == httpx.codes.NOT_FOUND:
            raise Refused(
                "Twilio does not know the account or the messaging service. Compare REFRAME_TWILIO_ACCOUNT and REFRAME_TWILIO_NUMBER with its console."
            )
        try:
            response.raise_for_status()
            said: dict[str, Any] = response.json()
        except (httpx.HTTPStatusError, ValueError):
            raise Refused(f"Twilio answers with status {response.status_code}, which this check cannot read. Try again in some minutes.") from None
        return said
