"""What comes from Messenger, read as arrivals: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events.

One delivery may hold several entries with several events each, of several people.
"""

from __future__ import annotations

import logging
from typing import Any, Iterator, Optional

from bot.channels.payloads import held, list_of, text_of
from bot.desk.arrivals import Arrival

log = logging.getLogger(__name__)
NAME = "messenger"
STARTED = "GET_STARTED"
"""The payload of the button that begins a conversation, as docs/channels/messenger.md sets it."""
THUMBS = frozenset(("369239263222822", "369239343222814", "369239383222810"))
"""The stickers that the thumb beside the input field sends, in three sizes; they say the same as the sign."""
MEDIA = {"image": "picture", "audio": "voice"}


def arrivals(body: Any) -> Iterator[Arrival]:
    """Every event of a delivery that somebody waits after, in order. What another app was told as well (`standby`) is not ours to answer."""
    for entry in list_of(body, "entry"):
        for happened in list_of(entry, "messaging"):
            yield from _read(happened)


def _read(happened: Any) -> Iterator[Arrival]:
    if held(happened, "policy_enforcement") or held(happened, "policy-enforcement"):
        log.warning("Meta has restricted the page or lifted a restriction (docs/channels/messenger.md)")
    if not text_of(happened, "sender", "id"):
        return
    if message := held(happened, "message"):
        yield from _message(happened, message)
    elif postback := held(happened, "postback"):
        yield _postback(happened, postback)
    elif edit := held(happened, "message_edit"):
        if text := text_of(edit, "text"):
            yield _arrival(happened, f"{text_of(edit, 'mid')} {text_of(edit, 'num_edit')}", text=text, kind="edited")
    elif text_of(happened, "optin", "ref") and not text_of(happened, "optin", "type"):
        yield _arrival(happened, "", kind="began")


def _message(happened: Any, message: Any) -> Iterator[Arrival]:
    """What a person wrote, chose or sent along; not what the page itself said, nor what was taken back."""
    if held(message, "is_echo") or held(message, "is_deleted"):
        return
    text, sent = text_of(message, "text"), list_of(message, "attachments")
    if not text and any(text_of(one, "payload", "sticker_id") in THUMBS for one in sent):
        text, sent = "👍", []
    payload = text_of(message, "quick_reply", "payload") or None
    yield _arrival(happened, text_of(message, "mid"), text=text, payload=payload, media=_media(sent, text or payload))


def _media(sent: list[Any], said: Optional[str]) -> Optional[str]:
    if not sent:
        return None if said else "attachment"
    if any(text_of(one, "payload", "sticker_id") for one in sent):
        return "sticker"
    kind = text_of(sent[0], "type") or "attachment"
    return MEDIA.get(kind, kind)


def _postback(happened: Any, postback: Any) -> Arrival:
    """A button of the page: the one that begins a conversation, the menu, a question that is offered before the first message."""
    name, title, payload = text_of(postback, "mid"), text_of(postback, "title"), text_of(postback, "payload")
    if payload.upper().replace(" ", "_") == STARTED:
        return _arrival(happened, name, kind="began")
    return _arrival(happened, name, text=title, payload=payload or None, media=None if title or payload else "button")


def _arrival(happened: Any, name: str, **more: Any) -> Arrival:
    """Of the sender; what Meta gives no name is named by its sender and its time."""
    person = text_of(happened, "sender", "id")
    return Arrival(NAME, name or f"{person} {text_of(happened, 'timestamp')}", person, {"person": person}, **more)
