"""Where a conversation in risk stands, when a notice was given, and the count of referrals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("conversation", sa.Column("crisis", sa.JSON()))
    op.add_column("conversation", sa.Column("noticed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "referral",
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("referral")
    op.drop_column("conversation", "noticed_at")
    op.drop_column("conversation", "crisis")
