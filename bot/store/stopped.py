"""Whether automatic replies are stopped, seen from inside a unit of work."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.pilot_tables import Stop


class RepliesStopped(ReframeError):
    """An automatic reply came to be kept while they are stopped."""


def are_stopped(session: Session) -> bool:
    """Whether somebody has stopped automatic replies."""
    return bool(session.execute(select(exists().where(Stop.id == 1))).scalar())
