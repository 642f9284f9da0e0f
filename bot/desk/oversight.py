"""What people around the program decide while it runs: whether one of them is on duty, and whether automatic replies are stopped.

The words depend on it: that somebody can read along is said only while somebody is on duty, and by default nobody is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.desk.standing import moment
from bot.safety.state import Crisis
from bot.safety.wording import filled
from bot.store.database import Database
from bot.store.duty import GRACE, attended
from bot.store.messages import HELP, Reply
from bot.store.stopped import are_stopped


class Look(NamedTuple):
    """How it stands at one moment."""

    attended: bool = False
    stopped: bool = False


class Oversight(Protocol):
    """Whoever knows."""

    def look(self, at: datetime) -> Look:
        """How it stands. Store work: raises StoreAway when the database does not answer."""
        ...


class Unattended:
    """An installation without supporters: nobody is ever there, and nothing is stopped."""

    def look(self, at: datetime) -> Look:  # noqa: ARG002  # an Oversight
        """Nobody, and nothing."""
        return Look()


class Supervised:
    """An installation with a console, on the same database."""

    def __init__(self, database: Database, grace: timedelta = GRACE) -> None:
        self.database, self.grace = database, grace

    def look(self, at: datetime) -> Look:
        """As the database says."""
        with self.database.unit() as session:
            return Look(attended(session, at, self.grace), are_stopped(session))


def static_help(crisis: Crisis, look: Look, at: datetime) -> Reply:
    """The directory of help for where the person is and what was said, with the plain word that nothing else is answered."""
    line = moment("stopped_attended" if look.attended else "stopped_unattended")
    return Reply(filled(line, crisis.country, crisis.category, at, crisis.minor), author=HELP)
