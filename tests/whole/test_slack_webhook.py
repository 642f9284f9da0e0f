"""Slack's requests as they come over HTTP, before a running server."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.channels.slack import Slack
from bot.store.conversations import Conversations
from bot.store.messages import Reply, now
from tests.standins.slack import SECRET, SETTINGS, SlackStandIn
from tests.store.test_desk import echo
from tests.whole.serving import Serving, serving, until

NOTICE = "I'm a program."


async def post(server: Serving, body: str, content_type: str = "application/json; charset=utf-8", secret: str = SECRET, **headers: str) -> httpx.Response:
    """A request signed by Slack's own library."""
    at = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body) or ""
    signed = {"Content-Type": content_type, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature, **headers}
    return await server.http.post("/webhooks/slack", content=body.encode(), headers=signed)


def message(text: str, number: int = 1, **more: Any) -> str:
    """The event of a direct message."""
    inner = {"type": "message", "channel_type": "im", "channel": "D0ANN", "user": "U0ANN", "text": text, "ts": f"1700000000.00000{number}", **more}
    return json.dumps({"type": "event_callback", "event_id": secrets.token_hex(4), "event": inner}, ensure_ascii=False)


async def test_it_is_answered_at_once_and_once_while_the_turn_still_runs(store: Conversations) -> None:
    """However often Slack brings it again."""
    may_end, stand_in = asyncio.Event(), SlackStandIn()

    async def slow(text: str) -> list[Reply]:
        await may_end.wait()
        return [Reply(f"heard {text}")]

    async with serving(store, Slack(SETTINGS, stand_in.client()), slow) as server:
        for attempt in range(3):
            begun = time.monotonic()
            headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"} if attempt else {}
            assert (await post(server, message("grüße 👋"), **headers)).status_code == 200
            assert time.monotonic() - begun < 0.5
        await until(lambda: stand_in.shown() == [NOTICE], stand_in.shown)
        may_end.set()
        await post(server, message("bye", 2))
        await until(lambda: len(stand_in.got) >= 3, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard grüße 👋", "heard bye"]


async def test_quick_messages_are_answered_in_order_each_in_its_thread(store: Conversations) -> None:
    """And in the room they came from."""
    stand_in = SlackStandIn()
    async with serving(store, Slack(SETTINGS, stand_in.client()), echo) as server:
        for number, text in enumerate(("one", "two", "three"), 1):
            await post(server, message(text, number, thread_ts="1690000000.000000"))
        await until(lambda: len(stand_in.got) == 4, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard one", "heard two", "heard three"]
        assert {(m["channel"], m["thread_ts"]) for m in stand_in.got} == {("D0ANN", "1690000000.000000")}


@pytest.mark.parametrize("headers", [{"secret": "another"}, {"X-Slack-Signature": ""}, {"X-Slack-Request-Timestamp": "1"}])
async def test_what_is_forged_is_refused_and_counted(store: Conversations, headers: dict[str, str]) -> None:
    """Nothing of it is kept."""
    stand_in = SlackStandIn()
    async with serving(store, Slack(SETTINGS, stand_in.client()), echo) as server:
        assert (await post(server, message("forged"), **headers)).status_code == 403
        assert (await server.http.get("/webhooks/slack")).status_code == 403
        await post(server, message("real"))
        await until(lambda: len(stand_in.got) == 2, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard real"]
        assert server.outbox.rejections() == [("slack", now().date(), 2)]


async def test_the_address_is_verified_and_what_cannot_be_read_is_told(store: Conversations) -> None:
    """By the challenge, in plain text."""
    async with serving(store, Slack(SETTINGS, SlackStandIn().client()), echo) as server:
        answer = await post(server, json.dumps({"type": "url_verification", "challenge": "abc"}))
        assert (answer.status_code, answer.text, answer.headers["content-type"].split(";")[0]) == (200, "abc", "text/plain")
        assert (await post(server, "{")).status_code == 400


async def test_a_button_that_was_offered_is_its_command_and_another_is_not(store: Conversations) -> None:
    """With the message it was in and without."""
    stand_in = SlackStandIn()
    heard = []

    async def offers(text: str) -> list[Reply]:
        heard.append(text)
        return [Reply("which?", ({"title": "Small shifts", "payload": "/reflect_small_shifts"},))]

    async with serving(store, Slack(SETTINGS, stand_in.client()), offers) as server:
        await post(server, message("hello"))
        await until(lambda: len(stand_in.got) == 2, stand_in.shown)
        (button,) = stand_in.got[1]["blocks"][1]["elements"]
        for number, value in enumerate((button["value"], "/restart")):
            action = {"type": "button", "value": value, "text": button["text"], "action_ts": f"1.{number}"}
            payload = {"type": "block_actions", "user": {"id": "U0ANN"}, "channel": {"id": "D0ANN"}, "actions": [action]}
            payload |= {"message": {"ts": "1700000001.000001"}} if number else {}
            await post(server, urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded")
        await until(lambda: len(stand_in.got) == 4, stand_in.shown)
        name = server.sealer.pseudonym("slack", "U0ANN")
        mine = [(m.text, m.payload) for m in store.messages(name) if m.author == "person"]
        assert mine == [("hello", None), ("Small shifts", "/reflect_small_shifts"), ("Small shifts", None)]


async def test_a_room_is_told_once_and_a_mention_that_comes_twice_is_one(store: Conversations) -> None:
    """As a mention and as a message of the room."""
    stand_in = SlackStandIn()
    room = {"channel": "C0ROOM", "channel_type": "channel"}
    async with serving(store, Slack(SETTINGS, stand_in.client()), echo) as server:
        for kind in ("app_mention", "message"):
            await post(server, message("<@U0BOT> I want to *kill* myself", 1, **{**room, "type": kind}))
        await post(server, message("hello"))
        await until(lambda: len(stand_in.got) == 3, stand_in.shown)
        assert [m["channel"] for m in stand_in.got].count("C0ROOM") == 1
