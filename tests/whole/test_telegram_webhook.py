"""Telegram's webhook on a real server: believed or refused, answered at once, the turns after it, each update once and in order."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Iterable

import httpx
import pytest

from bot.desk.desk import ERASE
from bot.desk.standing import moment
from bot.store.conversations import Conversations
from bot.store.messages import Reply
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.store.test_desk import Answer, echo
from tests.store.test_messaging import KEYS
from tests.telegram_bot_api import PUBLIC, BotApi
from tests.whole.serving import listening

HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECONDS = 0.5
"""What the issue allows an answer to a platform to take."""


class House:
    """A server, and Telegram's side of it."""

    def __init__(self, url: str, api: BotApi, outbox: Outbox) -> None:
        self.http, self.api, self.outbox = httpx.AsyncClient(base_url=url), api, outbox

    async def post(self, *updates: dict[str, Any], secret: str | bytes | None = None) -> httpx.Response:
        """Updates as Telegram sends them, one a request; the last answer."""
        for update in updates:
            response = await self.http.post("/webhooks/telegram", headers={HEADER: self.api.secret if secret is None else secret}, json=update)
        return response

    def texts(self, chat: int = 7) -> list[str]:
        """What a chat was sent, without the notice."""
        return [message["text"] for message in self.api.sent if message["chat_id"] == chat and message["text"] != "I'm a program."]

    async def until(self, texts: Iterable[str]) -> None:
        """Wait until all these were sent to the person."""
        for _ in range(600):
            if set(texts) <= set(self.texts()):
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"never came: {self.texts()}")


@asynccontextmanager
async def running(store: Conversations, folder: Path, answer: Answer = echo) -> AsyncIterator[House]:
    """A server before the stand-in for Telegram."""
    api = BotApi()
    async with listening(store, folder, api.channel(), PUBLIC, answer) as (url, outbox):
        house = House(url, api, outbox)
        yield house
        await house.http.aclose()


def text(number: int, words: str, person: int = 7, kind: str = "private") -> dict[str, Any]:
    """An update with a message."""
    sender = {"id": person, "is_bot": False, "first_name": "x"}
    return {"update_id": number, "message": {"message_id": number, "date": 1, "from": sender, "chat": {"id": person, "type": kind}, "text": words}}


def press(number: int, payload: str) -> dict[str, Any]:
    """An update with a button."""
    return {"update_id": number, "callback_query": {"id": "42", "from": {"id": 7, "is_bot": False, "first_name": "x"}, "data": payload, "chat_instance": "1"}}


async def test_telegram_is_answered_at_once_while_the_turn_still_runs(store: Conversations, tmp_path: Path) -> None:
    """And redelivered, it is one message."""
    may_end = asyncio.Event()

    async def slow(words: str) -> list[Reply]:
        await may_end.wait()
        return [Reply(f"heard {words}")]

    async with running(store, tmp_path, slow) as house:
        begun = time.monotonic()
        for _ in range(3):
            response = await house.post(text(1, "hello"))
            assert (response.status_code, response.text) == (200, "")
        assert time.monotonic() - begun < 3 * SECONDS
        assert house.texts() == []
        may_end.set()
        await house.until(["heard hello"])
        await house.post(text(1, "hello"), text(2, "bye"))
        await house.until(["heard bye"])
        assert house.texts() == ["heard hello", "heard bye"]


async def test_messages_are_answered_in_their_order(store: Conversations, tmp_path: Path) -> None:
    """Also when the first takes longest."""

    async def slow_first(words: str) -> list[Reply]:
        await asyncio.sleep(0.3 if words == "one" else 0)
        return [Reply(f"heard {words}")]

    async with running(store, tmp_path, slow_first) as house:
        await house.post(*(text(number, words) for number, words in enumerate(["one", "two", "three"], 1)))
        await house.until(["heard three"])
        assert house.texts() == ["heard one", "heard two", "heard three"]


async def test_two_events_of_one_update_are_both_answered(store: Conversations, tmp_path: Path) -> None:
    """The words behind a command are not lost, and danger among them is met."""
    async with running(store, tmp_path) as house:
        await house.post(text(1, "/start I want to talk"), text(2, "/help I want to kill myself"), text(3, "bye"))
        await house.until(["heard I want to talk"])
        for _ in range(300):
            if len(house.texts()) >= 4:
                break
            await asyncio.sleep(0.02)
        first, care, help_, _ = house.texts()
        assert first == "heard I want to talk"
        assert "emergency number" in care
        assert "These people listen" in help_
        assert [m["text"] for m in house.api.sent].count("I'm a program.") == 1


