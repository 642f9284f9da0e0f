"""Which messaging apps are on: those whose settings are all there. None is on unless it was configured, and one that is so in part does not start."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from bot.channels.messaging import Channel, NotConfigured
from bot.channels.messenger import Messenger
from bot.channels.slack import Slack
from bot.channels.telegram import telegram_of

Make = Callable[[Mapping[str, Any]], Channel]
MAKERS: dict[str, tuple[tuple[str, ...], Make]] = {
    "messenger": (("reframe_messenger_token", "reframe_messenger_app_secret", "reframe_messenger_verify"), Messenger),
    "slack": (("reframe_slack_token", "reframe_slack_signing_secret"), Slack),
    "telegram": (("reframe_telegram_token", "reframe_telegram_secret"), telegram_of),
}
"""A channel's name, the settings it needs, and how it is made of them."""


def channels_of(settings: Mapping[str, Any], public_url: str) -> list[Channel]:
    """The channels of an installation. Raises NotConfigured with the names of what is missing, never with what is there."""
    made = []
    for name, (needed, make) in MAKERS.items():
        missing = [key.upper() for key in needed if not settings[key]]
        if len(missing) == len(needed):
            continue
        if missing or not public_url:
            lacking = ", ".join(missing or ["REFRAME_PUBLIC_URL"])
            raise NotConfigured(f"The channel {name} does not start: {lacking} is missing. Set it, or empty its other settings (docs/channels/{name}.md).")
        made.append(make(settings))
    return made
