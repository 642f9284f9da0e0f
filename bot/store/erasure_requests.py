"""Erasing a conversation because two supervisors want it: one asks, another agrees. The audit keeps who did, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.console_tables import Account, ErasureRequest
from bot.store.erasures import erase
from bot.store.messages import now
from bot.store.sending import locked
from bot.store.tables import Conversation


class NotErased(ReframeError):
    """An erasure that only one person wants, or of what is not there."""


@dataclass(frozen=True)
class Asked:
    """A conversation that somebody wants erased; `by` is their account and `name` its name."""

    conversation_id: str
    channel: str
    by: str
    name: str
    at: datetime


class ErasureRequests:
    """Those of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def waiting(self) -> list[Asked]:
        """Oldest first."""
        query = select(ErasureRequest, Conversation.channel, Account.name).join(Conversation, Conversation.id == ErasureRequest.conversation_id)
        query = query.join(Account, Account.id == ErasureRequest.by).order_by(ErasureRequest.at)
        with self.units.unit() as session:
            return [Asked(row.conversation_id, channel, row.by, name, row.at) for row, channel, name in session.execute(query)]

    def ask(self, conversation_id: str, by: str) -> None:
        """Somebody wants it; the first one counts. Raises NotErased when there is no such conversation."""
        with self.units.unit() as session:
            if locked(session, conversation_id) is None:
                raise NotErased("There is no such conversation; it may have been erased already.")
            if session.get(ErasureRequest, conversation_id) is None:
                session.add(ErasureRequest(conversation_id=conversation_id, by=by, at=now()))

    def take_back(self, conversation_id: str) -> None:
        """It is not to be erased after all. Raises NotErased when nobody wanted it, or another has agreed."""
        with self.units.unit() as session:
            if not session.execute(delete(ErasureRequest).where(ErasureRequest.conversation_id == conversation_id)).rowcount:
                raise NotErased(NOBODY)

    def agree(self, conversation_id: str, by: str) -> None:
        """A second one wants it as well: it is erased, whatever hangs on it. Raises NotErased when it is the same one, or nobody asked for it."""
        with self.units.unit() as session:
            locked(session, conversation_id)
            asked = session.get(ErasureRequest, conversation_id)
            if asked is None:
                raise NotErased(NOBODY)
            if asked.by == by:
                raise NotErased("Somebody else has to agree to this erasure. Ask another supervisor.")
            erase(session, conversation_id, "supervisors")


NOBODY = "Nobody asks for this conversation to be erased any more. Load the page again."
