"""Passwords by Argon2id with the library's defaults (RFC 9106, low memory), and which ones are taken."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Optional

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import ReframeError

SHORTEST, LONGEST = 12, 200
"""Characters. Length instead of rules about kinds of characters (NIST SP 800-63B)."""
HASHER = PasswordHasher()


class WeakPassword(ReframeError):
    """A password that is not taken."""


def hashed(password: str, name: str = "") -> str:
    """What is kept of it. Raises WeakPassword with the reason for one that is not taken."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters. Several words in a row are good.")
    if len(set(password.lower())) < 5 or (name and name.lower() in password.lower()):
        raise WeakPassword("This password is too easy to guess: it repeats a few characters, or holds the name. Choose another.")
    return str(HASHER.hash(password))


def fits(kept: Optional[str], password: str) -> bool:
    """Whether it is the password; takes as long where there is none, so that names cannot be told apart by time."""
    try:
        return bool(HASHER.verify(kept or _nobody(), password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def one_time() -> str:
    """A password to be changed at first use."""
    return secrets.token_urlsafe(15)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return str(HASHER.hash(secrets.token_hex()))
