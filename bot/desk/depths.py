"""How much waits: in the database for messaging apps, and in the files of this process."""

from __future__ import annotations

from typing import Optional

from bot.desk.arrivals import Inbox
from bot.desk.spool import Spool
from bot.metrics.levels import Level
from bot.store.messages import now
from bot.store.outbox import Outbox


def stored(outbox: Outbox) -> list[Level]:
    """What the database holds; every process of an installation sees the same. Raises StoreAway."""
    oldest = outbox.oldest()
    late = max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0
    return [
        Level("reframe_outbox_depth", "Replies to messaging apps, by state: waiting, sending, dead.", outbox.depth(), "state"),
        Level("reframe_outbox_late_seconds", "How long the oldest reply that waits has been due.", {"": late}),
    ]


def kept(spool: Spool, inbox: Optional[Inbox]) -> list[Level]:
    """What lies in the files of this process. Without messaging apps there is no inbox."""
    depths = {"spool": spool.depth(), **({"inbox": inbox.depth()} if inbox else {})}
    return [Level(f"reframe_{name}_depth", f"Messages in the {name}, those being worked on included.", {"": depth}) for name, depth in depths.items()]
