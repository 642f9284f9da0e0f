"""Several workers: arrivals of messaging apps that any of them may take up, and word of each change to all who listen (PostgreSQL)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHANGED = "UPDATE OF mode, holder, holder_name, person_typing_at, holder_typing_at, crisis, need, offer, offer_answer OR DELETE"
"""What is shown of a conversation. Its lock is an update of `mode` to itself, so what stays as it was is not told."""
TOLD = {
    "conversation": ("id", CHANGED),
    "message": ("conversation_id", "INSERT OR UPDATE OR DELETE"),
    "draft": ("conversation_id", "INSERT OR UPDATE"),
    "note": ("conversation_id", "INSERT"),
    "sign_in": (None, "DELETE"),
    "account": (None, "UPDATE OF active, role"),
}
"""By table: the column with the conversation's id (None: whoever listens looks at everything), and the events."""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "arrival",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_arrival_conversation_id", "arrival", ["conversation_id"])
    if op.get_bind().dialect.name == "postgresql":
        for table, (column, events) in TOLD.items():
            _tell(table, column, events)


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TOLD:
            op.execute(f"DROP TRIGGER tell_{table} ON {table}")
            op.execute(f"DROP FUNCTION tell_{table}()")
    op.drop_table("arrival")


def _tell(table: str, column: str | None, events: str) -> None:
    """PostgreSQL tells the same word only once for each transaction, when it is committed."""
    word = f"COALESCE(NEW.{column}, OLD.{column})" if column else "'*'"
    body = f"BEGIN IF TG_OP <> 'UPDATE' OR NEW::text IS DISTINCT FROM OLD::text THEN PERFORM pg_notify('reframe', {word}); END IF; RETURN NULL; END"
    op.execute(f"CREATE FUNCTION tell_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"CREATE TRIGGER tell_{table} AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION tell_{table}()")