@pytest.mark.parametrize("secret", ["", "guessed", b"\xff\xfe"])
async def test_forged_requests_are_refused_and_counted_and_nothing_of_them_is_kept(store: Conversations, tmp_path: Path, secret: str | bytes) -> None:
    """Also bytes that are no text."""
    async with running(store, tmp_path) as house:
        response = await house.post(text(1, "forged"), secret=secret)
        assert response.status_code == 403
        assert [(channel, count) for channel, _, count in house.outbox.rejections()] == [("telegram", 1)]
        await house.post(text(2, "real"))
        await house.until(["heard real"])
        assert house.texts() == ["heard real"]


async def test_what_cannot_be_read_is_said_and_what_is_not_known_is_passed_over(store: Conversations, tmp_path: Path) -> None:
    """Neither is an error of the server, and the next message is answered."""
    async with running(store, tmp_path) as house:
        broken = await house.http.post("/webhooks/telegram", headers={HEADER: house.api.secret}, content=b"{")
        assert broken.status_code == 400
        for update in ({}, {"update_id": 1}, {"update_id": 2, "hologram": {}}, {"update_id": 3, "message": "no message"}):
            assert (await house.post(update)).status_code == 200
        assert (await house.http.get("/webhooks/telegram")).status_code == 403
        picture = text(4, "")
        del picture["message"]["text"]
        await house.post({**picture, "message": {**picture["message"], "photo": []}})
        await house.until([moment("media")])


async def test_a_button_stops_spinning_and_is_heard(store: Conversations, tmp_path: Path) -> None:
    """By its own words; one that was never offered is no command."""

    async def offers(words: str) -> list[Reply]:
        return [Reply(f"heard {words}", ({"title": "Small shifts", "payload": "/reflect_small_shifts"},))]

    async with running(store, tmp_path, offers) as house:
        await house.post(text(1, "hello"))
        await house.until(["heard hello"])
        keyboard = house.api.sent[-1]["reply_markup"]["inline_keyboard"]
        response = await house.post(press(2, keyboard[0][0]["callback_data"]))
        assert json.loads(response.text) == {"method": "answerCallbackQuery", "callback_query_id": "42"}
        assert response.headers["content-type"] == "application/json"
        await house.until(["heard Small shifts"])
        await house.post(press(3, "/never_offered"))
        await house.until([moment("media")])


async def test_a_room_is_told_once_that_the_bot_answers_in_private(store: Conversations, tmp_path: Path) -> None:
    """And nothing of it is answered there."""
    async with running(store, tmp_path) as house:
        await house.post(text(1, "hi", -70, "supergroup"), text(2, "hi again", -70, "supergroup"), text(3, "hello"))
        await house.until(["heard hello"])
        assert [words[:37] for words in house.texts(-70)] == ["I'm a program that talks about therap"]


async def test_who_blocks_the_bot_is_written_to_again_when_they_write(store: Conversations, tmp_path: Path) -> None:
    """What was said to them meanwhile is told to supervisors."""
    async with running(store, tmp_path) as house:
        house.api.fates[7] = (403, "Forbidden: bot was blocked by the user", {})
        await house.post(text(1, "hello"))
        for _ in range(300):
            if house.outbox.dead_letters():
                break
            await asyncio.sleep(0.02)
        assert house.outbox.dead_letters()
        house.api.fates.clear()
        await house.post(text(2, "again"))
        await house.until(["heard again"])


async def test_erasing_by_a_button_leaves_nothing(store: Conversations, tmp_path: Path) -> None:
    """And says so."""

    async def offers(words: str) -> list[Reply]:
        return [Reply("erase?", ({"title": "Erase it", "payload": ERASE},))]

    async with running(store, tmp_path, offers) as house:
        await house.post(text(1, "hello"))
        await house.until(["erase?"])
        await house.post(press(2, ERASE))
        await house.until([moment("erased")])
        assert store.messages(Sealer(KEYS).pseudonym("telegram", "7")) == []


async def test_nothing_that_names_the_person_or_was_written_is_logged(store: Conversations, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nor the token, which stands in every address that is called, nor the secret."""
    caplog.set_level("INFO")
    async with running(store, tmp_path) as house:
        await house.post(text(1, "a very private sentence", person=987654321))
        for _ in range(300):
            if house.texts(987654321):
                break
            await asyncio.sleep(0.02)
        assert house.texts(987654321)
        ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
        assert not any(secret in ours for secret in ("very private", "987654321", house.api.token, house.api.secret))
