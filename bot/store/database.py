"""Open a database, bring it to the newest schema, and run units of work in it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from bot.errors import ReframeError
from bot.store.sealed import SEALER
from bot.store.sealing import Sealer

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 4_000
"""How long a SQLite writer waits for another, in milliseconds."""
KEPT_OPEN = {"poolclass": QueuePool, "connect_args": {"check_same_thread": False}}
"""For files of SQLite: SQLAlchemy 1.4 would open one anew for every unit of work. The pool lends a connection to one thread at a time, whichever it is."""
MIGRATION_MS = 60_000
"""How long a process waits at its start for another that migrates, in milliseconds."""
MIGRATION_LOCK, ANEW_LOCK = 7_246_001, 7_246_002
"""The numbers of advisory locks in PostgreSQL, for migrating and for writing anew; any numbers that nobody else uses."""


class StoreError(ReframeError):
    """The database cannot be used."""


class StoreAway(StoreError):
    """The database does not answer, or is locked; nothing was written."""


class Database:
    """An engine with its sessions. Build it once a process."""

    def __init__(self, url: str, sealer: Sealer) -> None:
        """`sealer` seals what must not be readable. Raises StoreError when the address names no database this project can use."""
        self.engine, self.sealer = _engine(url), sealer
        self._sessions = sessionmaker(self.engine, future=True, expire_on_commit=False, info={SEALER: sealer})

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """A unit of work: committed at its end, rolled back by any exception. Raises StoreAway when the database cannot be reached."""
        try:
            with self._sessions.begin() as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise StoreAway(f"The database does not answer ({type(error).__name__}). Check that it runs and is not locked.") from error

    def migrate(self) -> None:
        """Bring the schema to the newest revision. Raises StoreError when the database cannot be reached."""
        try:
            with self.engine.connect() as connection:
                if _newest(connection):  # then nobody has to be kept away, and a lock does not stop the start
                    return
            with self.engine.begin() as connection:
                _alone(connection)
                command.upgrade(migration_config(connection), "head")
            self.engine.dispose()  # the connection that migrated waits longer than others may
        except SQLAlchemyError as error:
            place = self.engine.url.render_as_string(hide_password=True)
            raise StoreError(f"The database {place} cannot be used ({type(error).__name__}). Check DATABASE_URL and that it runs.") from error


def erase_the_deleted(engine: Engine) -> None:
    """Write the whole database anew, so that nothing deleted or overwritten is left in its files."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The server and the console may start together, and one waits for the other.
        if not sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({ANEW_LOCK})")
            try:
                connection.exec_driver_sql("VACUUM FULL")
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({ANEW_LOCK})")
            return
        for statement in (f"PRAGMA busy_timeout={MIGRATION_MS}", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", f"PRAGMA busy_timeout={BUSY_MS}"):
            connection.exec_driver_sql(statement)


def _newest(connection: Any) -> bool:
    """Whether the schema is at the newest revision."""
    newest = ScriptDirectory.from_config(migration_config(connection)).get_current_head()
    return bool(MigrationContext.configure(connection).get_current_revision() == newest)


def _alone(connection: Any) -> None:
    """Until the transaction ends nobody else migrates: the bot and the console start at the same time."""
    if connection.engine.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout={MIGRATION_MS}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")


def migration_config(connection: Any) -> Config:
    """Alembic's configuration over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        file = parsed.database if parsed.get_backend_name() == "sqlite" and parsed.database != ":memory:" else None
        engine = create_engine(parsed, future=True, pool_pre_ping=True, **(KEPT_OPEN if file else {}))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError("DATABASE_URL names no database that can be used. Write sqlite:///FILE or postgresql://HOST/NAME.") from error
    if parsed.get_backend_name() == "sqlite":
        if file:
            _owned(Path(file))
        event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _owned(file: Path) -> None:
    """A file that only its owner reads; SQLite gives those beside it the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def _sqlite_pragmas(connection: Any, record: object) -> None:
    """WAL lets readers read while one writes; without the second pragma SQLite ignores foreign keys; with the last, what is erased is written over."""
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
