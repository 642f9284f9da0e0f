"""Whether a Telegram bot works: its token, its address, its secret, and what Telegram could not deliver."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Optional
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.channels.messaging import posted
from bot.channels.telegram.methods import Methods
from bot.channels.telegram.updates import HEARD
from bot.desk.courier import SendError

PORTS = (443, 80, 88, 8443)
"""The ports that Telegram calls (core.telegram.org/bots/api#setwebhook)."""
RECENT_SECONDS = 3600
"""A problem of Telegram's is told for so long after it happened, if nothing waits to be delivered any more."""
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header
CONNECT = "Run `reframe channel connect telegram`."


class WebhookInfo(BaseModel):
    """What Telegram knows of the address (core.telegram.org/bots/api#webhookinfo)."""

    url: str = ""
    pending_update_count: int = 0
    last_error_date: int = 0
    last_error_message: str = ""
    allowed_updates: Optional[list[str]] = None


async def problems(methods: Methods, address: str, secret: str) -> list[str]:
    """What is wrong, a sentence or two each. `address` is the one that Telegram has to call."""
    try:
        await methods.call("getMe")
        info = WebhookInfo.parse_obj(await methods.call("getWebhookInfo"))
    except SendError as error:
        return [str(error)]
    return [*_registered(info, address), *_delivered(info), *await _served(methods, address, secret)]


def _registered(info: WebhookInfo, address: str) -> list[str]:
    parts = urlsplit(address)
    found = []
    if parts.scheme != "https" or (parts.port or 443) not in PORTS:
        found.append(f"Telegram only calls addresses with https and the port {', '.join(map(str, PORTS))}. Change REFRAME_PUBLIC_URL.")
    if not info.url:
        found.append(f"Telegram has no address to call. {CONNECT}")
    elif info.url != address:
        found.append(f"Telegram calls {info.url}, but this server is {address}. {CONNECT}")
    if missing := [kind for kind in HEARD if info.url and info.allowed_updates is not None and kind not in info.allowed_updates]:
        found.append(f"Telegram does not tell the bot of: {', '.join(missing)}. {CONNECT}")
    return found


def _delivered(info: WebhookInfo) -> list[str]:
    found = []
    if info.pending_update_count:
        found.append(f"{info.pending_update_count} update(s) wait at Telegram. If they still do in a minute, what follows says why.")
    recent = time.time() - info.last_error_date < RECENT_SECONDS
    if info.last_error_message and (recent or info.pending_update_count):
        at = datetime.fromtimestamp(info.last_error_date, timezone.utc)
        found.append(f"At {at:%Y-%m-%d %H:%M} UTC Telegram could not deliver: {info.last_error_message}.")
        if "403" in info.last_error_message:
            found.append(f"403 says that Telegram was told another secret than REFRAME_TELEGRAM_SECRET. {CONNECT}")
    return found


async def _served(methods: Methods, address: str, secret: str) -> list[str]:
    """Call the address as Telegram would, with an update in which nothing happened."""
    try:
        response = await posted(methods.client, address, headers={SECRET: secret}, json={"update_id": 0})
    except SendError:
        return [f"No server answers as it has to at {address}, seen from this machine. Start `reframe serve`, and look at the proxy before it."]
    if response.status_code == 403:
        return [f"The server at {address} runs with another secret than these settings have. Start it anew with them."]
    if not response.is_success:
        return [f"The server at {address} does not know this channel ({response.status_code}). Start it anew, and let the proxy pass on all of /webhooks."]
    return []
