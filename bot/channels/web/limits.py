"""How much one conversation and one address may ask for. What is refused is told plainly, with the emergency number, and may be sent again after the wait."""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.channels.web.refusing import Refused
from bot.metrics.counted import REFUSED

SAID = (
    "That was very much in a short time. Wait {seconds} seconds and send it again; nothing you wrote is lost. In danger, call your local emergency number now."
)


@dataclass(frozen=True)
class Rates:
    """In the notation of the library: “30/minute”."""

    messages: str = "30/minute"
    conversations: str = "120/hour"
    requests: str = "600/minute"


class Limits:
    """Counts in this process."""

    def __init__(self, rates: Rates) -> None:
        self.messages, self.conversations, self.requests = (parse(rate) for rate in (rates.messages, rates.conversations, rates.requests))
        self._storage = MemoryStorage()  # the limiter itself holds it only weakly
        self._limiter = MovingWindowRateLimiter(self._storage)

    def count(self, rate: RateLimitItem, whose: str) -> None:
        """Count one. Raises Refused (429) when it is one too many, with the seconds to wait."""
        if not self._limiter.hit(rate, str(rate), whose):
            REFUSED.inc()
            seconds = max(1, round(self._limiter.get_window_stats(rate, str(rate), whose)[0] - time.time()))
            raise Refused(429, "too_many", SAID.format(seconds=seconds), seconds)
