"""Telegram: a webhook with a secret, messages as plain text, buttons as an inline keyboard (core.telegram.org/bots/api, /bots/faq)."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import Any, Mapping, Optional

import httpx

from bot.channels.messaging import Heard, NotBelieved, NotConfigured, Received
from bot.channels.speaking import parted, said
from bot.channels.telegram.checking import SECRET, problems
from bot.channels.telegram.methods import Methods, NotThere
from bot.channels.telegram.reading import TELEGRAM, heard
from bot.channels.telegram.updates import HEARD
from bot.channels.webhooks import PREFIX
from bot.desk.courier import Part, SendError
from bot.errors import ReframeError
from bot.store.messages import Reply

LONGEST = 4096
"""UTF-16 units of a message."""
LONGEST_PAYLOAD = 64
"""Bytes of a button's payload."""
TOKEN_FORM, SECRET_FORM = re.compile(r"\d+:[A-Za-z0-9_-]+"), re.compile(r"[A-Za-z0-9_-]{1,256}")


class NotConnected(ReframeError):
    """Telegram did not take the address."""


class Telegram:
    """A Telegram bot."""

    name = TELEGRAM
    pace = "25/second"
    """A little under the thirty a second after which Telegram asks for patience."""

    def __init__(self, token: str, secret: str, api: str, client: Optional[httpx.AsyncClient] = None) -> None:
        """`secret` is what Telegram sends along, `api` the address of its interface."""
        self.secret = secret
        self.methods = Methods(token, api, client or httpx.AsyncClient())

    def verify(self, request: Received) -> None:
        """Telegram signs nothing, no time either; it proves itself by the secret. A request sent again holds the same update, which is one message."""
        shown = request.headers.get(SECRET.lower(), "")
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self.secret.encode()):
            raise NotBelieved

    def parse(self, request: Received) -> Heard:
        """One update."""
        return heard(request.json())

    def parts(self, reply: Reply) -> list[Part]:
        """As many messages as it takes, with the buttons under the last. A payload that is too long for Telegram turns all buttons into numbered choices."""
        text = said(reply)
        pressable = all(len(button["payload"].encode()) <= LONGEST_PAYLOAD for button in reply.buttons)
        if not pressable:
            text += "\n\n" + "\n".join(f"{number}. {button['title']}" for number, button in enumerate(reply.buttons, 1))
        return parted(reply if pressable else replace(reply, buttons=()), LONGEST, text)

    async def send(self, address: dict[str, str], part: Part) -> None:
        """Send one message; where a thread is gone, outside of it, and where a group became a supergroup, there. Raises a SendError."""
        message: dict[str, Any] = {"text": part.text, "link_preview_options": {"is_disabled": True}}  # no parse_mode: signs of markup are signs
        if part.buttons:
            message["reply_markup"] = {"inline_keyboard": [[{"text": b["title"], "callback_data": b["payload"]}] for b in part.buttons]}
        chat, thread = int(address["chat"]), {"message_thread_id": int(address["thread"])} if "thread" in address else {}
        try:
            await self.methods.call("sendMessage", chat_id=chat, **thread, **message)
        except NotThere as error:
            await self.methods.call("sendMessage", chat_id=error.chat or chat, **message)

    async def check(self, public_url: str) -> list[str]:
        """What is wrong with token, address, secret and deliveries, seen from here and from Telegram."""
        return await problems(self.methods, self.address(public_url), self.secret)

    async def connect(self, public_url: str) -> str:
        """Tell Telegram which address to call, with which secret and of which updates; returns the address. What waits there is kept.

        Raises NotConnected when Telegram does not take it.
        """
        address = self.address(public_url)
        try:
            await self.methods.call("setWebhook", url=address, secret_token=self.secret, allowed_updates=list(HEARD))
        except SendError as error:
            raise NotConnected(f"The address {address} was not registered. {error}") from None
        return address

    def address(self, public_url: str) -> str:
        """The address that Telegram calls."""
        return f"{public_url.rstrip('/')}{PREFIX}/{self.name}"


def telegram_of(settings: Mapping[str, Any]) -> Telegram:
    """The channel of an installation. Raises NotConfigured when token or secret cannot be one."""
    token, secret = settings["reframe_telegram_token"], settings["reframe_telegram_secret"]
    if not TOKEN_FORM.fullmatch(token):
        raise NotConfigured("REFRAME_TELEGRAM_TOKEN is no token: it is a number, a colon, and letters, as @BotFather gives it (docs/channels/telegram.md).")
    if not SECRET_FORM.fullmatch(secret):
        raise NotConfigured("REFRAME_TELEGRAM_SECRET may hold 1 to 256 of A-Z, a-z, 0-9, _ and - only. Choose another (docs/channels/telegram.md).")
    return Telegram(token, secret, settings["reframe_telegram_api"])
