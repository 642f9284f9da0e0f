"""Messages of messaging apps: taken in at once, answered one after another for each person, never lost, never answered twice."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any, Awaitable, Callable

from async_timeout import timeout

from bot.desk.arrivals import Arrival, Inbox
from bot.desk.courier import Courier
from bot.desk.desk import AWAY_SECONDS, Desk
from bot.desk.erasing import ERASE
from bot.desk.oversight import Look, static_help
from bot.desk.standing import moment, reference, standing_reply
from bot.metrics.counted import FAILURES
from bot.safety.crisis import respond
from bot.safety.screening import assess
from bot.safety.state import Crisis
from bot.safety.wording import filled
from bot.store.correspondents import Correspondents
from bot.store.database import StoreAway
from bot.store.messages import CRISIS, HELP, Inbound, Reply, Stored, now
from bot.store.sealing import Sealer

log = logging.getLogger(__name__)
WAITING = ("message", "help", "resumed")
"""Kinds of arrival after which somebody waits for an answer."""
MOST_AT_ONCE = 64
"""Turns that may be under way at once; more wait in the inbox."""


class Reception:
    """All messaging apps of one process; several may share the inbox."""

    def __init__(self, desk: Desk, people: Correspondents, inbox: Inbox, courier: Courier, sealer: Sealer) -> None:
        self.desk, self.people, self.inbox, self.courier, self.sealer = desk, people, inbox, courier, sealer
        desk.also_forget.append(self._forget)
        self._news = asyncio.Event()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()

    async def take(self, arrivals: list[Arrival]) -> None:
        """Keep what came; when this returns it is on disk, and the platform may be told so."""
        for arrival in arrivals:
            await asyncio.to_thread(self.inbox.put, arrival)
        self._news.set()

    async def run(self) -> None:
        """Work through the inbox until cancelled."""
        while True:
            await self._room.acquire()
            self._news.clear()
            taken = await asyncio.to_thread(self.inbox.next)
            if taken:
                self._begin(*taken)
            else:
                self._room.release()
                with suppress(asyncio.TimeoutError):
                    async with timeout(self.inbox.look_seconds):
                        await self._news.wait()

    def turns(self) -> list[asyncio.Task[None]]:
        """What is under way."""
        return list(self._turns.values())

    def _begin(self, item: Any, arrival: Arrival) -> None:
        """A turn begins when the one before it of the same person has ended."""
        name = self.sealer.pseudonym(arrival.channel, arrival.person)
        turn = asyncio.create_task(self._turn(item, name, arrival, self._turns.get(name)))
        self._turns[name] = turn
        turn.add_done_callback(lambda _: self._ended(name, turn))

    def _ended(self, name: str, turn: asyncio.Task[None]) -> None:
        self._room.release()
        if self._turns.get(name) is turn:
            del self._turns[name]

    async def _turn(self, item: Any, name: str, arrival: Arrival, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        while True:
            try:
                async with self.desk.turns.turn(name, arrival.text):
                    await self._handle(name, arrival)
                break
            except StoreAway as error:
                log.warning("the database is away, a message waits in the inbox: %s", error)
                await self._told_of_the_wait(name, arrival)
                await asyncio.sleep(AWAY_SECONDS)
            except Exception:  # one message that cannot be handled must not hold up the others; it stays in the inbox for the next start
                await self._told_of_the_failure(arrival)
                await self._until_there(lambda: self.inbox.put_aside(item))
                return
        self._told.discard(name)
        await self._until_there(lambda: self.inbox.done(item))
        self._news.set()  # the next of this person may be taken now
        self.courier.wake()

    async def _until_there(self, work: Callable[[], None]) -> None:
        """What has become of an arrival has to be noted, so the database is asked until it answers."""
        while True:
            try:
                await asyncio.to_thread(work)
            except StoreAway as error:
                log.warning("the inbox cannot be reached: %s", error)
                await asyncio.sleep(AWAY_SECONDS)
            else:
                return

    async def _handle(self, name: str, arrival: Arrival) -> None:
        sealed = self.sealer.seal(self.courier.written(arrival.address), name)
        first = await self._first(name, arrival)
        new = await self.desk.keep(lambda: self.people.meet(name, arrival.channel, sealed, first))
        if arrival.kind not in ("blocked", "resumed"):  # whoever writes, in words or by a command, can be written to
            await self.desk.keep(lambda: self.people.reached(name))
        handle: dict[str, Callable[[str, Arrival, bool], Awaitable[None]]] = {
            "began": self._began,
            "stopped": self._stopped,
            "resumed": self._resumed,
            "blocked": self._blocked,
            "help": self._help,
            "group": self._group,
        }
        await handle.get(arrival.kind, self._message)(name, arrival, new)

    async def _first(self, name: str, arrival: Arrival) -> list[Reply]:
        """What a new conversation begins with. Who begins with danger is met with the answer to it, and asked for leave after that."""
        if arrival.kind in ("group", "blocked", "began", "stopped") or await self.desk.keep(lambda: self.desk.store.exists(name)):
            return []
        if self.desk.gate and (await self.desk.assessed(arrival.text)).tier != "none":
            return []
        return [await self.desk.greeting()]

    async def _message(self, name: str, arrival: Arrival, _: bool) -> None:
        inbound = await self._chosen(name, arrival.inbound())
        if inbound.payload == ERASE:
            await self._erase(name, arrival)
            return
        if await self.desk.unkept(name, inbound) is not None:
            return
        message = await self.desk.keep(lambda: self.desk.store.receive(name, inbound))
        await self.desk.answer(name, message, inbound)

    async def _forget(self, name: str) -> None:
        """Take what waits of somebody out of the inbox, unanswered: it was written before the erasure."""
        await asyncio.to_thread(self.inbox.drop, name)

    async def _erase(self, name: str, arrival: Arrival) -> None:
        await self.desk.delete(name)
        await self.courier.send_now(arrival.channel, arrival.address, Reply(moment("erased")))

    async def _began(self, name: str, arrival: Arrival, _: bool) -> None:
        """The notice is the answer to beginning, so that one who begins twice by a redelivery is told once."""
        await self.desk.keep(lambda: self.people.unmute(name))
        await self._answered(name, arrival, [replace(await self.desk.greeting(), author="standing")])

    async def _resumed(self, name: str, arrival: Arrival, new: bool) -> None:
        """A word like start or yes begins again for whoever had stopped; of anybody else it is a message like any other."""
        stopped = await self.desk.keep(lambda: self.people.muted(name))
        await (self._began if stopped else self._message)(name, arrival, new)

    async def _help(self, name: str, arrival: Arrival, _: bool) -> None:
        await self._answered(name, arrival, [Reply(await self._directory(name), author=HELP)])

    async def _stopped(self, name: str, arrival: Arrival, _: bool) -> None:
        await self._answered(name, arrival, [Reply(moment("stopped") + "\n\n" + await self._directory(name), author="standing")])
        await self.desk.keep(lambda: self.people.mute(name, "stopped"))

    async def _blocked(self, name: str, _: Arrival, __: bool) -> None:
        await self.desk.keep(lambda: self.people.mute(name, "blocked"))

    async def _group(self, name: str, arrival: Arrival, new: bool) -> None:
        """In a room of several the program says once that it answers in private only, and again where there is danger. What was said there is not kept."""
        if new or assess(arrival.text).tier == "urgent":
            await self._answered(name, arrival, [Reply(filled(moment("private_only"), None, None, now()), author="standing")])

    async def _answered(self, name: str, arrival: Arrival, replies: list[Reply]) -> None:
        """Keep that there was a word of command, and what is answered to it; brought twice, it is answered once. Its text needs no keeping."""
        message = await self.desk.keep(lambda: self.desk.store.receive(name, replace(arrival.inbound(), text="")))
        if not await self.desk.keep(lambda: self.desk.store.replies_to(message.number)):
            await self.desk.keep(lambda: self.desk.store.reply(name, message.number, replies))

    async def _chosen(self, name: str, inbound: Inbound) -> Inbound:
        """A button that was offered, also when its number was typed; anything else is free text."""
        said = await self.desk.keep(lambda: self.desk.store.messages(name))
        if inbound.payload:
            title = await self.desk.keep(lambda: self.desk.store.offered(name, str(inbound.payload)))
            return replace(inbound, text=title) if title else replace(inbound, payload=None, media=inbound.media or (None if inbound.text else "button"))
        button = _numbered(said, inbound.text)
        return replace(inbound, text=button["title"], payload=button["payload"]) if button else inbound

    async def _directory(self, name: str) -> str:
        standing = await self.desk.keep(lambda: self.desk.store.standing(name, 0))
        country = Crisis.parse_obj(standing.crisis).country if standing.crisis else self.desk.terms.country
        return filled(moment("help"), country, None, now())

    async def _told_of_the_failure(self, arrival: Arrival) -> None:
        name = reference()
        log.exception("a message of %s could not be handled, reference %s", arrival.channel, name)
        FAILURES.labels("arrival").inc()
        if arrival.kind in WAITING:
            await self.courier.send_now(arrival.channel, arrival.address, standing_reply("failed", name))

    async def _told_of_the_wait(self, name: str, arrival: Arrival) -> None:
        """While the database is away nobody waits in silence: danger is answered by the rules, anything else by a word, once."""
        if name in self._told or arrival.kind not in WAITING:
            return
        self._told.add(name)
        FAILURES.labels("store_away").inc()
        care = respond(Crisis(country=self.desk.terms.country), assess(arrival.text), arrival.text, now())
        said = Reply(care, author=CRISIS) if care else Reply(moment("waiting"), author="standing")
        if self.desk.last_look.stopped:
            said = static_help(Crisis(country=self.desk.terms.country), Look(stopped=True), now())
        await self.courier.send_now(arrival.channel, arrival.address, said)


def _numbered(said: list[Stored], text: str) -> dict[str, str] | None:
    """The button that a bare number names, of the last message that the program said."""
    last = next((message for message in reversed(said) if message.author != "person"), None)
    number = text.strip().rstrip(".)")
    if last is None or not (number.isascii() and number.isdigit() and len(number) < 3):
        return None
    return last.buttons[int(number) - 1] if 0 < int(number) <= len(last.buttons) else None
