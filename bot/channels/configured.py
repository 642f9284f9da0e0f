"""Which messaging apps are on: those whose settings are all there. None is on unless it was configured, and one that is so in part does not start."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from bot.channels.messaging import Channel, NotConfigured
from bot.channels.messenger import Messenger
from bot.channels.slack import Slack
from bot.channels.telegram import telegram_of
from bot.channels.twilio import Sms, WhatsApp

Make = Callable[[Mapping[str, Any]], Channel]
TWILIO = ("reframe_twilio_account", "reframe_twilio_token")
MAKERS: dict[str, tuple[tuple[str, ...], Make]] = {
    "messenger": (("reframe_messenger_token", "reframe_messenger_app_secret", "reframe_messenger_verify"), Messenger),
    "slack": (("reframe_slack_token", "reframe_slack_signing_secret"), Slack),
    "sms": ((*TWILIO, "reframe_twilio_number"), Sms),
    "telegram": (("reframe_telegram_token", "reframe_telegram_secret"), telegram_of),
    "whatsapp": ((*TWILIO, "reframe_twilio_whatsapp"), WhatsApp),
}
"""A channel's name, the settings it needs, and how it is made of them."""


def channels_of(settings: Mapping[str, Any], public_url: str) -> list[Channel]:
    """The channels of an installation. Raises NotConfigured with the names of what is missing, never with what is there."""
    made = []
    for name, (needed, make) in MAKERS.items():
        if not any(settings[key] for key in _own(name)):
            continue
        missing = [key.upper() for key in needed if not settings[key]]
        if missing or not public_url:
            lacking = ", ".join(missing or ["REFRAME_PUBLIC_URL"])
            raise NotConfigured(f"The channel {name} does not start: {lacking} is missing. Set it, or empty its other settings (docs/channels/{name}.md).")
        made.append(make(settings))
    _nothing_idle(settings, made)
    return made


def _own(name: str) -> list[str]:
    """The settings that turn a channel on: those that no other needs."""
    return [key for key in MAKERS[name][0] if all(key not in needed for other, (needed, _) in MAKERS.items() if other != name)]


def _nothing_idle(settings: Mapping[str, Any], made: list[Channel]) -> None:
    """What several channels share turns none of them on, but set without any of them it is a mistake. Raises NotConfigured."""
    used = {key for channel in made for key in MAKERS[channel.name][0]}
    for key, name in ((key, name) for name, (needed, _) in MAKERS.items() for key in needed):
        if settings[key] and key not in used:
            others = " or ".join(own.upper() for other, (needed, _) in MAKERS.items() if key in needed for own in _own(other))
            raise NotConfigured(f"{key.upper()} is set, but {others} is missing. Set it, or empty the other (docs/channels/{name}.md).")
