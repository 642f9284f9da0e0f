"""A conversation by way of telegram-test-api, which others wrote: connected, spoken to, answered, a button pressed."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Iterator

import httpx
import pytest

from bot.channels.telegram import Telegram
from bot.desk.standing import moment
from bot.settings import ROOT
from bot.store.conversations import Conversations
from bot.store.messages import Reply
from tests.telegram_bot_api import PUBLIC, BotApi
from tests.whole.serving import listening

HERE, NODE = ROOT / "tests" / "telegram_emulator", ROOT / ".venv" / "bin" / "node"
BUTTON = {"title": "Small <shifts> & *more*", "payload": "/reflect_small_shifts"}


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """Its address. Where it is not installed the tests are skipped, except where everything has to run."""
    if not (HERE / "node_modules" / "telegram-test-api").exists():
        unable = pytest.fail if os.environ.get("REFRAME_TEST_EVERYTHING") else pytest.skip
        unable("the emulator is not installed: npm ci --prefix tests/telegram_emulator")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([NODE, HERE / "server.js", str(port)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


class Client:
    """Somebody's Telegram app."""

    def __init__(self, emulator: str, token: str, person: int) -> None:
        self.http, self.token, self.person = httpx.AsyncClient(base_url=emulator), token, person

    async def does(self, what: str, **fields: Any) -> None:
        """Send a message, a command or a callback."""
        sender, chat = {"id": self.person, "first_name": "x", "is_bot": False}, {"id": self.person, "type": "private"}
        (await self.http.post(f"/{what}", json={"botToken": self.token, "from": sender, "chat": chat, "date": 1, **fields})).raise_for_status()

    async def reads(self, number: int) -> list[dict[str, Any]]:
        """So many messages of the bot, in their order."""
        read: list[dict[str, Any]] = []
        for _ in range(600):
            answer = await self.http.post("/getUpdates", json={"token": self.token, "chatId": self.person})
            read += [update["message"] for update in answer.json()["result"]]
            if len(read) >= number:
                return read
            await asyncio.sleep(0.02)
        pytest.fail(f"never came: {read}")


async def talks(text: str) -> list[Reply]:
    """An agent with something of everything."""
    return [Reply("A sentence. " * 500)] if text == "long" else [Reply(f"heard <b>{text}</b> & *{text}*", (BUTTON,))]


@asynccontextmanager
async def talking(store: Conversations, folder: Path, emulator: str, person: int) -> AsyncIterator[Client]:
    """A server connected to the emulator, and a person who talks to it."""
    api = BotApi()
    channel = Telegram(api.token, api.secret, emulator)
    async with listening(store, folder, channel, PUBLIC, talks) as (url, _):
        await channel.connect(url)
        client = Client(emulator, api.token, person)
        yield client
        await client.http.aclose()


async def test_a_conversation_with_a_button_and_a_long_answer(store: Conversations, tmp_path: Path, emulator: str) -> None:
    """Begun by /start, with what it is said first; marks arrive as they are."""
    async with talking(store, tmp_path, emulator, 7) as ann:
        await ann.does("sendCommand", text="/start", entities=[{"type": "bot_command", "offset": 0, "length": 6}])
        assert [message["text"] for message in await ann.reads(1)] == ["I'm a program."]
        await ann.does("sendMessage", text="hello")
        (said,) = await ann.reads(1)
        assert said["text"] == "heard <b>hello</b> & *hello*"
        ((button,),) = said["reply_markup"]["inline_keyboard"]
        assert button["text"] == BUTTON["title"]
        await ann.does("sendCallback", message={"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}, data=button["callback_data"])
        (said,) = await ann.reads(1)
        assert said["text"].startswith(f"heard <b>{BUTTON['title']}")
        await ann.does("sendMessage", text="long")
        parts = [message["text"] for message in await ann.reads(2)]
        assert [len(part) <= 4096 for part in parts] == [True, True]
        assert " ".join(parts).split() == ("A sentence. " * 500).split()


async def test_what_cannot_be_read_and_danger_are_answered(store: Conversations, tmp_path: Path, emulator: str) -> None:
    """By honest words, and by help."""
    async with talking(store, tmp_path, emulator, 8) as ben:
        await ben.does("sendMessage", sticker={"emoji": "😭"})
        assert [message["text"] for message in await ben.reads(2)] == ["I'm a program.", moment("media")]
        await ben.does("sendMessage", text="I want to kill myself tonight")
        (care,) = await ben.reads(1)
        assert "emergency number" in care["text"]
