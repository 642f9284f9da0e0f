"""Duty, the stop of automatic replies, alarms, approved phrases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward."""
    _duty()
    op.create_table(
        "alarm",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("times", sa.Integer(), nullable=False),
        _account("acknowledged_by", "alarm", True),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("over_at", MOMENT),
    )
    op.create_index("ix_alarm_subject", "alarm", ["subject"])
    op.create_table(
        "phrase",
        sa.Column("id", sa.String(48), primary_key=True),
        sa.Column("topic", sa.String(48), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("phrase", "alarm", "stop", "on_duty", "shift"):
        op.drop_table(table)


def _duty() -> None:
    op.create_table(
        "shift",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        _account("account", "shift", False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column("zone", sa.String(64), nullable=False),
    )
    op.create_index("ix_shift_account", "shift", ["account"])
    on_duty = sa.Column("account", sa.String(32), sa.ForeignKey("account.id", name="fk_on_duty_account"), primary_key=True)
    op.create_table("on_duty", on_duty, sa.Column("since", MOMENT, nullable=False))
    op.create_table(
        "stop",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        _account("by", "stop", False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_stop_one"),
    )


def _account(name: str, table: str, nullable: bool) -> sa.Column:
    return sa.Column(name, sa.String(32), sa.ForeignKey("account.id", name=f"fk_{table}_account"), nullable=nullable)
