"""Conversations and messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE", name="fk_message_conversation"), nullable=False),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.String(255)),
        sa.Column("buttons", sa.JSON(), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("answers", Sequence, sa.ForeignKey("message.number", ondelete="CASCADE", name="fk_message_answers")),
        sa.Column("tier", sa.String(16)),
        sa.Column("category", sa.String(32)),
        sa.Column("screened_with", sa.String(32)),
        sa.Column("reference", sa.String(16)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_message_client_id"),
    )
    op.create_index("ix_message_conversation_id", "message", ["conversation_id"])
    op.create_index("ix_message_answers", "message", ["answers"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("message")
    op.drop_table("conversation")
