"""Meta's requests as they come over HTTP, before a running server."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from bot.channels.messenger import Messenger
from bot.store.conversations import Conversations
from bot.store.messages import Reply, now
from tests.standins.messenger import SECRET, SETTINGS, WORD, MetaStandIn, signature
from tests.store.test_desk import echo
from tests.whole.serving import Serving, serving, until

NOTICE = "I'm a program."


async def post(server: Serving, *entries: list[dict[str, Any]], secret: str = SECRET, **headers: str) -> httpx.Response:
    """A delivery with an entry for each list of events, signed as Meta signs, its text escaped as Meta escapes it."""
    body = json.dumps({"object": "page", "entry": [{"id": "900", "time": 1, "messaging": events} for events in entries]}).encode()
    return await server.http.post("/webhooks/messenger", content=body, headers={"X-Hub-Signature-256": signature(body, secret), **headers})


def said(text: str, number: int, person: str = "1111", **more: Any) -> dict[str, Any]:
    """A message."""
    return {"sender": {"id": person}, "recipient": {"id": "900"}, "timestamp": number, "message": {"mid": f"m_{number}", "text": text, **more}}


def shown(stand_in: MetaStandIn, person: str = "1111") -> list[str]:
    """What one person sees."""
    return [m["message"]["text"] for m in stand_in.got if m["recipient"]["id"] == person]


async def test_it_is_answered_at_once_and_once_while_the_turn_still_runs(store: Conversations) -> None:
    """However often Meta brings it again."""
    may_end, stand_in = asyncio.Event(), MetaStandIn()

    async def slow(text: str) -> list[Reply]:
        await may_end.wait()
        return [Reply(f"heard {text}")]

    async with serving(store, Messenger(SETTINGS, stand_in.client()), slow) as server:
        for _ in range(3):
            begun = time.monotonic()
            assert (await post(server, [said("grüße 👋", 1)])).status_code == 200
            assert time.monotonic() - begun < 0.5
        await until(lambda: stand_in.shown() == [NOTICE], stand_in.shown)
        may_end.set()
        await post(server, [said("bye", 2)])
        await until(lambda: len(stand_in.got) >= 3, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard grüße 👋", "heard bye"]


async def test_of_a_batch_every_message_is_answered_in_order(store: Conversations) -> None:
    """Over several entries and several people, and the danger in the last one is not lost."""
    stand_in = MetaStandIn()
    read = {"sender": {"id": "1111"}, "read": {"watermark": 1}}
    async with serving(store, Messenger(SETTINGS, stand_in.client()), echo) as server:
        await post(server, [read, said("one", 1), said("hello", 2, "2222"), said("echo", 3, "900", is_echo=True)], [said("two", 4), said("I want to die", 5)])
        await until(lambda: len(stand_in.got) == 6, stand_in.shown)
        assert shown(stand_in)[:3] == [NOTICE, "heard one", "heard two"]
        assert "findahelpline" in shown(stand_in)[3] or "emergency number" in shown(stand_in)[3]
        assert shown(stand_in, "2222") == [NOTICE, "heard hello"]


@pytest.mark.parametrize("headers", [{"secret": "another"}, {"X-Hub-Signature-256": ""}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}])
async def test_what_is_forged_is_refused_and_counted(store: Conversations, headers: dict[str, str]) -> None:
    """Nothing of it is kept; the word of the registration is asked for too."""
    stand_in = MetaStandIn()
    async with serving(store, Messenger(SETTINGS, stand_in.client()), echo) as server:
        assert (await post(server, [said("forged", 1)], **headers)).status_code == 403
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "another"}
        assert (await server.http.get("/webhooks/messenger", params=query)).status_code == 403
        await post(server, [said("real", 1)])
        await until(lambda: len(stand_in.got) == 2, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard real"]
        assert server.outbox.rejections() == [("messenger", now().date(), 2)]


async def test_the_address_is_registered_by_its_word(store: Conversations) -> None:
    """With the challenge, in plain text; what cannot be read is told."""
    async with serving(store, Messenger(SETTINGS, MetaStandIn().client()), echo) as server:
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": WORD}
        answer = await server.http.get("/webhooks/messenger", params=query)
        assert (answer.status_code, answer.text, answer.headers["content-type"].split(";")[0]) == (200, "1158201444", "text/plain")
        bad = await server.http.post("/webhooks/messenger", content=b"{", headers={"X-Hub-Signature-256": signature(b"{")})
        assert bad.status_code == 400


async def test_who_begins_is_told_once_what_this_is(store: Conversations) -> None:
    """By the button, brought twice, before the first message."""
    stand_in = MetaStandIn()
    begun = {"sender": {"id": "1111"}, "timestamp": 1, "postback": {"mid": "m_0", "title": "Get started", "payload": "GET_STARTED"}}
    async with serving(store, Messenger(SETTINGS, stand_in.client()), echo) as server:
        await post(server, [begun])
        await post(server, [begun, said("hello", 1)])
        await until(lambda: len(stand_in.got) >= 2, stand_in.shown)
        assert stand_in.shown() == [NOTICE, "heard hello"]


async def test_a_choice_is_taken_by_pressing_and_by_its_number(store: Conversations) -> None:
    """Where its title was too long for a quick reply."""
    stand_in = MetaStandIn()

    async def offers(_: str) -> list[Reply]:
        return [Reply("which?", ({"title": "Looking back at a therapy", "payload": "/reflect_looking_back"}, {"title": "Something else", "payload": "/deny"}))]

    async with serving(store, Messenger(SETTINGS, stand_in.client()), offers) as server:
        await post(server, [said("hello", 1)])
        await until(lambda: len(stand_in.got) == 2, stand_in.shown)
        choice = stand_in.got[1]["message"]["quick_replies"][0]
        await post(server, [said(choice["title"], 2, quick_reply={"payload": choice["payload"]})], [said("2", 3)])
        await until(lambda: len(stand_in.got) == 4, stand_in.shown)
        name = server.sealer.pseudonym("messenger", "1111")
        mine = [(m.text, m.payload) for m in store.messages(name) if m.author == "person"]
        assert mine == [("hello", None), ("Looking back at a therapy", "/reflect_looking_back"), ("Something else", "/deny")]
