"""What other processes write is heard: by PostgreSQL's NOTIFY, which triggers send with each change, or by looking whether a SQLite file has changed.

https://www.postgresql.org/docs/current/sql-notify.html, https://www.sqlite.org/pragma.html#pragma_data_version
"""

from __future__ import annotations

import asyncio
import logging
import select
import time
from contextlib import closing
from threading import Event, Thread
from typing import Any, AsyncIterator, Callable

from async_timeout import timeout
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database

log = logging.getLogger(__name__)
CHANNEL = "reframe"
EVERYTHING = "*"
"""In place of a conversation: any may have changed."""
GATHER_SECONDS = 0.1
"""What comes within so long is told at once, since a turn writes several times."""
SAFETY_SECONDS = 30.0
"""At least so often anything may have changed: a word that got lost is made up for."""
FILE_SECONDS = 0.5
"""How often a SQLite file is looked at."""
CHECK_SECONDS, AGAIN_SECONDS = 10.0, 1.0
"""A line on which nothing was heard for so long is tried; one that broke is opened again after so long."""
Hear = Callable[[str], None]


async def changes(database: Database) -> AsyncIterator[set[str]]:
    """What changed, as it is heard: ids of conversations, perhaps with a word behind them, or EVERYTHING. One listener a process is enough."""
    loop, news, told, stop = asyncio.get_running_loop(), asyncio.Event(), set[str](), Event()

    def hear(what: str) -> None:
        told.add(what)
        news.set()

    def heard(what: str) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(hear, what)

    Thread(target=_listen, args=(database.engine, heard, stop), name="listener", daemon=True).start()
    try:
        while True:
            try:
                async with timeout(SAFETY_SECONDS):
                    await news.wait()
                await asyncio.sleep(GATHER_SECONDS)
            except asyncio.TimeoutError:
                told.add(EVERYTHING)
            news.clear()
            now, told = told, set()
            yield now
    finally:
        stop.set()


def notify(database: Database, what: str) -> None:
    """Tell all processes something that stands in no row of PostgreSQL. Raises StoreAway."""
    with database.unit() as session:
        session.connection().exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANNEL, what))


def _listen(engine: Engine, heard: Hear, stop: Event) -> None:
    """Until stopped, over a line that is opened again whenever it breaks; after that anything may have changed."""
    hear = _hear_server if engine.dialect.name == "postgresql" else _watch_file
    while not stop.is_set():
        try:
            line = engine.raw_connection()
            line.detach()
            with closing(line):
                hear(line.dbapi_connection, heard, stop)
        except (DBAPIError, engine.dialect.dbapi.Error, OSError) as error:
            log.warning("what other processes write is not heard for the moment: %s", type(error).__name__)
            stop.wait(AGAIN_SECONDS)
        except RuntimeError:  # the loop was closed first
            return


def _hear_server(connection: Any, heard: Hear, stop: Event) -> None:
    connection.autocommit = True
    cursor, checked = connection.cursor(), time.monotonic()
    cursor.execute(f"LISTEN {CHANNEL}")
    heard(EVERYTHING)
    while not stop.is_set():
        if select.select([connection], [], [], AGAIN_SECONDS)[0]:
            connection.poll()
            checked = time.monotonic()
        elif time.monotonic() - checked > CHECK_SECONDS:
            cursor.execute("SELECT 1")
            checked = time.monotonic()
        while connection.notifies:
            heard(connection.notifies.pop(0).payload)


def _watch_file(connection: Any, heard: Hear, stop: Event) -> None:
    """Reading the number touches neither tables nor locks."""
    seen = None
    while not stop.wait(FILE_SECONDS):
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if version != seen:
            seen = version
            heard(EVERYTHING)
