"""Who listens to a conversation is woken when something in it changes: a new message, someone writing, the end of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Callable, Optional
from weakref import WeakValueDictionary

from async_timeout import timeout


@dataclass(eq=False)
class Topic:
    """What is going on in one conversation beside its stored messages. `version` grows with every change."""

    version: int = 0
    typing: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Feed:
    """The topics that somebody listens to, in this process. What other processes write is brought by bot/desk/changes.py."""

    def __init__(self) -> None:
        self._topics: WeakValueDictionary[str, Topic] = WeakValueDictionary()
        self.publish: Optional[Callable[[str, bool], None]] = None
        """Tells the other processes whether an answer is being worked out, which stands in no row."""

    def topic(self, conversation_id: str) -> Topic:
        """The topic of a conversation; it lives as long as a listener holds it."""
        return self._topics.setdefault(conversation_id, Topic())

    def listened(self) -> list[str]:
        """The conversations that somebody listens to."""
        return list(self._topics)

    def tell(self, conversation_id: str, typing: bool | None = None) -> None:
        """Wake all listeners, everywhere; `typing` says whether an answer is being worked out."""
        self.wake(conversation_id, typing)
        if self.publish and typing is not None:
            self.publish(conversation_id, typing)

    def wake(self, conversation_id: str, typing: bool | None = None) -> None:
        """Wake the listeners of this process."""
        topic = self._topics.get(conversation_id)
        if topic is None:
            return
        topic.version += 1
        topic.typing = topic.typing if typing is None else typing
        topic.changed.set()
        topic.changed = asyncio.Event()

    def wake_all(self) -> None:
        """Wake everybody in this process: anything may have changed."""
        for conversation_id in self.listened():
            self.wake(conversation_id)

    @staticmethod
    async def wait(topic: Topic, version: int, seconds: float) -> bool:
        """Wait until the topic has changed since `version`, for so long at most; says whether it has."""
        if topic.version != version:
            return True
        try:
            async with timeout(seconds):
                await topic.changed.wait()
        except asyncio.TimeoutError:
            return False
        return True
