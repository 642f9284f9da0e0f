"""Who works on what, among all workers of one database: locks that vanish with the process that holds them.

PostgreSQL's session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS), all on one connection of their own:
the server frees them as soon as that connection is gone. A database of one process, as SQLite is here, needs no more than a count.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from contextlib import suppress
from threading import RLock
from typing import Any, Optional

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.store.database import Database, StoreAway

log = logging.getLogger(__name__)
TAKE, FREE, SHARE, UNSHARE = "pg_try_advisory_lock", "pg_advisory_unlock", "pg_try_advisory_lock_shared", "pg_advisory_unlock_shared"


GONE_AFTER = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
"""Seconds and attempts after which the server takes a machine that says nothing any more to be gone, and frees what it held."""


class Locks:
    """The locks that this process holds, by name; for any thread. Every method raises StoreAway when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self.engine, self.shared = database.engine, database.engine.dialect.name == "postgresql"
        self._held: Counter[str] = Counter()
        self._alone: set[str] = set()
        self._connection: Optional[Any] = None
        self._one_at_a_time = RLock()

    def take(self, name: str) -> bool:
        """Hold it alone, if nobody holds it, this process included; says whether it is held now."""
        with self._one_at_a_time:
            if self._held[name] or (self.shared and not self._ask(TAKE, name)):
                return False
            self._held[name] += 1
            self._alone.add(name)
            return True

    def lead(self, name: str) -> bool:
        """Hold it alone from now on, or go on holding it; says whether this is the one process that does."""
        with self._one_at_a_time:
            return name in self._alone or self.take(name)

    def share(self, name: str) -> bool:
        """Hold it beside others, several times if need be; says whether it is held now, which it is unless somebody holds it alone."""
        with self._one_at_a_time:
            if name in self._alone or (self.shared and not self._ask(SHARE, name)):
                return False
            self._held[name] += 1
            return True

    def free(self, name: str) -> None:
        """Give up one hold of it; nothing when it is not held."""
        with self._one_at_a_time:
            if not self._held[name]:
                return
            self._held[name] -= 1
            how = FREE if name in self._alone else UNSHARE
            self._alone.discard(name)
            if not self._held[name]:
                del self._held[name]
            if self.shared:
                self._ask(how, name)

    def anybody(self, name: str) -> bool:
        """Whether any living process holds it, alone or beside others."""
        with self._one_at_a_time:
            if not self.take(name):
                return True
            self.free(name)
            return False

    def refresh(self) -> None:
        """Notice a connection that broke, and take again what was held on it."""
        with self._one_at_a_time:
            if self.shared:
                self._ask("pg_sleep", 0)

    def close(self) -> None:
        """Give up everything, as the end of the process does."""
        with self._one_at_a_time:
            self._held.clear()
            self._alone.clear()
            self._drop()

    def _ask(self, function: str, what: str | int) -> bool:
        key = what if isinstance(what, int) else _key(what)
        for last_try in (False, True):
            try:
                return bool(self._connected().exec_driver_sql(f"SELECT {function}(%s)", (key,)).scalar())
            except (DBAPIError, PoolTimeout) as error:
                self._drop()
                if last_try:
                    raise StoreAway(f"The database does not answer ({type(error).__name__}), so nothing can be locked there.") from error
        return False

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.detach()
            for name, value in GONE_AFTER.items():
                self._connection.exec_driver_sql(f"SET {name} = {value}")
            for held, times in self._held.items():
                how = TAKE if held in self._alone else SHARE
                got = [self._connection.exec_driver_sql(f"SELECT {how}(%s)", (_key(held),)).scalar() for _ in range(times)]
                if not all(got):  # each message still gets one answer: the store sees to that
                    log.warning("a lock that was held when the line to the database broke has gone to another worker")
        return self._connection

    def _drop(self) -> None:
        broken, self._connection = self._connection, None
        if broken is not None:
            with suppress(DBAPIError):
                broken.invalidate()
                broken.close()


def _key(name: str) -> int:
    """The number of a name, as the server takes it: signed, of 64 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
