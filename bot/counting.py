"""How often something happened in a moving window: counted in this process, or in Redis for all workers together."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Callable, Optional, Protocol, TypeVar

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
SOCKET_SECONDS = 0.25
"""Redis answers within a millisecond; whoever waits for it holds up the others of the process."""
AWAY_SECONDS = 5.0
"""After so long a Redis that was away is asked again."""
SWEEP_SECONDS = 60.0
"""How often is looked who is not counted any more."""


class Limiter(Protocol):
    """What counts, as the strategies of `limits` do."""

    def hit(self, rate: RateLimitItem, *whose: str) -> bool:
        """Count one; says whether it is within the rate."""
        ...

    def get_window_stats(self, rate: RateLimitItem, *whose: str) -> tuple[float, int]:
        """When there is room again (seconds of time.time()), and for how many there is room now."""
        ...


class Windows:
    """Moving windows in the memory of this process.

    The memory storage of `limits` starts a thread at each hit, which walks through all hits of everybody; that was a tenth of a turn under load.
    """

    def __init__(self) -> None:
        self._hits: dict[str, tuple[int, deque[float]]] = {}
        self._swept = time.time()

    def hit(self, rate: RateLimitItem, *whose: str) -> bool:
        """Count one; says whether it is within the rate."""
        at = time.time()
        if at >= self._swept + SWEEP_SECONDS:
            self._sweep(at)
        _, hits = self._hits.setdefault(rate.key_for(*whose), (rate.get_expiry(), deque()))
        within = len(_recent(hits, at - rate.get_expiry())) < rate.amount
        if within:
            hits.append(at)
        return within

    def get_window_stats(self, rate: RateLimitItem, *whose: str) -> tuple[float, int]:
        """When the oldest hit leaves the window, and for how many there is room now."""
        at, (_, hits) = time.time(), self._hits.get(rate.key_for(*whose), (0, deque()))
        recent = _recent(hits, at - rate.get_expiry())
        return (recent[0] if recent else at) + rate.get_expiry(), rate.amount - len(recent)

    def _sweep(self, at: float) -> None:
        """Forget those of whom nothing is counted any more."""
        self._swept = at
        self._hits = {key: (seconds, hits) for key, (seconds, hits) in self._hits.items() if _recent(hits, at - seconds)}


def _recent(hits: deque[float], since: float) -> deque[float]:
    """The same hits, without those before."""
    while hits and hits[0] <= since:
        hits.popleft()
    return hits


class Counts:
    """The counts of one installation. While Redis is away each process counts for itself, so that nobody is refused or let through for that reason alone."""

    def __init__(self, redis_url: str = "") -> None:
        """Without an address the process counts for itself. Redis need not be there yet."""
        self._here = Windows()
        # A limiter holds its storage only weakly.
        self._shared: Optional[RedisStorage] = RedisStorage(redis_url, **TIMES) if redis_url else None
        self._everywhere: Optional[Limiter] = MovingWindowRateLimiter(self._shared) if self._shared else None
        self._away_until = 0.0

    def hit(self, rate: RateLimitItem, *whose: str) -> bool:
        """Count one; says whether it is within the rate."""
        return self._asked(lambda limiter: bool(limiter.hit(rate, *whose)))

    def seconds_left(self, rate: RateLimitItem, *whose: str) -> int:
        """How long until there is room again; a second at least."""
        return self._asked(lambda limiter: max(1, round(limiter.get_window_stats(rate, *whose)[0] - time.time())))

    def _asked(self, ask: Callable[[Limiter], Result]) -> Result:
        if self._everywhere and time.monotonic() >= self._away_until:
            try:
                return ask(self._everywhere)
            except RedisError as error:
                log.warning("Redis is away, so this process counts for itself: %s", type(error).__name__)
                self._away_until = time.monotonic() + AWAY_SECONDS
        return ask(self._here)


TIMES = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
