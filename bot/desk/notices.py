"""When a person is told again that this is a program.

At each session's start, after days away, and after hours of continued use: Utah HB 452, New York General Business Law art. 47, California SB 243. The
defaults are the strictest of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Optional

Notice = Literal["notice_away", "notice_session", "notice_hours"]


@dataclass(frozen=True)
class Intervals:
    """How long a silence begins a new session or counts as away, and after how long a use without a break a notice is due."""

    session: timedelta = timedelta(minutes=60)
    away: timedelta = timedelta(days=7)
    continued: timedelta = timedelta(hours=3)


def due(intervals: Intervals, now: datetime, noticed_at: Optional[datetime], last_seen: Optional[datetime]) -> Optional[Notice]:
    """Which notice a message at `now` calls for, if any."""
    silent_since = last_seen or noticed_at or now
    if now - silent_since > intervals.away:
        return "notice_away"
    if now - silent_since > intervals.session:
        return "notice_session"
    return "notice_hours" if noticed_at and now - noticed_at >= intervals.continued else None
