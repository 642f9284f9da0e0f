"""Practice cases: made-up messages that go past the same desk into the same queue and review, under a channel of their own, so that nothing counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Optional

import yaml

from bot.desk.desk import Desk, Terms
from bot.desk.oversight import Supervised
from bot.desk.spool import Spool
from bot.errors import ReframeError
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.messages import PRACTICE, Inbound, Reply, Stored
from bot.store.tables import Conversation

CONTENT = Path(__file__).parent / "content" / "practice.yml"
NOTICE = "This is a practice case. Everything in it is made up, nobody is in danger, and nobody outside the team reads it."
ASKS = re.compile(r"\b(?:real person|human|somebody real)\b", re.IGNORECASE)
"""How the made-up persons ask for a person."""
ORDINARY = "(Practice: here the program would go on with the ordinary conversation.)"


class NoPractice(ReframeError):
    """There is no such practice case."""


@dataclass(frozen=True)
class Scenario:
    """A made-up case: what its person says, in order."""

    id: str
    title: str
    says: tuple[str, ...]


@lru_cache(maxsize=1)
def scenarios() -> tuple[Scenario, ...]:
    """The shipped ones."""
    rows = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    return tuple(Scenario(row["id"], row["title"], tuple(row["says"])) for row in rows)


class StandIn:
    """In place of the trained agent, which a practice does not need."""

    async def answer(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:  # noqa: ARG002  # an Agent
        """One sentence that cannot be taken for an answer; where a person is asked for, it is noted as by the real one."""
        return [Reply(ORDINARY, wants="person" if ASKS.search(text) else None)]

    def forget(self, conversation_id: str) -> None:
        """It remembers nothing."""


class Practice:
    """The practice cases of one installation. Its desk has a StandIn behind it and the NOTICE as first words."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def begin(self, scenario_id: str) -> str:
        """Play a scenario into the queue; returns the conversation. Raises NoPractice for an unknown one."""
        scenario = next((known for known in scenarios() if known.id == scenario_id), None)
        if scenario is None:
            raise NoPractice("There is no such practice case. Choose one of the list.")
        new, _ = await self.desk.open(PRACTICE)
        for text in scenario.says:
            await self.desk.receive(new.id, Inbound(text))
        return new.id

    async def say(self, conversation_id: str, text: str) -> list[Stored]:
        """Write as the made-up person. Raises NoPractice where the conversation is a real one, or none."""
        if not await self.desk.keep(lambda: self._is_practice(conversation_id)):
            raise NoPractice("This is not a practice case. Only in a practice case can you write as the person.")
        return await self.desk.receive(conversation_id, Inbound(text))

    def _is_practice(self, conversation_id: str) -> bool:
        with self.desk.store.database.unit() as session:
            row = session.get(Conversation, conversation_id)
            return row is not None and row.channel == PRACTICE


@lru_cache(maxsize=2)
def practice_on(database: Database, country: Optional[str]) -> Practice:
    """The practice of a process, on its database. What would be spooled while that is away need not outlive the process."""
    spool = Spool(Path(mkdtemp(prefix="reframe-practice-")), database.sealer)
    desk = Desk(Conversations(database), StandIn(), spool, Terms(NOTICE, country=country), lambda _: None)
    desk.oversight = Supervised(database)
    return Practice(desk)
