"""Meta's Graph API for Messenger: https://developers.facebook.com/docs/messenger-platform/reference/send-api and its limits."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Optional

import httpx

from tests.standins import PUBLIC, StandIn

APP = "1517776481860111"
LATE = "4444"
"""Somebody who wrote more than a day ago."""
PEOPLE = frozenset(("1111", "2222", "3333", LATE))


TOKEN, SECRET, WORD = (secrets.token_hex(16) for _ in range(3))
SETTINGS = {
    "reframe_messenger_token": TOKEN,
    "reframe_messenger_app_secret": SECRET,
    "reframe_messenger_verify": WORD,
    "reframe_messenger_api": "https://graph.example/v21.0",
}
PAGE = {"object": "page", "callback_url": f"{PUBLIC}/webhooks/messenger", "active": True}


def signature(body: bytes, secret: str = SECRET, by: str = "sha256") -> str:
    """As Meta's documentation of X-Hub-Signature-256 describes it."""
    return f"{by}={hmac.new(secret.encode(), body, by).hexdigest()}"


@dataclass
class MetaStandIn(StandIn):
    """One page and one app, which know one token and one secret."""

    token: str = TOKEN
    secret: str = SECRET
    got: list[dict[str, Any]] = field(default_factory=list)
    fields: tuple[str, ...] = ("messages", "messaging_postbacks", "message_edits")
    subscriptions: tuple[dict[str, Any], ...] = (PAGE,)
    of_a_page: bool = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What Meta would answer."""
        path = request.url.path.split("/", 2)[2]
        if path == f"{APP}/subscriptions":
            mine = request.headers["authorization"] == f"Bearer {APP}|{self.secret}"
            return httpx.Response(200, json={"data": list(self.subscriptions)}) if mine else refused(190)
        return self.of_the_page(request, path)

    def of_the_page(self, request: httpx.Request, path: str) -> httpx.Response:
        """What needs the page's token and, with it, the proof that the app's secret is known."""
        if request.headers["authorization"] != f"Bearer {self.token}":
            return refused(190)
        if request.url.params["appsecret_proof"] != hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest():
            return refused(100)
        if path == "app":
            return httpx.Response(200, json={"id": APP})
        if path == "me/subscribed_apps":
            return httpx.Response(200, json={"data": [{"id": APP, "subscribed_fields": list(self.fields)}]}) if self.of_a_page else refused(100)
        return self.posted(json.loads(request.content)) if (request.method, path) == ("POST", "me/messages") else refused(100)

    def posted(self, message: dict[str, Any]) -> httpx.Response:
        """A message, if it keeps within the limits and its person can be written to."""
        person = message["recipient"]["id"]
        if person not in PEOPLE:
            return refused(100, 2018001)
        if person == LATE:
            return refused(10, 2018278)
        if message["messaging_type"] != "RESPONSE" or not sound(message["message"]):
            return refused(100)
        self.got.append(message)
        return httpx.Response(200, json={"recipient_id": person, "message_id": f"m_{len(self.got)}"})

    def shown(self) -> list[str]:
        """What people see of each message, without its choices."""
        return [m["message"]["text"] for m in self.got]


def refused(code: int, subcode: Optional[int] = None, status: int = 400, **headers: str) -> httpx.Response:
    """Meta's way of saying no."""
    error = {"message": f"(#{code}) of somebody", "type": "OAuthException", "code": code, "fbtrace_id": "Axyz"}
    return httpx.Response(status, json={"error": {**error, **({"error_subcode": subcode} if subcode else {})}}, headers=headers)


def sound(message: dict[str, Any]) -> bool:
    """Whether a message is within the limits."""
    choices = message.get("quick_replies", [{"content_type": "text", "title": "x", "payload": "x"}])
    fit = all(c["content_type"] == "text" and 1 <= len(c["title"]) <= 20 and 1 <= len(c["payload"]) <= 1000 for c in choices)
    return set(message) <= {"text", "quick_replies"} and 1 <= len(message["text"]) <= 2000 and 1 <= len(choices) <= 13 and fit
