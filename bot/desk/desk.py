"""Receive a message: keep it, screen it, answer danger at once, else ask the agent for a bounded time; never silent, nothing lost."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import Any, Awaitable, Callable, Optional, Protocol, TypeVar
from weakref import WeakValueDictionary

from async_timeout import timeout

from bot.desk.consenting import AGREE, NO_RESEARCH, RESEARCH, Asked, Gate, first, thanks
from bot.desk.erasing import ERASE, KEEP, asks_to_erase, offer
from bot.desk.feed import Feed
from bot.desk.notices import Intervals, due
from bot.desk.spool import Spool, Spooled, named, stored
from bot.desk.standing import moment, reference, standing_reply
from bot.safety.crisis import respond
from bot.safety.scoring import Score
from bot.safety.screening import Assessment, assess
from bot.safety.state import Crisis
from bot.store.consents import Answer
from bot.store.conversations import Conversations
from bot.store.database import StoreAway
from bot.store.erasures import Reason
from bot.store.messages import CRISIS, Credentials, Inbound, Reply, Standing, Stored

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Otherwise = Callable[[str, Stored, bool], Awaitable[list[Reply]]]
REMEMBERED = 10_000
"""Conversations in risk that are remembered in the process, for when the database is away."""


class Keep(Protocol):
    """Runs store work in its thread."""

    def __call__(self, work: Callable[[], Result]) -> Awaitable[Result]:
        """What the work gives. Raises StoreAway when the database does not answer in time."""
        ...


class Agent(Protocol):
    """Whoever works out an answer."""

    async def answer(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:
        """The replies to a message; `payload` is that of an offered button, `interrupted` says that a conversation in risk came before it."""
        ...

    def forget(self, conversation_id: str) -> None:
        """Erase what the agent itself keeps of a conversation."""
        ...

    async def remembers(self, conversation_id: str) -> dict[str, Any]:
        """What the agent itself keeps of a conversation, as plain data."""
        ...


@dataclass(frozen=True)
class Terms:
    """What may differ between installations: the first words, the bounds of waiting in seconds, the intervals of notices, the country if it is one.

    `asked` is how leave to keep messages is asked for, or None where the installation has it otherwise.
    """

    notice: str
    seconds: float = 20.0
    store_seconds: float = 5.0
    intervals: Intervals = field(default_factory=Intervals)
    country: Optional[str] = None
    asked: Optional[Asked] = None

    @property
    def first(self) -> Reply:
        """What a conversation begins with."""
        return first(self.notice, self.asked)


class Desk:
    """All conversations of one process."""

    def __init__(self, store: Conversations, agent: Agent, spool: Spool, terms: Terms, likelihood: Callable[[str], Optional[Score]]) -> None:
        """`likelihood` is the scorer's, which may be absent (None) and may fail; the rules alone still work."""
        self.store, self.agent, self.spool, self.terms, self.likelihood = store, agent, spool, terms, likelihood
        self.feed = Feed()
        self.gate = Gate(self, terms.asked) if terms.asked else None
        self.also_forget: list[Callable[[str], Awaitable[None]]] = []
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._crises: dict[str, Crisis] = {}
        # One thread: messages are numbered in the order in which they arrived.
        self._writer = ThreadPoolExecutor(1, "store")

    async def open(self, channel: str) -> tuple[Credentials, list[Stored]]:
        """A new conversation with its first message, which says what the bot is. Works also while the database is away."""
        new, greeting = Credentials.issued(), self.terms.first
        try:
            await self.keep(lambda: self.store.open(channel, new))
            return new, await self.keep(lambda: self.store.reply(new.id, None, [greeting], Standing(noticed_at=_now())))
        except StoreAway as error:
            return new, await self._spooled(Spooled(new.id, new.secret, channel, True, None, (greeting,)), error)

    async def receive(self, conversation_id: str, inbound: Inbound, shown: Optional[str] = None) -> list[Stored]:
        """The replies to a message. It is kept before anything else happens with it; sent twice, it is answered once.

        `shown` is the secret the sender showed, which is proved later when the database is away.
        """
        inbound = named(inbound)
        if inbound.payload == ERASE:
            await self.delete(conversation_id)
            return [Stored(0, "standing", None, moment("erased"), None, (), None, None, _now())]
        turn = self._turns.setdefault(conversation_id, asyncio.Lock())
        try:
            await self.replay()
            if (unkept := await self.stopped(conversation_id, inbound)) is not None:
                return unkept
            message = await self.keep(lambda: self.store.receive(conversation_id, inbound))
            self.feed.tell(conversation_id, typing=True)
            async with turn:
                return await self.answer(conversation_id, message, inbound)
        except StoreAway as error:
            async with turn:
                return await self._spooled(self._unstored(conversation_id, inbound, shown), error)
        finally:
            self.feed.tell(conversation_id, typing=False)

    async def stopped(self, conversation_id: str, inbound: Inbound) -> Optional[list[Stored]]:
        """What is answered to a message that may not be kept, or None when it may. Raises StoreAway when the database does not answer."""
        if self.gate is None:
            return None
        async with self._turns.setdefault(f"gate {conversation_id}", asyncio.Lock()):
            return await self.gate.stopped(conversation_id, inbound)

    async def answer(self, conversation_id: str, message: Stored, inbound: Inbound) -> list[Stored]:
        """The replies to a message that is kept; those it has, when it was answered before. One at a time for each conversation.

        Raises StoreAway when the database does not answer.
        """
        if said := await self.keep(lambda: self.store.replies_to(message.number)):
            return said
        if self.gate and (held := self.gate.waiting(conversation_id)):
            return await self._agreed(conversation_id, message, held, self.gate)
        return await self._turn(conversation_id, message, self._otherwise(message, inbound))

    async def delete(self, conversation_id: str, reason: Reason = "person") -> None:
        """Erase a conversation wherever there is anything of it: spool, database with Rasa's events, inbox, agent, memory of the process.

        Raises StoreAway when the database does not answer; then nothing is erased.
        """
        await self.replay()  # what waits in the spool is stored first, and goes with the rest
        await self.keep(lambda: self.store.delete(conversation_id, reason))
        self._crises.pop(conversation_id, None)
        if self.gate:
            self.gate.forget(conversation_id)
        await self.keep(lambda: self.agent.forget(conversation_id))
        for forget in self.also_forget:
            await forget(conversation_id)
        self.feed.tell(conversation_id)

    async def settle(self) -> int:
        """Store what was spooled and answer what a stop of the process left unanswered; returns how many. Call it before the first message."""
        try:
            await self.replay()
            waiting = await self.keep(self.store.unanswered)
        except StoreAway as error:
            log.warning("the database is away at the start: %s", error)
            return 0
        for conversation_id, message in waiting:
            log.warning("message %s was left unanswered", message.number)
            await self._turn(conversation_id, message, _interrupted)
        return len(waiting)

    async def replay(self) -> int:
        """Store what was spooled while the database was away; returns how many. Raises StoreAway while it still is."""
        if self.spool.queue.size == 0:
            return 0
        done = await self.keep(lambda: self.spool.replay(lambda item: stored(self.store, item, self.gate is not None)))
        log.warning("%s spooled messages were stored", done)
        return done

    async def keep(self, work: Callable[[], Result]) -> Result:
        """Run store work in its thread, so that a slow disk delays only those who wait for it. Raises StoreAway also when it takes too long."""
        doing = asyncio.get_running_loop().run_in_executor(self._writer, work)
        try:
            async with timeout(self.terms.store_seconds):  # asyncio.wait_for of Python 3.10 may swallow a cancellation (bpo-37658)
                return await doing
        except asyncio.TimeoutError:
            raise StoreAway("The database does not answer in time.") from None

    # -- parts ---------------------------------------------------------------------------------------------------

    async def _turn(self, conversation_id: str, message: Stored, otherwise: Otherwise) -> list[Stored]:
        """The crisis answer where there is one, `otherwise` what that gives, with a notice when one is due."""
        standing = await self.keep(lambda: self.store.standing(conversation_id, message.number))
        assessment, crisis = await self._screen(message), self.crisis(standing)
        interrupted, said = crisis.state != "none", list(crisis.said)
        care = respond(crisis, assessment, message.text, message.at)
        self.remember(conversation_id, crisis)
        if standing.mode == "taken":
            await self.keep(lambda: self.store.leave(message.number, "taken"))
            quiet = crisis.copy(update={"said": said})  # what the program would have said was not said
            return await self.keep(lambda: self.store.reply(conversation_id, None, [], Standing(quiet.dict(), standing.noticed_at)))
        if care:
            replies, noticed = [Reply(care, author=CRISIS), *self._beside(message)], standing.noticed_at
        else:
            replies = await otherwise(conversation_id, message, interrupted)
            crisis = _released(crisis)
            notice = due(self.terms.intervals, message.at, standing.noticed_at, standing.last_seen)
            noticed = message.at if notice and replies else standing.noticed_at
            replies = [Reply(moment(notice)), *replies] if notice and replies else replies
        after = Standing(crisis.dict(), noticed, referred=crisis.referred)
        kept = await self.keep(lambda: self.store.reply(conversation_id, message.number, replies, after))
        if not kept and not await self.keep(lambda: self.store.exists(conversation_id)):
            await self.keep(lambda: self.agent.forget(conversation_id))  # it was erased during the turn, after which the agent wrote again
        return kept

    def _beside(self, message: Stored) -> list[Reply]:
        """What has to be said also when danger is answered."""
        if message.payload == AGREE:
            return thanks(self.terms.asked)
        return [offer()] if asks_to_erase(message.text) else []

    async def _thanked(self, _: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        return thanks(self.terms.asked)

    async def _agreed(self, conversation_id: str, message: Stored, held: list[Inbound], gate: Gate) -> list[Stored]:
        """After the yes, what was written before it is kept and answered."""
        said = await self._turn(conversation_id, message, self._thanked)
        for inbound in held:
            kept = await self.keep(partial(self.store.receive, conversation_id, inbound))
            gate.forget(conversation_id)
            said = said + await self.answer(conversation_id, kept, inbound)
        return said

    async def _researched(self, conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        agreed, gate = message.payload == RESEARCH, self.gate
        if gate:
            answer: Answer = "agreed" if agreed else "refused"
            await self.keep(lambda: gate.consents.record(conversation_id, "research", answer, gate.asked.version))
        return [Reply(moment("research_yes" if agreed else "research_no"), author="standing")]

    def _otherwise(self, message: Stored, inbound: Inbound) -> Otherwise:
        """How a message is answered in which there is no danger."""
        if inbound.edits:
            return self._unsaid
        if inbound.media and not message.text.strip():
            return _unreadable
        by_button: dict[str, Otherwise] = {KEEP: _kept, AGREE: self._thanked, RESEARCH: self._researched, NO_RESEARCH: self._researched}
        return by_button.get(str(inbound.payload), self._answer)

    async def _unsaid(self, _: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        await self.keep(lambda: self.store.leave(message.number, "edited"))
        return []

    async def _answer(self, conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:
        if asks_to_erase(message.text):
            return [offer()]
        try:
            asked = self.agent.answer(conversation_id, message.text, message.payload, interrupted)
            async with timeout(self.terms.seconds):
                if replies := await asked:
                    return replies
            failure: object = "the agent returned nothing"
        except asyncio.TimeoutError:
            failure = f"no answer within {self.terms.seconds:g} s"
        except Exception as error:  # whatever breaks behind the desk, the person gets a reply
            log.exception("the agent failed")
            failure = type(error).__name__
        name = reference()
        log.error("message %s got a standing reply, reference %s: %s", message.number, name, failure)
        return [standing_reply("failed", name)]

    def crisis(self, standing: Standing) -> Crisis:
        """Where a conversation in risk stands."""
        return Crisis.parse_obj(standing.crisis or {"country": self.terms.country})

    def remembered(self, conversation_id: str) -> Optional[Crisis]:
        """The same, as this process remembers it while it lasts."""
        return self._crises.get(conversation_id)

    def remember(self, conversation_id: str, crisis: Crisis) -> None:
        """Keep in the process where it stands while there is risk."""
        if crisis.latched:
            while len(self._crises) >= REMEMBERED:
                del self._crises[next(iter(self._crises))]
            self._crises[conversation_id] = crisis
        else:
            self._crises.pop(conversation_id, None)

    def _unstored(self, conversation_id: str, inbound: Inbound, shown: Optional[str]) -> Spooled:
        """The answer without a database: the rules, and what this process remembers of the conversation in risk."""
        crisis = self._crises.get(conversation_id) or self.crisis(Standing())
        care = respond(crisis, assess(inbound.text), inbound.text, _now())
        self.remember(conversation_id, crisis)
        said = Reply(care, author=CRISIS) if care else standing_reply("away", reference())
        return Spooled(conversation_id, shown, "", False, inbound, (said,))

    async def _spooled(self, item: Spooled, error: StoreAway) -> list[Stored]:
        await asyncio.to_thread(self.spool.keep, item)
        log.error("the database is away, a message was spooled: %s", error)
        client_id = item.inbound.client_id if item.inbound else None
        return [Stored(0, r.author, None, r.text, None, r.buttons, client_id, None, _now()) for r in item.replies]

    async def assessed(self, text: str) -> Assessment:
        """The risk of a text, by rules and scorer."""
        return assess(text, await asyncio.to_thread(self._likelihood, text))

    async def _screen(self, message: Stored) -> Assessment:
        found = await self.assessed(message.text)
        await self.keep(lambda: self.store.screened(message.number, found.tier, found.category, found.version))
        return found

    def _likelihood(self, text: str) -> Optional[Score]:
        try:
            return self.likelihood(text)
        except Exception:  # the rules go on without the scorer; that it failed is in the log
            log.exception("the scorer failed")
            return None


async def _interrupted(conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG001  # an Otherwise
    return [standing_reply("interrupted", reference())]


async def _kept(conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG001  # an Otherwise
    return [Reply(moment("kept"), author="standing")]


async def _unreadable(conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG001  # an Otherwise
    return [Reply(moment("media"))]


def _released(crisis: Crisis) -> Crisis:
    """After an ordinary answer a conversation that was cared for is an ordinary one again."""
    return crisis.copy(update={"state": "none", "turns": 0}) if crisis.state == "cared_for" else crisis


def _now() -> datetime:
    return datetime.now(timezone.utc)
