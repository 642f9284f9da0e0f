"""What happens on a messaging platform, in words of our own, and the durable queue in which it waits for its turn."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Callable, Literal, Optional

from persistqueue import Empty, SQLiteAckQueue
from persistqueue.serializers import json as as_json
from persistqueue.sqlackqueue import AckStatus

from bot.store.messages import Inbound
from bot.store.sealing import Sealer

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
    """The file of one installation, sealed. An arrival is on disk when `put` returns, and leaves when it has been answered."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sealer = sealer
        self.queue = SQLiteAckQueue(str(folder), multithreading=True, auto_commit=True, auto_resume=True, serializer=as_json)

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

    def done(self, item: Any) -> None:
        """It has been answered and can be forgotten."""
        self.queue.ack(id=item["pqid"])
        self.queue.clear_acked_data(keep_latest=0, max_delete=1000)

    def drop(self, of: Callable[[Arrival], bool]) -> None:
        """Take out what waits and is of somebody; what is being answered already is not touched."""
        for row in self.queue.queue():
            if str(row["status"]) in WAITING and of(Arrival(**json.loads(self.sealer.open(row["data"], INBOX)))):
                self.queue.ack(id=row["id"])
                self.queue.total -= 1  # the library counts only what it has handed out
        self.queue.clear_acked_data(keep_latest=0, max_delete=1000)

    def keys(self) -> set[str]:
        """The names of the keys that what waits is sealed with."""
        return {row["data"].partition(":")[0] for row in self.queue.queue()}
