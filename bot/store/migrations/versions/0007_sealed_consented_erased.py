"""Identities that sealed texts are bound to, the keys that seal, what people agreed to, and what was erased.

What was kept in plain is sealed at the first start after this.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None

MARKED = ("message", "complaint")
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward. Tables are not made anew (no batch), which on SQLite would take along the rows that hang on them."""
    for table in MARKED:
        op.add_column(table, sa.Column("mark", sa.String(32)))
        op.create_index(f"ix_{table}_mark", table, ["mark"], unique=True)
    op.create_table("sealing_key", sa.Column("name", sa.String(32), primary_key=True), sa.Column("known", sa.Text(), nullable=False))
    op.create_table(
        "consent",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE", name="fk_consent_conversation"), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_consent_conversation_id", "consent", ["conversation_id"])
    op.create_table(
        "erasure",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_erasure_conversation_hash", "erasure", ["conversation_hash"])


def downgrade() -> None:
    """Go back. What is sealed stays sealed, and programs older than this cannot read it."""
    for table in ("erasure", "consent", "sealing_key"):
        op.drop_table(table)
    for table in MARKED:
        op.drop_index(f"ix_{table}_mark", table)
        op.drop_column(table, "mark")
