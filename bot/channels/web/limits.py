"""How much one conversation and one address may ask for. What is refused is told plainly, with the emergency number, and may be sent again after the wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from limits import RateLimitItem, parse

from bot.channels.web.refusing import Refused
from bot.counting import Counts
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
    """The rates with their counts, which several workers may share."""

    def __init__(self, rates: Rates, counts: Optional[Counts] = None) -> None:
        self.messages, self.conversations, self.requests = (parse(rate) for rate in (rates.messages, rates.conversations, rates.requests))
        self._counts = counts or Counts()

    def count(self, rate: RateLimitItem, whose: str) -> None:
        """Count one. Raises Refused (429) when it is one too many, with the seconds to wait."""
        if not self._counts.hit(rate, str(rate), whose):
            REFUSED.inc()
            seconds = self._counts.seconds_left(rate, str(rate), whose)
            raise Refused(429, "too_many", SAID.format(seconds=seconds), seconds)
