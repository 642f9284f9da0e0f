"""A handover is offered to the person, who may say no: by a button, or in a word."""

from __future__ import annotations

import re
from typing import Literal, Optional

from bot.desk.standing import moment
from bot.store.messages import Inbound, Reply

ACCEPT, DECLINE = "/handover_yes", "/handover_no"
"""The payloads of the two buttons."""
Answer = Literal["accepted", "declined"]
YES = re.compile(r"^\W*(yes|yeah|yep|yea|sure|ok|okay|please|yes please|i would like that|i'd like that|that would be good)( please)?\W*$", re.IGNORECASE)
NO = re.compile(r"^\W*(no|nope|nah|no thanks|no thank you|not now|rather not|i'd rather not|i don't want that|don't)( please)?\W*$", re.IGNORECASE)


def offer_to(name: str, to: str) -> Reply:
    """What the person is asked: whether a supporter may join, or (`to` is program) whether the program may go on."""
    titles = ("Yes, please", "No, stay as it is")
    buttons = tuple({"title": title, "payload": payload} for title, payload in zip(titles, (ACCEPT, DECLINE)))
    return Reply(moment(f"offer_{to}").replace("{name}", name), buttons, author="standing")


def answer_in(inbound: Inbound, offered: bool) -> Optional[Answer]:
    """What a message answers to an offer, if it does. Words count only while one is open."""
    if inbound.payload in (ACCEPT, DECLINE):
        return "accepted" if inbound.payload == ACCEPT else "declined"
    if not offered or inbound.payload:
        return None
    return "accepted" if YES.match(inbound.text) else "declined" if NO.match(inbound.text) else None
