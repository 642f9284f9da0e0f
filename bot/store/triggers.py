"""What a database refuses or does by itself, written once for SQLite and for PostgreSQL.

SQLite drops a table's triggers when a batch migration makes the table anew; such a migration has to make them again (a test compares).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, Literal, NamedTuple, Optional, Union

from alembic import op
from sqlalchemy import inspect
from sqlalchemy.engine import Connection


class Refusal(NamedTuple):
    """An event on a row that is refused with an integrity error where `when` holds (always, if None): SQL over NEW or OLD that both databases read."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    when: Optional[str]
    why: str


class Consequence(NamedTuple):
    """Statements that follow an event on a row where `when` holds, in the same transaction."""

    name: str
    table: str
    event: Literal["INSERT", "UPDATE"]
    when: Optional[str]
    do: tuple[str, ...]


Trigger = Union[Refusal, Consequence]


def make(trigger: Trigger) -> None:
    """Put a trigger on its table."""
    before = isinstance(trigger, Refusal)
    head = f"{trigger.name} {'BEFORE' if before else 'AFTER'} {trigger.event} ON {trigger.table}"
    if op.get_bind().dialect.name == "sqlite":
        body = f"SELECT RAISE(ABORT, '{trigger.why}')" if isinstance(trigger, Refusal) else "; ".join(trigger.do)
        op.execute(f"CREATE TRIGGER {head} WHEN {trigger.when or '1'} BEGIN {body}; END")
        return
    body = f"RAISE EXCEPTION '{trigger.why}' USING ERRCODE = 'check_violation'" if isinstance(trigger, Refusal) else "; ".join(trigger.do)
    row = "OLD" if trigger.event == "DELETE" else "NEW"
    whole = f"BEGIN IF {trigger.when or 'TRUE'} THEN {body}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {whole} $$")
    op.execute(f"CREATE TRIGGER {head} FOR EACH ROW EXECUTE FUNCTION {trigger.name}()")


def remove(trigger: Trigger) -> None:
    """Take it away again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {trigger.name}")
        return
    op.execute(f"DROP TRIGGER {trigger.name} ON {trigger.table}")
    op.execute(f"DROP FUNCTION {trigger.name}()")


@contextmanager
def suspended(connection: Connection) -> Iterator[None]:
    """Nothing is refused and nothing follows, as while a backup is put back whose rows hold what followed already. Part of the transaction."""
    if connection.dialect.name == "sqlite":
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for name, _ in made:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _, statement in made:
            connection.exec_driver_sql(statement)
        return
    tables = [connection.dialect.identifier_preparer.quote(name) for name in inspect(connection).get_table_names()]
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
