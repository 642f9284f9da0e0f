"""What a message calls a supporter for, by where the conversation in risk stood before and after it, and by what was answered."""

from __future__ import annotations

from typing import Optional

from bot.safety.screening import Assessment
from bot.safety.state import Crisis, State
from bot.store.messages import Finding, Need, Reply
from bot.store.needs import gravest

BY_TIER: dict[str, Need] = {"urgent": "urgent", "check_in": "check_in"}
ASKED: dict[State, Need] = {"asked": "check_in", "rechecking": "check_in"}
"""A question stands open: that calls when it was asked, not again with every message."""
DANGER: dict[State, Need] = {"risk": "urgent", "immediate": "immediate"}
"""While a conversation stands here every message calls, also one that was closed before: what follows may say little by itself (“yes”, “tonight”)."""
MOST_EVIDENCE = 12


def need_of(assessment: Assessment, before: State, after: Crisis) -> Optional[Need]:
    """The gravest of what the message says by itself and what it led to."""
    asked = ASKED.get(after.state) if after.state != before else None
    return gravest(BY_TIER.get(assessment.tier), asked, DANGER.get(after.state))


def finding(assessment: Assessment, before: State, after: Crisis) -> Finding:
    """What is kept beside the message."""
    evidence = tuple(dict(vars(e)) for e in assessment.evidence[:MOST_EVIDENCE])
    return Finding(assessment.tier, assessment.category, assessment.version, evidence, need_of(assessment, before, after))


def need_in(replies: list[Reply]) -> Optional[Need]:
    """What the answers call for: something failed, a person was asked for, nothing was understood twice."""
    return gravest(*("error" if reply.reference else reply.wants for reply in replies))
