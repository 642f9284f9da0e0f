"""What is kept of a person, for that person; and erasing by two supervisors together."""

from __future__ import annotations

from typing import Any

from bot.desk.desk import Desk
from bot.errors import ReframeError
from bot.store.conversations import NoConversation
from bot.store.own_data import own_data


class NotTogether(ReframeError):
    """An erasure that only one person wants."""


async def data_of(desk: Desk, conversation_id: str) -> dict[str, Any]:
    """All of it, also what the agent remembers. Raises NoConversation when the conversation is gone."""
    data = await desk.keep(lambda: own_data(desk.store.database, conversation_id))
    if data is None:
        raise NoConversation("There is no such conversation; it may have been deleted.")
    return {**data, "remembered": await desk.agent.remembers(conversation_id)}


async def erase_together(desk: Desk, conversation_id: str, requested_by: str, confirmed_by: str) -> None:
    """Erase a conversation because two supervisors (ids of accounts) want it. Raises NotTogether when they are one, NoConversation when it is gone."""
    if not requested_by or not confirmed_by or requested_by == confirmed_by:
        raise NotTogether("Somebody else has to confirm this erasure. Ask another supervisor.")
    if not await desk.keep(lambda: desk.store.exists(conversation_id)):
        raise NoConversation("This conversation is gone already.")
    await desk.delete(conversation_id, "supervisors")
