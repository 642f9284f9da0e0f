"""What the desk itself says when no answer came: honest, and help first where there is risk."""

from __future__ import annotations

import secrets
from typing import Literal

from bot.safety.crisis import answers
from bot.safety.screening import Assessment
from bot.store.conversations import Reply

Reason = Literal["failed", "interrupted"]


def reference() -> str:
    """A short name for one failure, for the log and for the person who reports it."""
    return secrets.token_hex(4)


def standing_reply(reason: Reason, assessment: Assessment, name: str) -> Reply:
    """The reply to a message that got no other; `name` is the reference."""
    said = {"urgent": answers().urgent, "check_in": answers().check_in, "none": answers().standing[reason]}[assessment.tier]
    return Reply(f"{said[0]}\n\n(Reference {name})", author="standing", reference=name)
