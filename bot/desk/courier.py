"""Sends replies to messaging apps: in order for each person, at the platforms' pace, again where that may help, and told to supervisors where not."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Callable, Optional, Protocol, TypeVar

from async_timeout import timeout
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.desk.desk import AWAY_SECONDS, Keep
from bot.store.correspondents import Correspondents
from bot.store.database import StoreAway
from bot.store.messages import CARE, Reply, now
from bot.store.outbox import Due, Outbox
from bot.store.sealing import Sealer

log = logging.getLogger(__name__)
Result = TypeVar("Result")
LOOK_SECONDS = 1.0
"""The outbox is looked into at least this often, for what other processes put there and for what is due again."""
FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS = 1.0, 300.0, 12
"""Seconds before the second attempt, doubled with each up to the longest; so the last attempt comes after about half an hour."""


class SendError(Exception):
    """A part was not sent. The text is for supervisors: no secret, no name of a person, nothing that was written."""


class TryLater(SendError):
    """It may be sent later. `seconds` is what the platform asked for, and then nobody else is written to there before; None where it named no time."""

    def __init__(self, problem: str, seconds: Optional[float] = None) -> None:
        super().__init__(problem)
        self.seconds = seconds


class Undeliverable(SendError):
    """It never will be."""


class Unreachable(Undeliverable):
    """Nothing will be delivered to this person until they write again: they blocked or left."""


class Uncertain(SendError):
    """Nobody can know whether it arrived, as when the line broke before the answer."""


@dataclass(frozen=True)
class Part:
    """As much as one message of a platform holds. `buttons` are {title, payload}."""

    text: str
    buttons: tuple[dict[str, str], ...] = ()


class Sender(Protocol):
    """The sending half of a channel."""

    name: str
    pace: str
    """How many parts a second or minute all persons of the channel together may be sent, as NUMBER/UNIT."""

    def parts(self, reply: Reply) -> list[Part]:
        """A reply cut to what the platform takes."""
        ...

    async def send(self, address: dict[str, str], part: Part) -> None:
        """Send one part. Raises a SendError."""
        ...


class Courier:
    """The one way out to messaging apps, for one process."""

    def __init__(self, outbox: Outbox, people: Correspondents, sealer: Sealer, senders: list[Sender], keep: Keep) -> None:
        self.outbox, self.people, self.sealer, self.keep = outbox, people, sealer, keep
        self.senders = {sender.name: sender for sender in senders}
        self._news = asyncio.Event()
        self._quiet_until: dict[str, float] = {}
        self._storage = MemoryStorage()  # the limiter itself holds it only weakly
        self._pace = MovingWindowRateLimiter(self._storage)

    def wake(self) -> None:
        """There may be something to send."""
        self._news.set()

    @staticmethod
    def written(address: dict[str, str]) -> str:
        """An address as it is sealed."""
        return json.dumps(address)

    async def run(self) -> None:
        """Send what is due until cancelled."""
        await self._until_there(self.outbox.stranded)
        while True:
            self._news.clear()
            due = await self._until_there(lambda: self.outbox.due(now()))
            due = [item for item in due if self._may_send(item.channel)]
            await asyncio.gather(*(self._deliver(item) for item in due))
            if not due:
                await self._wait()

    async def send_now(self, channel: str, address: dict[str, str], reply: Reply) -> bool:
        """Send past the outbox, as when the database is away; says whether it went out."""
        sender = self.senders[channel]
        try:
            for part in sender.parts(reply):
                await sender.send(address, part)
        except SendError as error:
            log.warning("a reply past the outbox was not sent on %s: %s", channel, error)
            return False
        return True

    async def _deliver(self, due: Due) -> None:
        sender = self.senders[due.channel]
        try:
            if not await self.keep(lambda: self.outbox.claim(due.id)):
                return
            await self._send(sender, due)
            await self._until_there(lambda: self.outbox.sent(due.id))
        except TryLater as error:
            await self._again(due, error)
        except Uncertain as error:  # twice is better than never where somebody is in danger, as after a stop of the process
            await (self._again(due, TryLater(str(error))) if due.message.author in CARE else self._give_up(due, error))
        except SendError as error:
            await self._give_up(due, error)
        except StoreAway as error:  # it was not claimed, or will be found stranded at the next start
            log.warning("delivery %s cannot be claimed, the database is away: %s", due.id, error)
        except Exception:  # one that cannot be sent must not hold up the others
            log.exception("delivery %s on %s broke", due.id, due.channel)
            await self._give_up(due, SendError("Something broke on our side while this was being sent; the log says what."))

    async def _send(self, sender: Sender, due: Due) -> None:
        address = json.loads(self.sealer.open(due.address, due.conversation_id))
        parts = sender.parts(Reply(due.message.text, due.message.buttons, due.message.author, speaker=due.message.speaker))
        for number, part in enumerate(parts[due.parts :], due.parts + 1):
            await sender.send(address, part)
            if number < len(parts):
                await self._until_there(partial(self.outbox.part_sent, due.id, number))

    async def _again(self, due: Due, error: TryLater) -> None:
        if due.attempts + 1 >= MOST_ATTEMPTS:
            await self._give_up(due, error)
            return
        wait = error.seconds if error.seconds is not None else min(LONGEST_WAIT, FIRST_WAIT * 2**due.attempts) * random.uniform(0.8, 1.2)  # noqa: S311  # no secret
        if error.seconds is not None:
            self._quiet_until[due.channel] = time.monotonic() + error.seconds
        log.warning("delivery %s on %s is tried again in %.0f s: %s", due.id, due.channel, wait, error)
        await self._until_there(lambda: self.outbox.again(due.id, now() + timedelta(seconds=wait), str(error), due.attempts + 1))

    async def _give_up(self, due: Due, error: SendError) -> None:
        log.error("delivery %s on %s is given up: %s", due.id, due.channel, error)
        await self._until_there(lambda: self.outbox.dead(due.id, str(error)))
        if isinstance(error, Unreachable):
            await self._until_there(lambda: self.people.mute(due.conversation_id, "blocked"))

    def _may_send(self, channel: str) -> bool:
        sender = self.senders.get(channel)
        if sender is None or self._quiet_until.get(channel, 0) > time.monotonic():
            return False
        return self._pace.hit(parse(sender.pace), channel)

    async def _until_there(self, work: Callable[[], Result]) -> Result:
        """What has happened has to be noted, so the database is asked until it answers."""
        while True:
            try:
                return await self.keep(work)
            except StoreAway as error:
                log.warning("the outbox cannot be reached: %s", error)
                await asyncio.sleep(AWAY_SECONDS)

    async def _wait(self) -> None:
        with suppress(asyncio.TimeoutError):
            async with timeout(LOOK_SECONDS):
                await self._news.wait()
