"""What is wrong with the configuration of Messenger, in words: the token, the secret, what the page is subscribed to, the address, the word."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Mapping

import httpx

from bot.channels.messaging import TIMEOUT
from bot.channels.payloads import held, list_of, text_of

FIELDS = ("messages", "messaging_postbacks")
"""What the page has to be subscribed to; others do no harm."""
BAD_ARGUMENT = "100"
"""The code with which Meta refuses a proof made with another secret."""
TOKEN_HELP = "Make a new page access token, and set it."  # noqa: S105  # no secret


@dataclass(frozen=True)
class Check:
    """What is asked, with whose rights."""

    client: httpx.AsyncClient
    api: str
    headers: Mapping[str, str]
    proof: str
    secret: str

    async def problems(self, address: str, word: str) -> list[str]:
        """A sentence for each."""
        return [*await self._credentials(address), *await self._handshake(address, word)]

    async def _credentials(self, address: str) -> list[str]:
        app = await self._asked("app", self.headers, fields="id")
        code = text_of(app, "error", "code")
        if code == BAD_ARGUMENT:
            return ["REFRAME_MESSENGER_APP_SECRET is not the secret of the app that REFRAME_MESSENGER_TOKEN belongs to."]
        if code:
            return [f"Meta does not accept REFRAME_MESSENGER_TOKEN (code {code}). {TOKEN_HELP}"]
        if not (number := text_of(app, "id")):
            return ["Meta does not answer at REFRAME_MESSENGER_API."]
        return [*await self._page(number), *await self._webhook(number, address)]

    async def _page(self, app: str) -> list[str]:
        """Meta sends only what the page is subscribed to."""
        answer = await self._asked("me/subscribed_apps", self.headers)
        if held(answer, "error"):
            return [f"REFRAME_MESSENGER_TOKEN is not of a page, or lacks the permission pages_manage_metadata. {TOKEN_HELP}"]
        mine = [fields for one in list_of(answer, "data") if text_of(one, "id") == app for fields in list_of(one, "subscribed_fields")]
        return [f"The page is not subscribed to {field}. Add it under Messenger API Settings, Webhooks." for field in FIELDS if field not in mine]

    async def _webhook(self, app: str, address: str) -> list[str]:
        """Asked with the app's own rights, which are its id and secret."""
        own = {"Authorization": f"Bearer {app}|{self.secret}"}
        answer = await self._asked(f"{app}/subscriptions", own)
        pages = [one for one in list_of(answer, "data") if text_of(one, "object") == "page"]
        if not pages:
            return [f"No address is registered for the page's messages. Enter {address} under Messenger API Settings, Webhooks."]
        if text_of(pages[0], "callback_url") != address:
            return [f"Meta calls another address than {address}. Enter this one, or set REFRAME_PUBLIC_URL."]
        return [] if held(pages[0], "active") is not False else ["The webhook is switched off at Meta. Enter the address again."]

    async def _handshake(self, address: str, word: str) -> list[str]:
        """Does what Meta does when the address is entered."""
        challenge = secrets.token_hex(8)
        query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": challenge}
        try:
            response = await self.client.get(address, params=query, timeout=TIMEOUT)
        except httpx.HTTPError:
            return [f"{address} does not answer. The server has to run, and REFRAME_PUBLIC_URL to be its address as the internet sees it."]
        if response.status_code == 403:
            return [f"{address} does not know the word of REFRAME_MESSENGER_VERIFY. Start the server again with the same settings."]
        if response.text != challenge:
            return [f"{address} does not answer as Reframe does (status {response.status_code}). REFRAME_PUBLIC_URL may be wrong, or the server older."]
        return []

    async def _asked(self, path: str, headers: Mapping[str, str], **params: str) -> Any:
        """What Meta answers; nothing where it does not."""
        proof = {"appsecret_proof": self.proof} if headers is self.headers else {}
        try:
            response = await self.client.get(f"{self.api}/{path}", params={**params, **proof}, headers=headers, timeout=TIMEOUT)
            return response.json()
        except (httpx.HTTPError, ValueError):
            return None
