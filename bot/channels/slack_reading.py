"""What comes from Slack, read as arrivals: events, pressed buttons, slash commands. A person's words are read as they saw them when they wrote.

The shapes are those of Slack's reference: https://docs.slack.dev/reference/events and https://docs.slack.dev/reference/interaction-payloads.
"""

from __future__ import annotations

import html
import logging
import re
from typing import Any, Iterator, Mapping, Optional

from bot.channels.payloads import held, list_of, text_of
from bot.desk.arrivals import Arrival, Kind

log = logging.getLogger(__name__)
NAME = "slack"
NOTICES = re.compile(
    r"(?:bot|channel|group|reminder|tabbed)_|message_(?:deleted|replied)|(?:un)?pinned_item|assistant_app_thread|document_mention|ekm_access_denied"
    r"|huddle_thread|joiner_notification|sh_room_created|tombstone"
)
"""Subtypes of messages that tell of something and that nobody wrote. One that is not listed is taken for a person's words."""
TROUBLE = {
    "app_uninstalled": "the app was taken out of the workspace; nothing can be sent until it is installed again",
    "tokens_revoked": "tokens of the app were revoked; if the bot's is among them nothing can be sent until the app is installed again",
    "app_rate_limited": "it holds events back, because there are too many",
}
MEDIA = {"image": "picture", "audio": "voice", "video": "video"}
CONTROL = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
MARKS = re.compile(r"(?<!\w)[*_~`]+(?=\S)|(?<=\S)[*_~`]+(?!\w)")
LINES = ("rich_text", "rich_text_list")
"""Nodes of rich text whose children stand below each other."""


def event(body: Any) -> Iterator[Arrival]:
    """What an envelope of the Events API holds."""
    inner = held(body, "event")
    kind = text_of(inner, "type") if inner else text_of(body, "type")
    if kind in TROUBLE:
        log.warning("Slack says that %s (docs/channels/slack.md)", TROUBLE[kind])
    elif kind == "member_joined_channel" and text_of(inner, "user") in _ourselves(body):
        yield _heard(inner, f"{text_of(inner, 'channel')} {text_of(inner, 'event_ts')}", "")
    elif kind in ("message", "app_mention"):
        yield from _changed(inner) if text_of(inner, "subtype") == "message_changed" else _written(inner)


def interaction(payload: Any) -> Iterator[Arrival]:
    """What a person pressed or chose; it is answered in private wherever that was."""
    user = text_of(payload, "user", "id")
    shortcut = text_of(payload, "type") in ("shortcut", "message_action")
    actions = list_of(payload, "actions") or ([payload] if shortcut else [])
    for action in actions if user else []:
        value = text_of(action, "value") or text_of(action, "selected_option", "value") or None
        name = f"{user} {text_of(action, 'action_ts') or text_of(payload, 'trigger_id')}"
        title = text_of(action, "text", "text")
        yield Arrival(NAME, name, user, _room(payload, user), text=title, payload=value, media=None if value or title else "button")


def command(form: Mapping[str, str]) -> Iterator[Arrival]:
    """A slash command. It is seen by nobody else, so it is answered in private, also when it was written in a room."""
    user, text = form.get("user_id", ""), plain(form.get("text", ""))
    if user and form.get("command"):
        kind: Kind = "help" if text.lower() == "help" else "message" if text else "began"
        yield Arrival(NAME, f"{user} {form.get('trigger_id', '')}", user, {"channel": user}, kind, text)


def spoken(message: Any) -> str:
    """The words of a message as its writer saw them: without markup, with pictures for the names of emoji."""
    rich = [block for block in list_of(message, "blocks") if text_of(block, "type") == "rich_text"]
    return "\n".join(map(_shown, rich)).strip() or plain(text_of(message, "text"))


def plain(text: str) -> str:
    """Slack's markup as plain text: https://docs.slack.dev/messaging/formatting-message-text. Somebody's bare id is left out."""
    linked = CONTROL.sub(lambda found: found[2] or ("" if found[1][:1] in ("@", "#", "!") else found[1]), text)
    return html.unescape(MARKS.sub("", linked)).strip()


def _written(message: Any) -> Iterator[Arrival]:
    if _by_a_person(message) and not NOTICES.match(text_of(message, "subtype")):
        yield _heard(message, f"{text_of(message, 'channel')} {text_of(message, 'ts')}", spoken(message), media=_media(message))


def _changed(change: Any) -> Iterator[Arrival]:
    """A person changed their words. Slack tells of previews of links in the same way, and then the words are the same."""
    message, text = held(change, "message"), spoken(held(change, "message"))
    if _by_a_person(message) and text and text != spoken(held(change, "previous_message")):
        name = f"{text_of(change, 'channel')} {text_of(message, 'ts')} {text_of(message, 'edited', 'ts') or text_of(change, 'event_ts')}"
        whole = {**message, "channel": text_of(change, "channel"), "channel_type": text_of(change, "channel_type")}
        yield _heard(whole, name, text, edited=True)


def _heard(message: Any, name: str, text: str, media: Optional[str] = None, *, edited: bool = False) -> Arrival:
    """An arrival of the person, or of the room where several are."""
    room = text_of(message, "channel")
    private = text_of(message, "channel_type") in ("im", "app_home") or room.startswith("D")
    address = {"channel": room}
    if (thread := text_of(message, "thread_ts")) and thread != text_of(message, "ts"):
        address["thread"] = thread
    if not private:
        return Arrival(NAME, name, room, address, "group", text)
    return Arrival(NAME, name, text_of(message, "user"), address, "edited" if edited else "message", text, media=media)


def _by_a_person(message: Any) -> bool:
    return text_of(message, "user") not in ("", "USLACKBOT") and not text_of(message, "bot_id")


def _ourselves(body: Any) -> set[str]:
    return {text_of(one, "user_id") for one in list_of(body, "authorizations") if held(one, "is_bot")}


def _room(payload: Any, user: str) -> dict[str, str]:
    """The direct message in which a button was, with its thread, or that of the user."""
    room = text_of(payload, "channel", "id")
    if not room.startswith("D"):
        return {"channel": user}
    thread, own = text_of(payload, "message", "thread_ts"), text_of(payload, "message", "ts")
    return {"channel": room, "thread": thread} if thread and thread != own else {"channel": room}


def _media(message: Any) -> Optional[str]:
    files = list_of(message, "files")
    if files:
        return MEDIA.get(text_of(files[0], "mimetype").partition("/")[0], "file")
    return None if spoken(message) else "attachment"


def _shown(node: Any) -> str:
    if children := list_of(node, "elements"):
        return ("\n" if text_of(node, "type") in LINES else "").join(map(_shown, children))
    if code := text_of(node, "unicode"):
        return _emoji(code)
    name = text_of(node, "name")
    return text_of(node, "text") or text_of(node, "url") or text_of(node, "fallback") or (f":{name}:" if name else "")


def _emoji(code: str) -> str:
    """The picture of code points in hexadecimal, such as 1f44d-1f3fd."""
    try:
        return "".join(chr(int(point, 16)) for point in code.split("-"))
    except (ValueError, OverflowError):
        return ""
