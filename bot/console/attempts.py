"""How often one address may try to sign in: beside the delay of each account, against guessing at many accounts and against flooding the audit."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.console.visits import Refused, Visit

RATE = parse("60/minute")
"""Behind a proxy everybody comes from one address, so it is no less."""
STORAGE = MemoryStorage()  # the limiter itself holds it only weakly
LIMITER = MovingWindowRateLimiter(STORAGE)


def count(visit: Visit) -> None:
    """Count one attempt. Raises Refused (429) when it is one too many."""
    client = visit.request.client
    if not LIMITER.hit(RATE, "sign_in", visit.parts.terms.url, client.host if client else ""):
        raise Refused(429, "There were very many attempts to sign in. Wait a minute and try again.")
