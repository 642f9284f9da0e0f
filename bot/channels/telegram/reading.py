"""Updates of Telegram as arrivals."""

from __future__ import annotations

import json
import logging
import re
from typing import Optional

from pydantic import ValidationError

from bot.channels.messaging import Heard
from bot.channels.telegram.updates import CallbackQuery, Chat, MemberChange, Message, Update
from bot.desk.arrivals import Arrival, Kind

log = logging.getLogger(__name__)
TELEGRAM = "telegram"
COMMAND = re.compile(r"/(start|help|stop)(?:@\w+)?(?:\s+(.+))?", re.IGNORECASE | re.DOTALL)
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link to the bot may carry behind /start (core.telegram.org/bots/features#deep-linking). It is not kept."""
KINDS: dict[str, Kind] = {"help": "help", "stop": "stopped"}


def heard(given: object) -> Heard:
    """What an update holds. One that is not as it is documented holds nothing: refused, it would hold up all others of its person for a day."""
    try:
        update = Update.parse_obj(given if isinstance(given, dict) else {})  # pydantic makes objects of other things as well
    except ValidationError:
        log.warning("an update of Telegram is not as it is documented, and nothing of it was kept")
        return Heard()
    name = str(update.update_id)
    if update.callback_query:
        return _pressed(name, update.callback_query)
    if update.my_chat_member:
        return Heard(_let_in(name, update.my_chat_member))
    if message := update.message or update.channel_post:
        return Heard(_said(name, message, "message"))
    edited = update.edited_message or update.edited_channel_post
    return Heard(_said(name, edited, "edited") if edited and edited.words() else ())


def _said(name: str, message: Message, kind: Kind) -> tuple[Arrival, ...]:
    if message.says_nothing():
        return ()
    text = message.words()
    if message.chat.type != "private":
        return (_arrival(name, message, "group", text),)
    if text.strip().casefold() == "start":  # what whoever said stop is told to write
        return (_arrival(name, message, "resumed", text),)
    if command := COMMAND.fullmatch(text.strip()):
        return _commanded(name, message, command)
    if message.media_group_id and not text:  # the pictures of an album come one by one, and one answer is enough
        name = f"album {message.media_group_id}"
    return (_arrival(name, message, kind, text, message.media()),)


def _commanded(name: str, message: Message, command: re.Match[str]) -> tuple[Arrival, ...]:
    """A command, and what was said behind it: answered behind start, and behind help or stop, as an edit is, only where there is danger in it."""
    word, words = command[1].lower(), command[2] or ""
    if word == "start":
        began = _arrival(name, message, "began", "/start")
        return (began,) if not words or PAYLOAD.fullmatch(words) else (began, _arrival(f"{name} words", message, "message", words))
    done = _arrival(name, message, KINDS[word], f"/{word}")
    return (_arrival(f"{name} words", message, "edited", words), done) if words else (done,)


def _arrival(name: str, message: Message, kind: Kind, text: str, media: Optional[str] = None) -> Arrival:
    return Arrival(TELEGRAM, name, str(message.chat.id), message.address(), kind, text, media=media)


def _pressed(name: str, query: CallbackQuery) -> Heard:
    """The payload of a button, and the call that stops its spinning: Telegram carries out a call that it reads in the answer to a webhook."""
    message = query.message or Message(chat=Chat(id=query.pressed_by.id, type="private"))
    kind: Kind = "message" if message.chat.type == "private" else "group"
    media = None if query.data else "button"
    pressed = Arrival(TELEGRAM, name, str(message.chat.id), message.address(), kind, payload=query.data, media=media)
    return Heard((pressed,), json.dumps({"method": "answerCallbackQuery", "callback_query_id": query.id}), "application/json")


def _let_in(name: str, change: MemberChange) -> tuple[Arrival, ...]:
    """A room that lets the bot in is told what it is; a person who unblocks it will write."""
    away = change.new_chat_member.status in ("left", "kicked")
    if not away and change.chat.type == "private":
        return ()
    return (Arrival(TELEGRAM, name, str(change.chat.id), {"chat": str(change.chat.id)}, "blocked" if away else "group"),)
