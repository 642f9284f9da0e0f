"""What happens on a messaging platform, in words of our own, and the durable queue in which it waits for its turn."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Optional

from persistqueue import Empty
from persistqueue.sqlackqueue import AckStatus

from bot.desk.own_folder import OwnQueue
from bot.store.database import StoreAway
from bot.store.inbox import ArrivalQueue
from bot.store.messages import Inbound
from bot.store.sealing import Sealer

log = logging.getLogger(__name__)

Kind = Literal["message", "edited", "began", "stopped", "resumed", "blocked", "help", "group"]
INBOX = "inbox"
WAITING = (AckStatus.inited, AckStatus.ready)


@dataclass(frozen=True)
class Arrival:
    """One thing that happened. `id` is the platform's name for it: the same twice is one.

    `person` is the platform's name of whoever wrote (of the room, where kind is group), `address` what is needed to answer there.
    `media` says that something came which cannot be read; `payload` is that of a button.
    """

    channel: str
    id: str
    person: str
    address: dict[str, str] = field(default_factory=dict)
    kind: Kind = "message"
    text: str = ""
    payload: Optional[str] = None
    media: Optional[str] = None

    def inbound(self) -> Inbound:
        """As the desk takes it. Names of platforms may be longer than the store's, so they are hashed."""
        return Inbound(self.text, hashlib.sha256(self.id.encode()).hexdigest(), self.payload, self.media, edits=self.kind == "edited")


class Inbox:
    """A file of this process, sealed. An arrival is on disk when `put` returns, and leaves when it has been answered."""

    look_seconds: Optional[float] = None
    """Whatever comes comes by `put`, so there is no need to look for more."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self.sealer = sealer
        self.queue = OwnQueue(folder)

    def put(self, arrival: Arrival) -> None:
        """On disk when this returns."""
        self.queue.put(self.sealer.seal(json.dumps(asdict(arrival)), INBOX))

    def next(self) -> Optional[tuple[Any, Arrival]]:
        """The oldest that nobody works on, with what `done` needs, or None."""
        try:
            item = self.queue.get(block=False, raw=True)
        except Empty:
            return None
        return item, Arrival(**json.loads(self.sealer.open(item["data"], INBOX)))

    def depth(self) -> int:
        """How many wait or are worked on."""
        return int(self.queue.active_size())

    def done(self, item: Any) -> None:
        """It has been answered and can be forgotten."""
        self.queue.ack(id=item["pqid"])
        self.queue.clear_acked_data(keep_latest=0, max_delete=1000)

    def put_aside(self, item: Any) -> None:
        """It could not be handled. Until the next start it stays where it is."""

    def drop(self, conversation_id: str) -> None:
        """Take out what waits here of somebody; what is being answered already is not touched."""
        for row in self.queue.queue():
            if str(row["status"]) in WAITING and self._whose(row["data"]) == conversation_id:
                self.queue.ack(id=row["id"])
                self.queue.total -= 1  # the library counts only what it has handed out
        self.queue.clear_acked_data(keep_latest=0, max_delete=1000)

    def _whose(self, data: str) -> str:
        arrival = json.loads(self.sealer.open(data, INBOX))
        return self.sealer.pseudonym(arrival["channel"], arrival["person"])


class SharedInbox(Inbox):
    """The inbox of all workers, in their database; the file of this process while that is away. What a worker that ended had in hand another takes up."""

    look_seconds = 1.0

    def __init__(self, folder: Path, sealer: Sealer, arrivals: ArrivalQueue) -> None:
        super().__init__(folder, sealer)
        self.arrivals, self._began = arrivals, False

    def put(self, arrival: Arrival) -> None:
        """Kept when this returns, there or here."""
        name = self.sealer.pseudonym(arrival.channel, arrival.person)
        try:
            self.arrivals.put(name, self.sealer.seal(json.dumps(asdict(arrival)), INBOX))
        except StoreAway as error:
            log.warning("an arrival is kept in the file: %s", error)
            super().put(arrival)

    def next(self) -> Optional[tuple[Any, Arrival]]:
        """What waits in the file came first."""
        if waits_here := super().next():
            return waits_here
        try:
            if not self._began:  # after the start of a worker what was put aside is tried again
                self.arrivals.bring_back()
                self._began = True
            found = self.arrivals.next()
        except StoreAway as error:
            log.warning("the inbox cannot be read: %s", error)
            return None
        return (found[0], Arrival(**json.loads(self.sealer.open(found[1], INBOX)))) if found else None

    def done(self, item: Any) -> None:
        """It has been answered and can be forgotten. Raises StoreAway."""
        self.arrivals.done(item) if isinstance(item, int) else super().done(item)

    def put_aside(self, item: Any) -> None:
        """It stands in nobody's way until the next start of a worker. Raises StoreAway."""
        if isinstance(item, int):
            self.arrivals.put_aside(item)

    def depth(self) -> int:
        """How many wait or are worked on, there and here. Raises StoreAway."""
        return super().depth() + self.arrivals.depth()
