"""Erasing on request, in any channel and at any time, also while danger is being talked about: asked once, done when it is confirmed."""

from __future__ import annotations

import re

from bot.desk.standing import moment
from bot.store.messages import Reply

ERASE, KEEP = "/erase", "/keep"
"""The payloads of the two buttons."""
ASKED = re.compile(
    r"^\W*(please )?(can you |could you |i want you to |i want to )?(delete|erase|remove|wipe) (all )?(of )?(my|this|the|our|everything)"
    r"( whole| entire)?( data| conversation| chat| messages?| history| i (wrote|said))?( please)?\W*$",
    re.IGNORECASE,
)


def asks_to_erase(text: str) -> bool:
    """Whether a message asks for the conversation to be erased, in so many words."""
    return bool(ASKED.match(text))


def offer() -> Reply:
    """The question before it is done."""
    return Reply(moment("erase"), ({"title": "Erase everything", "payload": ERASE}, {"title": "Keep it", "payload": KEEP}), author="standing")
