"""What awaits a supporter in a conversation. It only grows graver until somebody closes it, so that nothing is lost by what is said after it."""

from __future__ import annotations

from typing import Optional

from sqlalchemy.orm import Session

from bot.store.messages import Need, now
from bot.store.sending import locked

NEEDS: tuple[Need, ...] = ("immediate", "urgent", "check_in", "person", "unsure", "error")
"""The gravest first."""


def gravest(*needs: Optional[Need]) -> Optional[Need]:
    """The gravest of several, or None when there is none."""
    return min((need for need in needs if need), key=NEEDS.index, default=None)


def raise_need(session: Session, conversation_id: str, need: Optional[Need], number: int) -> None:
    """Note a need that came up with a message, unless a need as grave is open already. Part of a unit of work."""
    conversation = locked(session, conversation_id) if need else None
    if conversation is None or gravest(need, conversation.need) == conversation.need:
        return
    conversation.need, conversation.need_since, conversation.need_number = need, now(), number
