"""What the desk itself says: when no answer came, when a notice is due, when something cannot be read."""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.store.messages import Reply

Reason = Literal["failed", "interrupted", "away"]


@lru_cache(maxsize=1)
def _said() -> dict[str, str]:
    return dict(yaml.safe_load((Path(__file__).parent / "standing.yml").read_text(encoding="utf-8")))


def moment(name: str) -> str:
    """What the desk says at a moment. Raises KeyError for one that has no words."""
    return _said()[name]


def reference() -> str:
    """A short name for one failure, for the log and for the person who reports it."""
    return secrets.token_hex(4)


def standing_reply(reason: Reason, name: str) -> Reply:
    """The reply to a message that got no other; `name` is the reference."""
    return Reply(f"{moment(reason)}\n\n(Reference {name})", author="standing", reference=name)
