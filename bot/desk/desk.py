"""Receive a message: keep it, screen it, answer danger at once, else ask the agent for a bounded time; never silent, nothing lost."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Awaitable, Callable, Coroutine, NamedTuple, Optional, Protocol, TypeVar

from async_timeout import timeout

from bot.desk.consenting import AGREE, NO_RESEARCH, RESEARCH, Asked, Gate, first, thanks
from bot.desk.erasing import ERASE, KEEP, asks_to_erase, offer
from bot.desk.feed import Feed
from bot.desk.needs import finding, need_in
from bot.desk.notices import Intervals, due
from bot.desk.offering import Answer, answer_in
from bot.desk.oversight import Look, Oversight, Unattended, static_help
from bot.desk.spool import Spool, Spooled, named, stored
from bot.desk.standing import moment, reference, standing_reply
from bot.desk.turns import Turns
from bot.metrics.counted import FAILURES, STEP_SECONDS
from bot.metrics.turn import Turn
from bot.safety.crisis import respond
from bot.safety.scoring import Score
from bot.safety.screening import Assessment, assess
from bot.safety.state import Crisis
from bot.store.consents import Answer as Consent
from bot.store.conversations import Conversations
from bot.store.database import StoreAway
from bot.store.drafts import Drafts
from bot.store.erasures import Reason, erased_since, hashed
from bot.store.locks import Locks
from bot.store.messages import CRISIS, Credentials, Inbound, Reply, Standing, Stored, now
from bot.store.stopped import RepliesStopped

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Otherwise = Callable[[str, Stored, bool], Awaitable[list[Reply]]]
AWAY_SECONDS = 2.0
"""After so long a database that was away is asked again."""
SWEEP_SECONDS = 5.0
"""How often is looked for what a worker that ended has left unanswered."""
STRAGGLERS = 1_000
"""Numbers are given out before what they name is seen by others; so many back is looked again."""
REMEMBERED = 10_000
"""Conversations in risk that are remembered in the process, for when the database is away."""


class Keep(Protocol):
    """Runs store work in its thread."""

    def __call__(self, work: Callable[[], Result]) -> Awaitable[Result]:
        """What the work gives. Raises StoreAway when the database does not answer in time."""
        ...


class Seen(NamedTuple):
    """What is known when a message is answered: its risk, and what people around the program have decided."""

    assessment: Assessment
    look: Look


class Agent(Protocol):
    """Whoever works out an answer."""

    async def answer(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:
        """The replies to a message; `payload` is that of an offered button, `interrupted` says that a conversation in risk came before it."""
        ...

    def forget(self, conversation_id: str) -> None:
        """Erase what the agent itself keeps of a conversation."""
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

    oversight: Oversight = Unattended()
    """Without another, nobody is ever on duty."""

    def __init__(self, store: Conversations, agent: Agent, spool: Spool, terms: Terms, likelihood: Callable[[str], Optional[Score]]) -> None:
        """`likelihood` is the scorer's, which may be absent (None) and may fail; the rules alone still work."""
        self.store, self.agent, self.spool, self.terms, self.likelihood = store, agent, spool, terms, likelihood
        self.last_look = Look()
        self.feed = Feed()
        self.locks = Locks(store.database)
        self.turns = Turns(self.locks, terms.store_seconds, terms.seconds + 2 * terms.store_seconds)
        self.gate = Gate(self, terms.asked) if terms.asked else None
        self.also_forget: list[Callable[[str], Awaitable[None]]] = []
        self._working: set[asyncio.Task[Any]] = set()
        self._crises: dict[str, Crisis] = {}
        self._watching: set[asyncio.Task[None]] = set()
        # One thread: messages are numbered in the order in which they arrived.
        self._writer = ThreadPoolExecutor(1, "store")

    async def open(self, channel: str) -> tuple[Credentials, list[Stored]]:
        """A new conversation with its first message, which says what the bot is. Works also while the database is away."""
        new = Credentials.issued()
        try:
            await self.keep(lambda: self.store.open(channel, new))
            first = await self.greeting()
            return new, await self.keep(lambda: self.store.reply(new.id, None, [first], Standing(noticed_at=now())))
        except StoreAway as error:
            return new, await self._spooled(Spooled(new.id, new.secret, channel, True, None, (self.terms.first,)), error)

    async def admits(self, shown: Credentials) -> bool:
        """Whether the conversation exists and the secret is its own; one that was begun while the database was away is stored first. Raises StoreAway."""
        await self.replay()
        return await self.keep(lambda: self.store.admits(shown))

    async def greeting(self) -> Reply:
        """The first words: the notice, or the static help while automatic replies are stopped. Raises StoreAway when the database does not answer."""
        look = await self.look(now())
        return static_help(Crisis(country=self.terms.country), look, now()) if look.stopped else self.terms.first

    async def receive(self, conversation_id: str, inbound: Inbound, shown: Optional[str] = None) -> list[Stored]:
        """The replies to a message. It is kept before anything else happens with it; sent twice, it is answered once, and also when nobody waits any more.

        `shown` is the secret the sender showed, which is proved later when the database is away.
        """
        return await asyncio.shield(self._begun(self._receive(conversation_id, named(inbound), shown)))

    def _begun(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Work that goes on when whoever began it is gone, as a server cancels what it did for a line that broke."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    async def _receive(self, conversation_id: str, inbound: Inbound, shown: Optional[str]) -> list[Stored]:
        if inbound.payload == ERASE:
            await self.delete(conversation_id)
            return [Stored(0, "standing", None, moment("erased"), None, (), None, None, now())]
        try:
            await self.replay()
            if (said := await self.unkept(conversation_id, inbound)) is not None:
                return said
            async with self.turns.in_hand(conversation_id):
                message = await self.keep(lambda: self.store.receive(conversation_id, inbound))
                self.feed.tell(conversation_id, typing=True)
                async with self.turns.turn(conversation_id, inbound.text, lambda: self.keep(lambda: self.store.waits_before(conversation_id, message.number))):
                    return await self.answer(conversation_id, message, inbound)
        except StoreAway as error:
            async with self.turns.turn_here(conversation_id, inbound.text):
                return await self._spooled(self._unstored(conversation_id, inbound, shown), error)
        finally:
            self.feed.tell(conversation_id, typing=False)

    async def unkept(self, conversation_id: str, inbound: Inbound) -> Optional[list[Stored]]:
        """What is answered to a message that may not be kept, or None when it may. Raises StoreAway when the database does not answer."""
        if self.gate is None:
            return None
        async with self.turns.turn_here(f"gate {conversation_id}", inbound.text):
            return await self.gate.unkept(conversation_id, inbound)

    async def answer(self, conversation_id: str, message: Stored, inbound: Inbound) -> list[Stored]:
        """The replies to a message that is kept; those it has, when it was answered before. One at a time for each conversation.

        Raises StoreAway when the database does not answer.
        """
        before = await self.keep(lambda: self.store.before(conversation_id, message.number))
        if before.said or before.left:
            return list(before.said)
        if self.gate and (held := self.gate.waiting(conversation_id)):
            return await self._agreed(conversation_id, message, before.standing, held)
        otherwise = await self._otherwise(conversation_id, message, inbound, before.standing.offered)
        return await self._turn(conversation_id, message, before.standing, otherwise)

    async def delete(self, conversation_id: str, reason: Reason = "person") -> None:
        """Erase a conversation wherever there is anything of it: spool, database with Rasa's events, inbox, agent, memory of the process.

        Raises StoreAway when the database does not answer; then nothing is erased.
        """
        await self.replay()  # what waits in the spool is stored first, and goes with the rest
        await self.keep(lambda: self.store.delete(conversation_id, reason))
        await self.keep(lambda: self.agent.forget(conversation_id))
        self._forget([conversation_id])
        for forget in self.also_forget:
            await forget(conversation_id)
        self.feed.tell(conversation_id)

    async def heed(self, after: Optional[int]) -> int:
        """Forget what was erased by another process, as by two supervisors in the console, since erasure number `after`; returns the newest number.

        What waits of somebody in the inbox stays: nobody can tell whether it was written before, and who agreed to nothing is asked again.
        Raises StoreAway when the database does not answer.
        """
        newest, hashes = await self.keep(lambda: erased_since(self.store.database, after))
        self._forget([name for name in (*self._crises, *(self.gate.held() if self.gate else ())) if hashed(name) in hashes])
        return newest

    def _forget(self, names: list[str]) -> None:
        """What this process holds of conversations."""
        for name in names:
            self._crises.pop(name, None)
            if self.gate:
                self.gate.forget(name)

    async def settle(self) -> int:
        """Store what was spooled and answer what a stop of the process left unanswered; returns how many. Call it before the first message.

        When the database is away, that is done as soon as it is back, beside the messages that come meanwhile.
        """
        start = now()
        try:
            self._watch_drafts()
            return await self._settle(start)
        except StoreAway as error:
            log.warning("the database is away at the start: %s", error)
            self._begun(self._settle_later(start))
            return 0

    async def _settle(self, start: datetime) -> int:
        await self.replay()
        waiting = [(c, message) for c, message in await self.keep(self.store.unanswered) if message.at < start]
        return sum([await self._left_behind(conversation_id, message) for conversation_id, message in waiting])

    async def sweep(self) -> None:
        """From now on answer what another worker left unanswered when it ended; of all workers one does so. Until cancelled."""
        seen, floor = set[int](), 0
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            with suppress(StoreAway):
                await self.turns.refresh()
                if not await self.turns.lead("sweep"):
                    continue
                last = await self.keep(self.store.last_number)
                waiting = await self.keep(partial(self.store.unanswered, floor - STRAGGLERS))
                # Seen twice: in between a worker whose line to the database broke has taken its locks again.
                for conversation_id, message in waiting:
                    if message.number in seen:
                        await self._left_behind(conversation_id, message)
                seen, floor = {message.number for _, message in waiting}, min([last, *(message.number for _, message in waiting)])

    async def _left_behind(self, conversation_id: str, message: Stored) -> bool:
        """Answer a message that nobody has in hand any more; says whether that was needed."""
        if await self.turns.anybody_has(conversation_id):
            return False
        async with self.turns.turn(conversation_id, message.text):
            if await self.keep(partial(self._dealt_with, message.number)):  # it was sent again meanwhile
                return False
            log.warning("message %s was left unanswered", message.number)
            FAILURES.labels("interrupted").inc()
            standing = await self.keep(partial(self.store.standing, conversation_id, message.number))
            await self._turn(conversation_id, message, standing, _interrupted)
            self.feed.tell(conversation_id, typing=False)
            return True

    def _dealt_with(self, number: int) -> bool:
        return bool(self.store.replies_to(number)) or self.store.left(number)

    async def _settle_later(self, start: datetime) -> None:
        while True:
            await asyncio.sleep(AWAY_SECONDS)
            with suppress(StoreAway):
                await self._settle(start)
                return

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

    async def _turn(self, conversation_id: str, message: Stored, standing: Standing, otherwise: Otherwise) -> list[Stored]:
        """The replies to a message, counted and timed."""
        with Turn() as turn:
            seen = Seen(*await asyncio.gather(self.assessed(message.text), self.look(message.at)))
            turn.screened(seen.assessment.tier)
            said = await self._answered(conversation_id, message, standing, otherwise, seen)
            turn.answered(reply.author for reply in said)
            return said

    async def _answered(self, conversation_id: str, message: Stored, standing: Standing, otherwise: Otherwise, seen: Seen) -> list[Stored]:
        """The crisis answer where there is one, `otherwise` what that gives, with a notice when one is due."""
        crisis = self.crisis(standing)
        before, said = crisis.state, list(crisis.said)
        crisis.attended = seen.look.attended
        care = respond(crisis, seen.assessment, message.text, message.at)
        found = finding(seen.assessment, before, crisis)
        self.remember(conversation_id, crisis)
        # What the program would have said was not said.
        unsaid = Standing(crisis.copy(update={"said": said}).dict(), standing.noticed_at, found=found)
        if standing.mode == "taken":
            await self.keep(lambda: self.store.screened(message.number, found))
            await self.keep(lambda: self.store.leave(message.number, "taken"))
            return await self.keep(lambda: self.store.reply(conversation_id, None, [], unsaid))
        if seen.look.stopped:
            return await self._static(conversation_id, message, unsaid, seen.look)
        if care:
            replies, noticed = [Reply(care, author=CRISIS), *self._beside(message)], standing.noticed_at
        else:
            replies = await otherwise(conversation_id, message, before != "none")
            crisis = _released(crisis)
            notice = due(self.terms.intervals, message.at, standing.noticed_at, standing.last_seen)
            noticed = message.at if notice and replies else standing.noticed_at
            replies = [Reply(moment(notice), author="standing"), *replies] if notice and replies else replies
        after = Standing(crisis.dict(), noticed, referred=crisis.referred, need=need_in(replies), found=found)
        if standing.mode == "approving":
            self._watch_drafts()
        try:
            return await self._kept_reply(conversation_id, message.number, replies, after)
        except RepliesStopped:  # somebody stopped them while this one was worked out
            return await self._static(conversation_id, message, unsaid, seen.look)

    async def _kept_reply(self, conversation_id: str, number: int, replies: list[Reply], after: Standing) -> list[Stored]:
        kept = await self.keep(lambda: self.store.reply(conversation_id, number, replies, after))
        if not kept and not await self.keep(lambda: self.store.exists(conversation_id)):
            await self.keep(lambda: self.agent.forget(conversation_id))  # it was erased during the turn, after which the agent wrote again
        return kept

    async def _static(self, conversation_id: str, message: Stored, after: Standing, look: Look) -> list[Stored]:
        """What everybody is given while automatic replies are stopped; supporters see who it is, and erasing goes on being offered.

        It counts as a referral where there is danger.
        """
        crisis = Crisis.parse_obj(after.crisis)
        after = replace(after, referred=crisis.state != "none", need="error")
        replies = [static_help(crisis, look, message.at), *self._beside(message)]
        return await self.keep(lambda: self.store.reply(conversation_id, message.number, replies, after))

    def _beside(self, message: Stored) -> list[Reply]:
        """What has to be said also when danger is answered."""
        if message.payload == AGREE:
            return thanks(self.terms.asked)
        return [offer()] if asks_to_erase(message.text) else []

    async def _thanked(self, _: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        return thanks(self.terms.asked)

    async def _welcomed(self, conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:
        """After a yes before which nothing was written there is something to answer: the question of research, or where to begin."""
        said = await self._thanked(conversation_id, message, interrupted)
        return said if len(said) > 1 else [*said, Reply(moment("begin"), author="standing")]

    async def _agreed(self, conversation_id: str, message: Stored, standing: Standing, held: Inbound) -> list[Stored]:
        """After the yes, what was written before it is kept and answered."""
        said = await self._turn(conversation_id, message, standing, self._thanked)
        kept = await self.keep(lambda: self.store.receive(conversation_id, held))
        if self.gate:
            self.gate.forget(conversation_id)
        return said + await self.answer(conversation_id, kept, held)

    async def _researched(self, conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        agreed, gate = message.payload == RESEARCH, self.gate
        if gate:
            answer: Consent = "agreed" if agreed else "refused"
            await self.keep(lambda: gate.consents.record(conversation_id, "research", answer, gate.asked.version))
        return [Reply(moment("research_yes" if agreed else "research_no"), author="standing")]

    async def look(self, at: datetime) -> Look:
        """What people around the program have decided. Raises StoreAway when the database does not answer."""
        self.last_look = await self.keep(lambda: self.oversight.look(at))
        return self.last_look

    async def _otherwise(self, conversation_id: str, message: Stored, inbound: Inbound, offered: bool) -> Otherwise:
        """What answers a message in which there is no danger; `offered` says that a handover waits for a yes or no."""
        if inbound.edits:
            return self._unsaid
        if inbound.media and not message.text.strip():
            return _unreadable
        by_button: dict[str, Otherwise] = {KEEP: _kept, AGREE: self._welcomed, RESEARCH: self._researched, NO_RESEARCH: self._researched}
        if inbound.payload in by_button:
            return by_button[inbound.payload]
        answer = answer_in(inbound, offered)
        return await self._offer_answered(conversation_id, message, answer) if answer else self._answer

    async def _offer_answered(self, conversation_id: str, message: Stored, answer: Answer) -> Otherwise:
        """The person said yes or no to a handover. An answer to nothing that is open is an ordinary message."""
        name = await self.keep(lambda: self.store.answer_offer(conversation_id, answer, message.number))
        if name is None:
            return self._answer
        words = moment(f"offer_{answer}").replace("{name}", name)

        async def told(*_: object) -> list[Reply]:
            return [Reply(words, author="standing")]

        return told

    def _watch_drafts(self) -> None:
        """Once, after as long as a draft may wait: whoever waits is told. The console looks as well; whichever comes first does it."""
        watching = asyncio.create_task(self._expire_drafts())
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)

    async def _expire_drafts(self) -> None:
        await asyncio.sleep(self.store.draft_waits.total_seconds() + 0.1)
        try:
            for conversation_id in await self.keep(lambda: Drafts(self.store.database).expire(now(), moment("draft_late"))):
                self.feed.tell(conversation_id)
        except StoreAway as error:
            log.warning("drafts cannot be looked at, the database is away: %s", error)
            self._watch_drafts()

    async def _unsaid(self, _: str, message: Stored, interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Otherwise
        await self.keep(lambda: self.store.leave(message.number, "edited"))
        return []

    async def _answer(self, conversation_id: str, message: Stored, interrupted: bool) -> list[Reply]:
        if asks_to_erase(message.text):
            return [offer()]
        try:
            asked = self.agent.answer(conversation_id, message.text, message.payload, interrupted)
            with STEP_SECONDS.labels("agent").time():
                async with timeout(self.terms.seconds):
                    if replies := await asked:
                        return replies
            kind, failure = "agent_empty", "the agent returned nothing"
        except asyncio.TimeoutError:
            kind, failure = "agent_late", f"no answer within {self.terms.seconds:g} s"
        except Exception as error:  # whatever breaks behind the desk, the person gets a reply
            log.exception("the agent failed")
            kind, failure = "agent_broke", type(error).__name__
        FAILURES.labels(kind).inc()
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
        crisis.attended = False
        care = respond(crisis, assess(inbound.text), inbound.text, now())
        self.remember(conversation_id, crisis)
        if self.last_look.stopped:
            return Spooled(conversation_id, shown, "", False, inbound, (static_help(crisis, Look(stopped=True), now()),))
        said = Reply(care, author=CRISIS) if care else standing_reply("away", reference())
        return Spooled(conversation_id, shown, "", False, inbound, (said,))

    async def _spooled(self, item: Spooled, error: StoreAway) -> list[Stored]:
        await asyncio.to_thread(self.spool.keep, item)
        log.error("the database is away, a message was spooled: %s", error)
        FAILURES.labels("store_away").inc()
        client_id = item.inbound.client_id if item.inbound else None
        return [Stored(0, r.author, None, r.text, None, r.buttons, client_id, None, now()) for r in item.replies]

    async def assessed(self, text: str) -> Assessment:
        """The risk of a text, by rules and scorer."""
        with STEP_SECONDS.labels("screening").time():
            return assess(text, await asyncio.to_thread(self._likelihood, text))

    def _likelihood(self, text: str) -> Optional[Score]:
        try:
            return self.likelihood(text)
        except Exception:  # the rules go on without the scorer; that it failed is in the log
            log.exception("the scorer failed")
            FAILURES.labels("scorer").inc()
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
