"""What tests of the console's store share: accounts, and cases that were closed."""

from __future__ import annotations

from typing import Optional

from sqlalchemy import func, select

from bot.store.accounts import Accounts, Role
from bot.store.console_tables import ClosedCase
from bot.store.conversations import Conversations
from bot.store.handover import Handover
from bot.store.messages import Finding, Inbound, Need
from bot.store.needs import raise_need


def account(store: Conversations, name: str, role: Role = "supporter") -> str:
    """The account of a name, made if it is not there; returns its id."""
    accounts = Accounts(store.database)
    return (accounts.by_name(name) or accounts.add(name, role, name.title(), None)).id


def said(store: Conversations, tier: Optional[str], conversation: Optional[str] = None, words: str = "hello") -> str:
    """A conversation in which a person wrote something of a tier."""
    conversation = conversation or store.open("web").id
    message = store.receive(conversation, Inbound(words))
    if tier:
        store.screened(message.number, Finding(tier, "suicide", "1"))
    return conversation


def closed(store: Conversations, conversation: str, by: str, need: Need = "check_in", hands: tuple[str, ...] = ()) -> int:
    """A conversation with a need that `hands` held one after the other, and that was then closed with all its messages; returns the case."""
    handover = Handover(store.database)
    first = [m.number for m in store.messages(conversation) if m.author == "person"][-1]
    with store.database.unit() as session:
        raise_need(session, conversation, need, first)
    for hand in hands:
        handover.claim(conversation, account(store, hand), hand)
        handover.release(conversation, account(store, hand))
    handover.close(conversation, account(store, by))
    with store.database.unit() as session:
        return int(session.execute(select(func.max(ClosedCase.id)).where(ClosedCase.conversation_id == conversation)).scalar())
