"""A stand-in for Telegram's Bot API: holds what it gets against the published limits, and refuses what the real one would, in its words."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Callable, Union
from urllib.parse import urlsplit

import httpx

from bot.channels.splitting import utf16
from bot.channels.telegram import Telegram

ADDRESS = "https://api.telegram.test"
PUBLIC = "https://chat.example.org"
Refusal = tuple[int, str, dict[str, Any]]


class Refused(Exception):
    """What the interface says instead of a result."""


def new_token() -> str:
    """In the form of a bot's token, and nobody's."""
    return f"{secrets.randbelow(10**10)}:{secrets.token_urlsafe(26)}"


def no_server(request: httpx.Request) -> httpx.Response:
    """Nobody at home at the webhook."""
    raise httpx.ConnectError("refused", request=request)


@dataclass
class BotApi:
    """One bot. `fates` are chats that cannot be written to, `next` what happens to the next calls, `served` answers at the webhook's address."""

    token: str = field(default_factory=new_token)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    fates: dict[int, Refusal] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    webhook: dict[str, Any] = field(default_factory=lambda: {"url": "", "pending_update_count": 0})
    told_secret: str = ""
    next: list[Union[httpx.Response, Exception]] = field(default_factory=list)
    served: Callable[[httpx.Request], httpx.Response] = no_server

    def channel(self) -> Telegram:
        """The channel under test, whose every request ends here."""
        return Telegram(self.token, self.secret, ADDRESS, httpx.AsyncClient(transport=httpx.MockTransport(self.answer)))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As the real one answers."""
        if request.url.host != urlsplit(ADDRESS).hostname:
            return self.served(request)
        if self.next:
            answer = self.next.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        try:
            return httpx.Response(200, json={"ok": True, "result": self._called(request)})
        except Refused as refused:
            return refusal(*refused.args)

    def _called(self, request: httpx.Request) -> Any:
        found = re.fullmatch(r"/bot([^/]*)/(\w+)", request.url.path)
        if not found or not re.fullmatch(r"\d+:[\w-]+", found[1]):
            raise Refused(404, "Not Found")
        if found[1] != self.token:
            raise Refused(401, "Unauthorized")
        given = json.loads(request.content)
        self.calls.append((found[2], given))
        methods: dict[str, Callable[[dict[str, Any]], Any]] = {
            "getMe": lambda _: {"id": 1, "is_bot": True, "first_name": "Reframe", "username": "reframe_bot"},
            "getWebhookInfo": lambda _: self.webhook,
            "setWebhook": self._set_webhook,
            "sendMessage": self._send_message,
        }
        if found[2] not in methods:
            raise Refused(404, "Not Found: method not found")
        return methods[found[2]](given)

    def _set_webhook(self, given: dict[str, Any]) -> bool:
        url = urlsplit(given["url"])
        if url.scheme != "https":
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if (url.port or 443) not in (443, 80, 88, 8443):
            raise Refused(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", given.get("secret_token", "")):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook.update(url=given["url"], allowed_updates=given["allowed_updates"])
        self.told_secret = given["secret_token"]
        return True

    def _send_message(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["chat_id"] in self.fates:
            raise Refused(*self.fates[given["chat_id"]])
        text = given["text"].strip()
        if not text:
            raise Refused(400, "Bad Request: message text is empty")
        if utf16(text) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        if given.get("parse_mode") and re.search(r"[<&_*\[`]", text):
            raise Refused(400, "Bad Request: can't parse entities")
        if given.get("message_thread_id") not in {None, *self.threads}:
            raise Refused(400, "Bad Request: message thread not found")
        buttons = [button for row in given.get("reply_markup", {}).get("inline_keyboard", []) for button in row]
        if any(not button["text"].strip() for button in buttons):
            raise Refused(400, "Bad Request: inline keyboard button text must be non-empty")
        if any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in buttons):
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        self.sent.append(given)
        return {"message_id": len(self.sent), "date": 1, "chat": {"id": given["chat_id"], "type": "private"}, "text": text}


def refusal(status: int, description: str, parameters: dict[str, Any] | None = None) -> httpx.Response:
    """A refusal in Telegram's form."""
    return httpx.Response(status, json={"ok": False, "error_code": status, "description": description, **({"parameters": parameters} if parameters else {})})
