"""What is looked for over all conversations is found without reading all of them."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = (("conversation", "mode"), ("conversation", "holder"), ("message", "created_at"), ("message", "reference"))


def upgrade() -> None:
    """Go forward."""
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Go back."""
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
