"""Who speaks in a conversation, and replies on their way to messaging apps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_CONVERSATION = (
    sa.Column("mode", sa.String(16), nullable=False, server_default="automatic"),
    sa.Column("holder", sa.String(64)),
    sa.Column("holder_name", sa.String(64)),
    sa.Column("address", sa.Text()),
    sa.Column("muted", sa.String(16)),
    sa.Column("person_typing_at", MOMENT),
    sa.Column("holder_typing_at", MOMENT),
)
OF_MESSAGE = (sa.Column("speaker", sa.String(64)), sa.Column("left_to", sa.String(16)))


def upgrade() -> None:
    """Go forward."""
    for table, columns in (("conversation", OF_CONVERSATION), ("message", OF_MESSAGE)):
        for column in columns:
            op.add_column(table, column.copy())
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE", name="fk_delivery_conversation"), nullable=False),
        sa.Column("message_number", NUMBER, sa.ForeignKey("message.number", ondelete="CASCADE", name="fk_delivery_message"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("problem", sa.String(255)),
    )
    op.create_index("ix_delivery_conversation_id", "delivery", ["conversation_id"])
    op.create_index("ix_delivery_message_number", "delivery", ["message_number"])
    op.create_index("ix_delivery_due", "delivery", ["state", "due_at"])
    op.create_table(
        "rejection",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("rejection")
    op.drop_table("delivery")
    for table, columns in (("conversation", OF_CONVERSATION), ("message", OF_MESSAGE)):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
