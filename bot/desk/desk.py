"""Receive a message: keep it, screen it, get an answer within a bounded time or say honestly that there is none."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Optional, Protocol, TypeVar
from weakref import WeakValueDictionary

from bot.desk.standing import reference, standing_reply
from bot.safety.screening import Assessment, assess
from bot.store.conversations import Conversations, Credentials, Inbound, Reply, Stored

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Agent(Protocol):
    """Whoever works out an answer."""

    async def answer(self, conversation_id: str, text: str, payload: Optional[str]) -> list[Reply]:
        """The replies to a message; `payload` is that of an offered button."""
        ...

    def forget(self, conversation_id: str) -> None:
        """Erase what the agent itself keeps of a conversation."""
        ...


class Desk:
    """All conversations of one process."""

    def __init__(self, store: Conversations, agent: Agent, seconds: float, notice: str) -> None:
        """`seconds` bounds the wait for an answer; `notice` is the first thing said in a new conversation."""
        self.store, self.agent, self.seconds, self.notice = store, agent, seconds, notice
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # One thread: messages are numbered in the order in which they arrived.
        self._writer = ThreadPoolExecutor(1, "store")

    async def open(self, channel: str) -> tuple[Credentials, list[Stored]]:
        """A new conversation with its first message, which says what the bot is."""
        new = await self.keep(lambda: self.store.open(channel))
        return new, await self.keep(lambda: self.store.reply(new.id, None, [Reply(self.notice)]))

    async def receive(self, conversation_id: str, inbound: Inbound) -> list[Stored]:
        """The replies to a message. It is kept before anything else happens with it; sent twice, it is answered once."""
        message = await self.keep(lambda: self.store.receive(conversation_id, inbound))
        turn = self._turns.setdefault(conversation_id, asyncio.Lock())
        async with turn:
            if said := await self.keep(lambda: self.store.replies_to(message.number)):
                return said
            replies = await self._answer(conversation_id, message)
            return await self.keep(lambda: self.store.reply(conversation_id, message.number, replies))

    async def delete(self, conversation_id: str) -> None:
        """Erase a conversation, here and at the agent."""
        await self.keep(lambda: self.store.delete(conversation_id))
        await self.keep(lambda: self.agent.forget(conversation_id))

    async def settle(self) -> int:
        """Answer what a stop of the process left unanswered; returns how many. Call it before the first message."""
        waiting = await self.keep(self.store.unanswered)
        for conversation_id, message in waiting:
            said = standing_reply("interrupted", await self._screen(message), message.text, reference())
            log.warning("message %s was left unanswered, reference %s", message.number, said.reference)
            await self.keep(lambda c=conversation_id, m=message, s=said: self.store.reply(c, m.number, [s]))  # type: ignore[misc]  # bound now
        return len(waiting)

    async def keep(self, work: Callable[[], Result]) -> Result:
        """Run store work in its thread, so that a slow disk delays only those who wait for it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def _answer(self, conversation_id: str, message: Stored) -> list[Reply]:
        assessment = await self._screen(message)
        try:
            asked = self.agent.answer(conversation_id, message.text, message.payload)
            if replies := await asyncio.wait_for(asked, self.seconds):
                return replies
            failure: object = "the agent returned nothing"
        except asyncio.TimeoutError:
            failure = f"no answer within {self.seconds:g} s"
        except Exception as error:  # whatever breaks behind the desk, the person gets a reply
            log.exception("the agent failed")
            failure = type(error).__name__
        name = reference()
        log.error("message %s got a standing reply, reference %s: %s", message.number, name, failure)
        return [standing_reply("failed", assessment, message.text, name)]

    async def _screen(self, message: Stored) -> Assessment:
        found = assess(message.text)
        await self.keep(lambda: self.store.screened(message.number, found.tier, found.category, found.version))
        return found
