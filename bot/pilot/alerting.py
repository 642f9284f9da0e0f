"""Missed targets and gaps in the rota are told to people, again and to a second line, until somebody acknowledges. Nothing of a person is in it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Sequence

from bot.pilot.rota import planned_now
from bot.pilot.senders import Notice, NotSent, Sender
from bot.store.alarms import Alarms, Raised
from bot.store.database import StoreAway
from bot.store.duty import Duty
from bot.store.messages import now

log = logging.getLogger(__name__)
LOOK_SECONDS = 10.0
"""How often is looked."""
SUBJECT = "Reframe: somebody is waiting"
NOBODY = "Nobody is on duty, although the rota plans somebody now. People are told that nobody reads along."


class Waiting(Protocol):
    """A conversation that waits for a supporter."""

    @property
    def conversation_id(self) -> str:
        """Which one; it is never sent."""
        ...

    @property
    def need(self) -> str:
        """What it needs, such as `urgent`."""
        ...

    @property
    def waited(self) -> timedelta:
        """How long."""
        ...

    @property
    def target(self) -> timedelta:
        """How long it may."""
        ...

    @property
    def practice(self) -> bool:
        """Whether it is a practice case."""
        ...


class Breaches(Protocol):
    """Whoever knows which targets are missed."""

    def breaches(self, at: datetime) -> Sequence[Waiting]:
        """Everything that waits for longer than its target."""
        ...


@dataclass(frozen=True)
class Lines:
    """Whom to tell: at once, and from the second time on. `every` is the time between."""

    first: tuple[Sender, ...]
    second: tuple[Sender, ...]
    every: timedelta
    console: str


class Alerting:
    """What looks and tells, one in a process; several processes share the work."""

    def __init__(self, breaches: Breaches, duty: Duty, alarms: Alarms, lines: Lines) -> None:
        self.breaches, self.duty, self.alarms, self.lines = breaches, duty, alarms, lines

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look, now())
            except StoreAway as error:
                log.warning("targets cannot be looked at, the database is away: %s", error)
            except Exception:  # whatever is wrong with one look, the next is not given up
                log.exception("a look at the targets failed")
            await asyncio.sleep(LOOK_SECONDS)

    def look(self, at: datetime) -> int:
        """Raise, end and send; returns how many went out."""
        self.alarms.settle(self._going_on(at), at)
        return sum(self._sent(alarm, at) for alarm in self.alarms.due(at, self.lines.every))

    def _going_on(self, at: datetime) -> dict[str, str]:
        found = {f"{breach.conversation_id} {breach.need}": _words(breach) for breach in self.breaches.breaches(at)}
        gap = planned_now(self.duty.rota(), at) and not self.duty.attended(at)
        return {**found, **({"rota": NOBODY} if gap else {})}

    def _sent(self, alarm: Raised, at: datetime) -> bool:
        if not self.alarms.claim(alarm, at):
            return False
        notice = Notice(SUBJECT, f"{alarm.words}\nOpen the console and acknowledge: {self.lines.console}/alarms", alarm.times + 1)
        people = self.lines.first if alarm.times == 0 else (*self.lines.first, *self.lines.second)
        reached = sum(_reached(sender, notice) for sender in people) > 0  # all are tried
        if people and not reached:
            self.alarms.unsent(alarm)
        return reached


def _reached(sender: Sender, notice: Notice) -> bool:
    try:
        sender.send(notice)
    except NotSent as error:
        log.warning("an alarm did not go out: %s", error)
        return False
    return True


def _words(breach: Waiting) -> str:
    target = _minutes(breach.target)
    practice = "Practice: " if breach.practice else ""
    return f"{practice}A conversation ({breach.need.replace('_', ' ')}) waits for longer than its target of {target}."


def _minutes(length: timedelta) -> str:
    minutes = length.total_seconds() / 60
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
