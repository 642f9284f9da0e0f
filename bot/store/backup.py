"""A backup of everything in the database at one moment, encrypted, and its restoration.

It is rows, not pages, so that one way works for both databases, and a backup of one can be restored into the other. The rows are read in one transaction,
which a running server does not notice. A restored schema is first the one of the backup, then brought to the newest.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence

from alembic import command
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Date, DateTime, MetaData, Table, func, inspect, select, text
from sqlalchemy.engine import Connection

from bot.errors import ReframeError
from bot.store.database import Database, migration_config
from bot.store.encrypted_file import read_encrypted, write_encrypted
from bot.store.erasures import Tombstone, reapply, tombstones
from bot.store.triggers import suspended

VERSION = "alembic_version"
ROWS = 500


class NotRestored(ReframeError):
    """A backup that does not fit."""


def backup(database: Database, file: Path) -> dict[str, int]:
    """Write everything to a file, which is replaced if it is there; returns how many rows of each table."""
    counts: dict[str, int] = {}
    write_encrypted(file, _written(database, counts), database.sealer)
    return counts


def restore(database: Database, file: Path, also: Sequence[Table], more: Iterable[Tombstone] = ()) -> int:
    """Put the contents of a backup in place of what is in the database, then erase again what was erased since; returns how many conversations that were.

    `also` are tables that no migration makes. `more` are erasures that neither the backup nor the database knows. No server may run. Raises NotOurs or
    KeyProblem for a file that does not open, before anything is changed.
    """
    for _ in read_encrypted(file, database.sealer):
        pass  # all of it opens
    known = [*(tombstones(database) if inspect(database.engine).has_table("erasure") else []), *more]
    if database.engine.dialect.name == "sqlite":
        _replaced(database, file, also)
    else:
        with database.engine.begin() as connection:
            _emptied(connection, also)
            _filled(connection, file, database, also)
    return reapply(database, known)


def _written(database: Database, counts: dict[str, int]) -> Iterator[bytes]:
    sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect().execution_options(**({} if sqlite else {"isolation_level": "REPEATABLE READ"})) as connection:
        if sqlite:
            connection.exec_driver_sql("BEGIN")  # the driver by itself begins only before a write
        tables = _tables(connection)
        yield _line({"revision": MigrationContext.configure(connection).get_current_revision(), "made": datetime.now(timezone.utc)})
        for table in tables:
            for row in connection.execution_options(stream_results=True).execute(select(table).order_by(*table.primary_key.columns)):
                counts[table.name] = counts.get(table.name, 0) + 1
                yield _line({"table": table.name, "row": dict(row._mapping)})


def _replaced(database: Database, file: Path, also: Sequence[Table]) -> None:
    """SQLite: another file is filled and takes the place of the old one, so that a restoration that fails changes nothing."""
    there = Path(str(database.engine.url.database))
    new = there.with_name(f"{there.name}.restoring")
    _removed(new)
    filled = Database(f"sqlite:///{new}", database.sealer)
    try:
        with filled.engine.begin() as connection:
            _filled(connection, file, filled, also)
        with filled.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        filled.engine.dispose()
        database.engine.dispose()
        _removed(there, "-wal", "-shm")
        new.replace(there)
    finally:
        filled.engine.dispose()
        _removed(new)


def _removed(file: Path, *ends: str) -> None:
    for end in ends or ("", "-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)


def _emptied(connection: Connection, also: Sequence[Table]) -> None:
    for table in also:
        table.drop(connection, checkfirst=True)
    if MigrationContext.configure(connection).get_current_revision():
        command.downgrade(migration_config(connection), "base")


def _filled(connection: Connection, file: Path, database: Database, also: Sequence[Table]) -> None:
    lines = _lines(read_encrypted(file, database.sealer))
    revision = str(next(lines)["revision"])
    try:
        command.upgrade(migration_config(connection), revision)
    except CommandError:
        raise NotRestored(f"The backup was made by a newer version of this program (schema {revision}). Install that one and restore with it.") from None
    for table in also:
        table.create(connection, checkfirst=True)
    tables = {table.name: table for table in _tables(connection)}
    with suspended(connection):
        for table in reversed(list(tables.values())):
            connection.execute(table.delete())  # the migrations put in the first rows of some
        for name, rows in _grouped(lines):
            connection.execute(tables[name].insert(), [_decoded(tables[name], row) for row in rows])
    _continued(connection, tables)
    command.upgrade(migration_config(connection), "head")


def _continued(connection: Connection, tables: dict[str, Table]) -> None:
    """PostgreSQL: numbers go on after the last one."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        for column in table.primary_key.columns:
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name}).scalar()
            last = connection.execute(select(func.max(column))).scalar() if sequence else None
            if last:
                connection.execute(text("SELECT setval(:s, :last)"), {"s": sequence, "last": last})


def _tables(connection: Connection) -> list[Table]:
    """All tables as they are, those first that others refer to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION]


def _grouped(lines: Iterator[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table, some at a time."""
    name = ""
    rows: list[dict[str, Any]] = []
    for line in lines:
        if rows and (line["table"] != name or len(rows) >= ROWS):
            yield name, rows
            rows = []
        name = line["table"]
        rows.append(line["row"])
    if rows:
        yield name, rows


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, default=_encoded).encode() + b"\n"


def _encoded(value: Any) -> str:
    """A moment in UTC, which SQLite keeps without a zone, or a day."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).astimezone(timezone.utc).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be in a backup yet")


def _decoded(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    kinds = {DateTime: datetime.fromisoformat, Date: date.fromisoformat}
    decode = {c.name: f for c in table.columns for kind, f in kinds.items() if isinstance(c.type, kind)}
    return {name: decode[name](value) if value is not None and name in decode else value for name, value in row.items()}


def _lines(parts: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from map(json.loads, whole)
