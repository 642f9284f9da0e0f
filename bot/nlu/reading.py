"""The form in which the encoder reads a message: the same for the same words, however they are typed."""

from __future__ import annotations

import re

from bot.safety.spelling import respelled
from bot.safety.words import clauses

COMMA = re.compile(r" ?\bcomma\b")
T = re.compile(r"\b(my|a|an|the|new|old|ex|last|first|his|her|your|good|bad|our) ts?\b")
"""Forums write T for a therapist."""


def as_read(text: str) -> str:
    """Words in their full form without case, signs, drawn-out letters or slips; the text itself where it holds no word."""
    words = T.sub(r"\1 therapist", COMMA.sub("", " ".join(clauses(text))).strip())
    return respelled(words) or text or "."
