"""What tests of the console's store share: accounts, and cases that were closed."""

from __future__ import annotations

from typing import Optional

from bot.store.accounts import Accounts, Role
from bot.store.console_tables import ClosedCase
from bot.store.conversations import Conversations
from bot.store.handover import Handover
from bot.store.messages import Inbound, now


def account(store: Conversations, name: str, role: Role = "supporter") -> str:
    """The account of a name, made if it is not there; returns its id."""
    accounts = Accounts(store.database)
    return (accounts.by_name(name) or accounts.add(name, role, name.title(), None)).id


def said(store: Conversations, tier: Optional[str], conversation: Optional[str] = None, words: str = "hello") -> str:
    """A conversation in which a person wrote something of a tier."""
    conversation = conversation or store.open("web").id
    message = store.receive(conversation, Inbound(words))
    if tier:
        store.screened(message.number, tier, "suicide", "1")
    return conversation


def closed(store: Conversations, conversation: str, by: str, need: str = "check_in", hands: tuple[str, ...] = ()) -> int:
    """A conversation that `hands` held one after the other, and that was then closed with all its messages; returns the case."""
    handover = Handover(store.database)
    for hand in hands:
        handover.join(conversation, account(store, hand), hand, "joined")
        handover.hand_back(conversation, account(store, hand), "left")
    numbers = [m.number for m in store.messages(conversation)]
    with store.database.unit() as session:
        row = ClosedCase(conversation_id=conversation, need=need, since=now(), first_number=numbers[0], last_number=numbers[-1], closed_at=now())
        row.closed_by = account(store, by)
        session.add(row)
        session.flush()
        return int(row.id)
