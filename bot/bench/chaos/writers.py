"""People who do as the widget does: one message after the other, each sent again under its name until it is answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.bench.product import Product, ProductTalk

AGAIN_SECONDS = 0.5
"""After so long what was not answered is sent again."""
HANG_UP_SECONDS = 2.0
"""Who does not stay waits so long: an answer takes longer while the database is locked."""
SETTLE_LOOKS = 40
"""So many seconds after the storm a message that nobody waits for may still be answered."""
DANGER = "I want to kill myself"


@dataclass
class Sent:
    """A message with the name its sender gave it and the answer that was shown at once, or the status it was refused with.

    An answer that came past the database has the `number` 0.
    """

    client_id: str
    text: str
    shown: list[dict[str, Any]] = field(default_factory=list)
    attempts: int = 0
    refused: int | None = None

    @property
    def danger(self) -> bool:
        """Whether it has to be answered with help."""
        return self.text == DANGER


@dataclass
class Writer:
    """One person. `stays` or closes the page for good when an answer takes long. `kept` is the conversation as it was read at the end."""

    texts: list[str]
    stays: bool = True
    sent: list[Sent] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    talk: ProductTalk | None = None

    @property
    def left(self) -> bool:
        """Whether they closed the page before they had an answer."""
        return not self.stays and any(message.attempts and not message.shown for message in self.sent)

    async def write(self, side: Product, http: httpx.AsyncClient) -> None:
        """All messages, however often the server is away."""
        self.talk = await _begun(side, http)
        for number, text in enumerate(self.texts):
            message = Sent(f"m{number}", text)
            self.sent.append(message)
            await (_send_until_answered if self.stays else _send_once)(self.talk, message)
            if not message.shown:
                return

    async def read(self) -> None:
        """What was kept in the end, when all of it is answered or has had its time. Raises httpx.HTTPError when it cannot be read."""
        for _ in range(SETTLE_LOOKS):
            self.kept = await self.talk.stored() if self.talk else []
            answered = {row["answers"] for row in self.kept}
            if all(row["number"] in answered for row in self.kept if row["from"] == "person"):
                return
            await asyncio.sleep(1)


async def _begun(side: Product, http: httpx.AsyncClient) -> ProductTalk:
    while True:
        try:
            return await side.begin(http)
        except httpx.HTTPError:
            await asyncio.sleep(AGAIN_SECONDS)


async def _send_once(talk: ProductTalk, message: Sent) -> None:
    message.attempts = 1
    with suppress(httpx.HTTPError):
        message.shown = (await talk.send({"text": message.text, "client_id": message.client_id}, HANG_UP_SECONDS))["messages"]


async def _send_until_answered(talk: ProductTalk, message: Sent) -> None:
    while True:
        message.attempts += 1
        try:
            message.shown = (await talk.send({"text": message.text, "client_id": message.client_id}))["messages"]
        except httpx.HTTPStatusError as error:
            if error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                message.refused = error.response.status_code
                return
        except httpx.HTTPError:
            pass
        else:
            return
        await asyncio.sleep(AGAIN_SECONDS)
