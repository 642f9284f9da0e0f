"""What is sent to Messenger, and what its errors mean: https://developers.facebook.com/docs/messenger-platform/reference/send-api."""

from __future__ import annotations

import json
from typing import Any, Optional

import httpx

from bot.channels.messaging import patience
from bot.channels.payloads import held, list_of, text_of
from bot.channels.speaking import said
from bot.desk.courier import Part, SendError, TryLater, Uncertain, Undeliverable, Unreachable
from bot.store.messages import Reply

Button = dict[str, str]
LONGEST = 2000
"""Characters of a message."""
MOST_CHOICES, LONGEST_TITLE, LONGEST_PAYLOAD = 13, 20, 1000
"""Quick replies of a message, and characters of each: https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies."""
WINDOW_CLOSED = frozenset(("2018278", "2018065", "2534022"))
AWAY = frozenset(("1545041", "2018001", "2018108"))
"""Subcodes: not available, not known, not receiving messages from the page."""
NOT_AVAILABLE = "551"
BUSY = frozenset(("4", "17", "32", "613", "80006"))
BUSY_SECONDS = 60.0
"""Meta counts by the hour, and rarely says how long to wait."""
PASSING = frozenset(("-1", "1", "2", "1200"))
MISCONFIGURED = frozenset(("3", "10", "102", "104", "190", "230", "368"))
USAGE = "x-business-use-case-usage"
"""A header that tells after how many minutes a page may go on: https://developers.facebook.com/docs/graph-api/overview/rate-limiting."""


def laid_out(reply: Reply) -> str:
    """The text of a reply. Where its choices cannot all be shown as they are, they are listed, and can be chosen by number."""
    listed = "\n".join(f"{number}. {button['title']}" for number, button in enumerate(reply.buttons, 1))
    return said(reply) if _fit(reply.buttons) else f"{said(reply)}\n\n{listed}"


def content(part: Part) -> dict[str, Any]:
    """A part as the Send API takes it."""
    choices = [_choice(number, button, part.buttons) for number, button in enumerate(part.buttons, 1) if len(button["payload"]) <= LONGEST_PAYLOAD]
    return {"text": part.text, **({"quick_replies": choices[:MOST_CHOICES]} if choices else {})}


def meaning(response: httpx.Response) -> SendError:
    """An error in words for supervisors, by what can be done about it. What Meta says of it is left out, for it may hold names."""
    try:
        error = held(response.json(), "error")
    except ValueError:
        error = None
    code, subcode = text_of(error, "code"), text_of(error, "error_subcode")
    if not code:
        return Uncertain(f"The answer is not as Meta's are (status {response.status_code}).")
    named = f"code {code}, subcode {subcode}" if subcode else f"code {code}"
    return _unreachable(code, subcode, named) or _later(code, named, response) or Undeliverable(f"Meta refused it ({named}).")


def _unreachable(code: str, subcode: str, named: str) -> Optional[SendError]:
    if subcode in WINDOW_CLOSED:
        return Unreachable(f"The 24 hours after the person's last message in which Messenger lets a page answer are over ({named}).")
    if code == NOT_AVAILABLE or subcode in AWAY:
        return Unreachable(f"Messenger cannot reach this person any more ({named}).")
    return None


def _later(code: str, named: str, response: httpx.Response) -> Optional[SendError]:
    if code in BUSY:
        return TryLater(f"Meta asks for patience ({named}).", _seconds(response))
    if code in PASSING:
        return TryLater(f"Meta has trouble of its own ({named}).")
    if code in MISCONFIGURED or (len(code) == 3 and code.startswith("2")):  # 200 to 299 are missing permissions
        return TryLater(f"Meta does not accept the token or its permissions ({named}). See docs/channels/messenger.md.")
    return None


def _fit(buttons: tuple[Button, ...]) -> bool:
    short = all(len(button["title"]) <= LONGEST_TITLE and len(button["payload"]) <= LONGEST_PAYLOAD for button in buttons)
    return short and len(buttons) <= MOST_CHOICES


def _choice(number: int, button: Button, among: tuple[Button, ...]) -> dict[str, str]:
    """A quick reply, with its number before it where they are listed."""
    title = button["title"] if _fit(among) else f"{number}. {button['title']}"
    shown = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
    return {"content_type": "text", "title": shown, "payload": button["payload"]}


def _seconds(response: httpx.Response) -> float:
    """As long as Meta asks to wait. The header holds, for each page, uses with minutes."""
    try:
        usage = json.loads(response.headers.get(USAGE, "{}"))
    except ValueError:
        usage = {}
    uses = [use for page in usage for use in list_of(usage, page)] if isinstance(usage, dict) else []
    minutes = max((float(text_of(use, "estimated_time_to_regain_access") or 0) for use in uses), default=0.0)
    return minutes * 60 or patience(response, BUSY_SECONDS)
