"""Slack's Web API: https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/reference/block-kit."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Optional

import httpx

from tests.standins import StandIn

ROOM = re.compile(r"[CDGU][A-Z0-9]{2,}")
STAMP = re.compile(r"\d{10}\.\d{6}")
ELEMENTS = {"text": {"type", "text"}, "link": {"type", "url", "text"}}


TOKEN, SECRET = f"token-{secrets.token_hex(8)}", secrets.token_hex(16)
SETTINGS = {"reframe_slack_token": TOKEN, "reframe_slack_signing_secret": SECRET, "reframe_slack_api": "https://slack.example/api"}


@dataclass
class SlackStandIn(StandIn):
    """One workspace that knows one token."""

    token: str = TOKEN
    got: list[dict[str, Any]] = field(default_factory=list)
    scopes: Optional[str] = "chat:write,im:history"
    bot: bool = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What Slack would answer."""
        if request.method != "POST" or request.headers.get("authorization") != f"Bearer {self.token}":
            return refused("invalid_auth")
        if request.url.path.endswith("/auth.test"):
            headers = {} if self.scopes is None else {"x-oauth-scopes": self.scopes}
            return httpx.Response(200, json={"ok": True, "user_id": "U0BOT", **({"bot_id": "B0BOT"} if self.bot else {})}, headers=headers)
        return self.posted(request) if request.url.path.endswith("/chat.postMessage") else refused("unknown_method")

    def posted(self, request: httpx.Request) -> httpx.Response:
        """A message, if it keeps within the limits."""
        if not request.headers["content-type"].startswith("application/json"):
            return refused("invalid_post_type")
        message = json.loads(request.content)
        if wrong := wrong_with(message):
            return refused(wrong)
        self.got.append(message)
        return httpx.Response(200, json={"ok": True, "channel": message["channel"], "ts": "1700000000.000100"})

    def shown(self) -> list[str]:
        """What people see of each message, without its buttons."""
        return ["".join(e["text"] for s in m["blocks"][0]["elements"] for e in s["elements"]) for m in self.got]


def refused(error: str) -> httpx.Response:
    """Slack's way of saying no."""
    return httpx.Response(200, json={"ok": False, "error": error})


def wrong_with(message: dict[str, Any]) -> Optional[str]:
    """Slack's error for a message, or nothing."""
    if not ROOM.fullmatch(message.get("channel", "")):
        return "channel_not_found"
    if "thread_ts" in message and not STAMP.fullmatch(message["thread_ts"]):
        return "invalid_thread_ts"
    if not message.get("text"):
        return "no_text"
    if len(message["text"]) > 40_000:
        return "msg_too_long"
    blocks = message.get("blocks", [])
    return None if 1 <= len(blocks) <= 50 and all(map(sound, blocks)) else "invalid_blocks"


def sound(block: dict[str, Any]) -> bool:
    """Whether a block is within the limits; nothing but what the bot has reason to send."""
    elements = block.get("elements", [])
    if block["type"] == "rich_text":
        leaves = [leaf for section in elements for leaf in section["elements"]]
        return all(s["type"] == "rich_text_section" for s in elements) and all(map(_leaf, leaves)) and sum(len(leaf["text"]) for leaf in leaves) <= 3000
    names = [button["action_id"] for button in elements]
    return block["type"] == "actions" and 1 <= len(elements) <= 25 and len(set(names)) == len(names) and all(map(_button, elements))


def _leaf(leaf: dict[str, Any]) -> bool:
    url = leaf.get("url", "https://")
    return set(leaf) == ELEMENTS.get(leaf["type"]) and bool(leaf["text"]) and url.startswith("https://") and len(url) <= 3000


def _button(button: dict[str, Any]) -> bool:
    text = button["text"]
    labelled = button["type"] == "button" and text["type"] == "plain_text" and 1 <= len(text["text"]) <= 75
    return labelled and len(button["value"]) <= 2000 and len(button["action_id"]) <= 255
