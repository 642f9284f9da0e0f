"""How often something happened in a moving window: counted in this process, or in Redis for all workers together."""

from __future__ import annotations

import logging
import time
from typing import Callable, Optional, TypeVar

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
SOCKET_SECONDS = 0.25
"""Redis answers within a millisecond; whoever waits for it holds up the others of the process."""
AWAY_SECONDS = 5.0
"""After so long a Redis that was away is asked again."""


class Counts:
    """The counts of one installation. While Redis is away each process counts for itself, so that nobody is refused or let through for that reason alone."""

    def __init__(self, redis_url: str = "") -> None:
        """Without an address the process counts for itself. Redis need not be there yet."""
        # A limiter holds its storage only weakly.
        self._storage = MemoryStorage()
        self._here = MovingWindowRateLimiter(self._storage)
        self._shared: Optional[RedisStorage] = RedisStorage(redis_url, **TIMES) if redis_url else None
        self._everywhere = MovingWindowRateLimiter(self._shared) if self._shared else None
        self._away_until = 0.0

    def hit(self, rate: RateLimitItem, *whose: str) -> bool:
        """Count one; says whether it is within the rate."""
        return self._asked(lambda limiter: bool(limiter.hit(rate, *whose)))

    def seconds_left(self, rate: RateLimitItem, *whose: str) -> int:
        """How long until there is room again; a second at least."""
        return self._asked(lambda limiter: max(1, round(limiter.get_window_stats(rate, *whose)[0] - time.time())))

    def _asked(self, ask: Callable[[MovingWindowRateLimiter], Result]) -> Result:
        if self._everywhere and time.monotonic() >= self._away_until:
            try:
                return ask(self._everywhere)
            except RedisError as error:
                log.warning("Redis is away, so this process counts for itself: %s", type(error).__name__)
                self._away_until = time.monotonic() + AWAY_SECONDS
        return ask(self._here)


TIMES = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
