"""What the desk itself says when no answer came: honest, and help first where there is risk."""

from __future__ import annotations

import secrets
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.safety.crisis import Crisis, respond
from bot.safety.screening import Assessment
from bot.store.conversations import Reply

Reason = Literal["failed", "interrupted"]


@lru_cache(maxsize=1)
def _said() -> dict[str, str]:
    return dict(yaml.safe_load((Path(__file__).parent / "standing.yml").read_text(encoding="utf-8")))


def reference() -> str:
    """A short name for one failure, for the log and for the person who reports it."""
    return secrets.token_hex(4)


def standing_reply(reason: Reason, assessment: Assessment, text: str, name: str) -> Reply:
    """The reply to a message that got no other; `name` is the reference."""
    crisis = respond(Crisis(), assessment, text, datetime.now(timezone.utc)) if assessment.tier != "none" else None
    return Reply(f"{crisis or _said()[reason]}\n\n(Reference {name})", author="standing", reference=name)
