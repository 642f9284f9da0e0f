"""What other processes write, brought to the listeners of this one; and what this one works out, told to the others."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

from bot.desk.desk import Desk
from bot.store.database import StoreAway
from bot.store.marks import Mark, marks
from bot.store.notifying import EVERYTHING, changes, notify

log = logging.getLogger(__name__)
TYPING = {"typing": True, "quiet": False}


class Changes:
    """One a process: however many listen, the database is asked once for all of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.database, self.own = desk, desk.store.database, token_hex(8)
        self._marks: dict[str, Mark | None] = {}
        self._teller = ThreadPoolExecutor(1, "teller")
        if self.database.engine.dialect.name == "postgresql":
            desk.feed.publish = self._publish

    async def run(self) -> None:
        """Hear and wake until cancelled."""
        async for heard in changes(self.database):
            if EVERYTHING in heard:
                await self._look_over()
            for word in heard - {EVERYTHING}:
                self._wake(*word.split(" "))

    def _wake(self, conversation_id: str, how: str = "", whose: str = "") -> None:
        """A word of our own has been told here before it went out."""
        if whose != self.own:
            self.desk.feed.wake(conversation_id, TYPING.get(how))

    async def _look_over(self) -> None:
        """Wake whoever listens to a conversation that looks otherwise than at the last look. While the database is away that waits."""
        listened = self.desk.feed.listened()
        try:
            found = await self.desk.keep(lambda: marks(self.database, listened))
        except StoreAway as error:
            log.warning("what other processes wrote cannot be looked at: %s", error)
            return
        before, self._marks = self._marks, {conversation_id: found.get(conversation_id) for conversation_id in listened}
        for conversation_id, mark in self._marks.items():
            if conversation_id not in before or before[conversation_id] != mark:
                self.desk.feed.wake(conversation_id)

    def _publish(self, conversation_id: str, typing: bool) -> None:
        self._teller.submit(self._tell, f"{conversation_id} {'typing' if typing else 'quiet'} {self.own}")

    def _tell(self, word: str) -> None:
        try:
            notify(self.database, word)
        except StoreAway as error:
            log.warning("other processes cannot be told who is writing: %s", error)
