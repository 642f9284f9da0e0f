"""What could not be stored because the database was away: kept in a local file, and stored when it is back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Callable, Optional
from uuid import uuid4

from persistqueue import Empty

from bot.desk.own_folder import OwnQueue
from bot.store.consents import Consents
from bot.store.conversations import Conversations, NoConversation
from bot.store.messages import CRISIS, Credentials, Inbound, Reply
from bot.store.sealing import Sealer

SPOOL = "spool"


@dataclass(frozen=True)
class Spooled:
    """A message that came while the database was away, with the reply it got. `shown` is what its sender showed, to be proved on replay."""

    conversation_id: str
    shown: Optional[str]
    channel: str
    opened: bool
    inbound: Optional[Inbound]
    replies: tuple[Reply, ...]


class Spool:
    """A file of this process, sealed. What is taken is given back unless it was stored."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self.sealer, self.queue = sealer, OwnQueue(folder)

    def keep(self, item: Spooled) -> None:
        """On disk when this returns."""
        self.queue.put(self.sealer.seal(json.dumps(asdict(item)), SPOOL))

    def depth(self) -> int:
        """How many wait or are being stored."""
        return int(self.queue.active_size())

    def replay(self, store: Callable[[Spooled], None]) -> int:
        """Store what waits, oldest first; returns how many. What `store` raises ends it, with that item kept."""
        done = 0
        while True:
            try:
                row = self.queue.get(block=False, raw=True)
            except Empty:
                return done
            try:
                store(_spooled(json.loads(self.sealer.open(row["data"], SPOOL))))
            except BaseException:
                self.queue.nack(id=row["pqid"])
                raise
            self.queue.ack(id=row["pqid"])
            self.queue.clear_acked_data(keep_latest=0, max_delete=1000)
            done += 1


def stored(conversations: Conversations, item: Spooled, only_agreed: bool = False) -> None:
    """Write a spooled item where it belongs. One whose sender cannot prove the conversation is dropped: nobody could read it.

    With `only_agreed` what was written by somebody who has not agreed that it be kept is dropped too; what was answered stays.
    """
    if item.opened:
        conversations.open(item.channel, Credentials(item.conversation_id, str(item.shown)))
    elif item.shown is not None and not conversations.admits(Credentials(item.conversation_id, item.shown)):
        return
    if item.inbound is None or (only_agreed and Consents(conversations.database).answer(item.conversation_id, "keep") != "agreed"):
        conversations.reply(item.conversation_id, None, list(item.replies))
        return
    try:
        message = conversations.receive(item.conversation_id, item.inbound)
    except NoConversation:
        return
    if any(reply.author == CRISIS for reply in item.replies):
        conversations.call(item.conversation_id, "urgent", message.number)  # it was answered without a database, so nobody could see it
    if not conversations.replies_to(message.number):
        conversations.reply(item.conversation_id, message.number, list(item.replies))


def named(inbound: Inbound) -> Inbound:
    """With a client id, so that storing it twice stores once."""
    return inbound if inbound.client_id else replace(inbound, client_id=uuid4().hex)


def _spooled(row: dict[str, object]) -> Spooled:
    inbound, replies = row["inbound"], row["replies"]
    return Spooled(
        **{
            **row,
            "inbound": Inbound(**inbound) if isinstance(inbound, dict) else None,
            "replies": tuple(Reply(**{**r, "buttons": tuple(r["buttons"]), "delivered": True}) for r in replies) if isinstance(replies, list) else (),
        }  # type: ignore[arg-type]  # checked by the dataclasses that wrote it
    )
