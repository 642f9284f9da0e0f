"""What a database refuses, written once for SQLite and for PostgreSQL."""

from __future__ import annotations

from typing import Literal, Optional

from alembic import op

Event = Literal["INSERT", "UPDATE", "DELETE"]


def refuse(name: str, table: str, event: Event, when: Optional[str], why: str) -> None:
    """Refuse an event on a row where `when` holds (always, if None), with an integrity error. `when` is SQL over NEW or OLD that both databases read."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when or '1'} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    row = "OLD" if event == "DELETE" else "NEW"
    body = f"BEGIN IF {when or 'TRUE'} THEN RAISE EXCEPTION '{why}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def allow(name: str, table: str) -> None:
    """Take a refusal away again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")
