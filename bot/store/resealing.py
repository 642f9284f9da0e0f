"""Sealing what was kept in plain, sealing anew with a newer key, and noticing at the start that a key is wrong.

Rows are taken in small batches, each a unit of work that holds what it reads, so that a server may run beside it; whatever was done stays done, so that it
can be stopped at any time and begun again.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.store.database import Database, erase_the_deleted
from bot.store.sealed import SEALED, Sealed, marked, sealer_in
from bot.store.sealing import KEY_BYTES, NAMES, KeyProblem, keys_in, write_keys
from bot.store.tables import SealingKey

BATCH = 200
SETTLE_SECONDS = 10.0
"""After this long no unit of work is under way that began before a new key was in the file: longer than a writer waits for the database."""
KNOWN = "This sentence is known, so that a wrong key is noticed."
WRONG = (
    "The key file does not belong to this database: {why}. Put back the file that was made with it (REFRAME_KEYS; docs/privacy.md says where copies lie). "
    "Nothing has been changed."
)
Columns = Sequence[Sealed]
Change = Callable[[Session, list[Sealed], list[Any]], int]


def unlock(database: Database, columns: Columns = SEALED) -> int:
    """Before anything is read: see that the keys are the right ones, and seal what is still plain; returns how many values that were.

    Raises KeyProblem when a key is wrong or missing.
    """
    known = _kept(database)
    _recognised(database, known)
    sealed = 0 if known else seal_plain(database, columns)
    if not {NAMES, database.sealer.newest} <= known.keys():
        with suppress(IntegrityError):  # PostgreSQL, where another process that starts just now has written them
            _keep(database)
        _recognised(database, _kept(database))
    return sealed


def seal_plain(database: Database, columns: Columns = SEALED) -> int:
    """Seal every value that is still kept in plain, and write the database anew so that nothing of them is left in its files; returns how many."""
    done = _change_all(database, columns, _sealed)
    if done:
        erase_the_deleted(database.engine)
    return done


def rotate(database: Database, columns: Columns, waiting: Callable[[], set[str]], settle: float = SETTLE_SECONDS) -> list[str]:
    """Seal everything with a new key, and take the old ones away where nothing is sealed with them; returns the names of old keys that have to stay.

    A rotation that was stopped is gone on with, without another key. `waiting` gives the keys of messages that wait outside the database.
    """
    file, sealer = _file_of(database), database.sealer
    if len(sealer.names) == 1:
        write_keys(file, {**keys_in(file), _next(sealer.newest): secrets.token_bytes(KEY_BYTES)})
    unlock(database, columns)
    _change_all(database, columns, _renewed)
    time.sleep(settle)
    _change_all(database, columns, _renewed)  # what a server wrote meanwhile with the key it knew
    used = {*inventory(database, columns), *waiting()}
    old = [name for name in sealer.names if name != sealer.newest]
    _retire(database, file, [name for name in old if name not in used])
    return [name for name in old if name in used]


def inventory(database: Database, columns: Columns = SEALED) -> Counter[str]:
    """How many values are sealed with each key; `plain` are not sealed. Raises KeyProblem for one that does not open."""
    counts: Counter[str] = Counter()
    for table, of_table in _by_table(database, columns):
        for keys in _batches(database, table):
            with database.unit() as session:
                counts.update(_key(column, row) for row in _rows(session, table, keys) for column in of_table if getattr(row, column.column))
    return counts


def _change_all(database: Database, columns: Columns, change: Change) -> int:
    done = 0
    for table, of_table in _by_table(database, columns):
        for keys in _batches(database, table):
            with database.unit() as session:
                _hold(session)
                done += change(session, of_table, list(_rows(session, table, keys)))
    return done


def _sealed(session: Session, columns: list[Sealed], rows: list[Any]) -> int:
    """Seal what is plain in rows; those without an identity get one."""
    plain = [(column, row, getattr(row, column.column)) for row in rows for column in columns if column.plain(row)]
    for row in rows:
        if getattr(row, "mark", "") is None:
            row.mark = marked()
    for column, row, value in plain:
        column.put(session, row, value)
    return len(plain)


def _renewed(session: Session, columns: list[Sealed], rows: list[Any]) -> int:
    """Seal anew what is sealed with an older key."""
    newest = sealer_in(session).newest
    older = [(column, row) for row in rows for column in columns if getattr(row, column.column) and _key(column, row) != newest]
    for column, row in older:
        column.put(session, row, column.get(row))
    return len(older)


def _key(column: Sealed, row: Any) -> str:
    """The name of the key a value is sealed with. Raises KeyProblem when it does not open."""
    if column.plain(row):
        return "plain"
    column.get(row)
    return str(getattr(row, column.column)).partition(":")[0]


def _kept(database: Database) -> dict[str, str]:
    with database.unit() as session:
        return {row.name: row.known for row in session.execute(select(SealingKey)).scalars()}


def _keep(database: Database) -> None:
    with database.unit() as session:
        _hold(session)
        there = set(session.execute(select(SealingKey.name)).scalars())
        session.add_all([SealingKey(name=name, known=_known(database, name)) for name in {NAMES, database.sealer.newest} - there])


def _recognised(database: Database, known: dict[str, str]) -> None:
    sealer = database.sealer
    for name, sentence in known.items():
        if name == NAMES and sentence != _known(database, NAMES):
            raise KeyProblem(WRONG.format(why="its key `names` is another one"))
        if name != NAMES and name not in sealer.names:
            raise KeyProblem(WRONG.format(why=f"the key {name} is missing"))
        try:
            _ = name == NAMES or sealer.open(sentence, _about(name))
        except KeyProblem:
            raise KeyProblem(WRONG.format(why=f"its key {name} is another one of the same name")) from None


def _known(database: Database, name: str) -> str:
    return database.sealer.pseudonym("known", KNOWN) if name == NAMES else database.sealer.seal(KNOWN, _about(name))


def _about(name: str) -> str:
    return f"sealing_key.known/{name}"


def _retire(database: Database, file: Path, names: list[str]) -> None:
    with database.unit() as session:
        session.execute(delete(SealingKey).where(SealingKey.name.in_(names)))
    write_keys(file, {name: key for name, key in keys_in(file).items() if name not in names})


def _next(newest: str) -> str:
    return f"k{int(newest.removeprefix('k')) + 1}"


def _file_of(database: Database) -> Path:
    if database.sealer.file is None:
        raise KeyProblem("These keys are of no file, so they cannot be rotated.")
    return database.sealer.file


def _by_table(database: Database, columns: Columns) -> list[tuple[Any, list[Sealed]]]:
    """The columns of each table that exists; Rasa's own is made later."""
    there = inspect(database.engine)
    tables = dict.fromkeys(column.table for column in columns if there.has_table(column.table.__tablename__))
    return [(table, [column for column in columns if column.table is table]) for table in tables]


def _batches(database: Database, table: Any) -> Iterator[list[Any]]:
    """The primary keys of a table, some at a time; rows that come meanwhile are reached too."""
    (key,), last = inspect(table).primary_key, None
    while True:
        query = select(key).order_by(key).limit(BATCH)
        with database.unit() as session:
            keys = session.execute(query if last is None else query.where(key > last)).scalars().all()
        if not keys:
            return
        yield keys
        last = keys[-1]


def _rows(session: Session, table: Any, keys: list[Any]) -> Iterator[Any]:
    (key,) = inspect(table).primary_key
    yield from session.execute(select(table).where(key.in_(keys)).with_for_update()).scalars()


def _hold(session: Session) -> None:
    """On SQLite a write has to come first, so that nobody writes between our reading and our writing; PostgreSQL locks the rows it reads."""
    session.execute(update(SealingKey).where(SealingKey.name == "").values(name=""))
