"""What is looked for over all conversations is found without reading all of them."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_conversation_mode": ("conversation", ["mode"]),
    "ix_conversation_holder": ("conversation", ["holder"]),
    "ix_message_reference": ("message", ["reference"]),
    "ix_message_lately": ("message", ["author", "created_at", "conversation_id"]),
}


def upgrade() -> None:
    """Go forward."""
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Go back."""
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
