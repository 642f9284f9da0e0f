"""Reviews of closed cases by a second person, corrections, debriefs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.triggers import allow, refuse

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIMENSIONS = ("detect", "confirm", "guide", "support", "boundaries")
RATINGS = "('best', 'adequate', 'harm', 'not_applicable')"
HERE = "EXISTS (SELECT 1 FROM conversation WHERE id = OLD.conversation_id)"
LAST = "(SELECT COALESCE(MAX(c.upto), 0) FROM closing c WHERE c.conversation_id = NEW.conversation_id)"
URGENT = f"SELECT 1 FROM message m WHERE m.conversation_id = NEW.conversation_id AND m.tier = 'urgent' AND m.number > {LAST} AND m.number <= NEW.upto"  # noqa: S608  # no value of anybody
REFUSALS = (
    ("closing_not_played_down", "closing", "INSERT", f"NEW.tier <> 'urgent' AND EXISTS ({URGENT})", "an urgent case cannot be closed as anything else"),
    ("closing_not_changed", "closing", "UPDATE", None, "a closing cannot be changed"),
    ("closing_not_deleted", "closing", "DELETE", HERE, "a closing goes only with its conversation"),
    ("hand_not_changed", "hand", "UPDATE", None, "who had a hand in a case cannot be changed"),
    ("hand_not_deleted", "hand", "DELETE", "EXISTS (SELECT 1 FROM closing WHERE id = OLD.closing_id)", "who had a hand in a case cannot be removed"),
    (
        "review_by_another",
        "review",
        "INSERT",
        "EXISTS (SELECT 1 FROM hand WHERE closing_id = NEW.closing_id AND account = NEW.reviewer)",
        "whoever had a hand in a case cannot review it",
    ),
    ("review_not_changed", "review", "UPDATE", None, "a review cannot be changed"),
    ("review_not_deleted", "review", "DELETE", "EXISTS (SELECT 1 FROM closing WHERE id = OLD.closing_id)", "a review goes only with its case"),
)


def upgrade() -> None:
    """Go forward."""
    _closing()
    _review()
    _debrief()
    for name, table, event, when, why in REFUSALS:
        refuse(name, table, event, when, why)  # type: ignore[arg-type]  # a tuple of literals is read as strings


def downgrade() -> None:
    """Go back."""
    for name, table, *_ in REFUSALS:
        allow(name, table)
    for table in ("debrief", "relabelling", "review", "hand", "closing"):
        op.drop_table(table)


def _closing() -> None:
    op.create_table(
        "closing",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE", name="fk_closing_conversation"), nullable=False),
        sa.Column("upto", NUMBER, nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.UniqueConstraint("id", "closed_by", name="uq_closing_closer"),
        sa.UniqueConstraint("conversation_id", "upto", name="uq_closing_upto"),
        sa.CheckConstraint("tier <> 'urgent' OR wanted >= 1", name="ck_closing_urgent_is_reviewed"),
    )
    op.create_index("ix_closing_conversation_id", "closing", ["conversation_id"])
    op.create_table(
        "hand",
        sa.Column("closing_id", NUMBER, sa.ForeignKey("closing.id", ondelete="CASCADE", name="fk_hand_closing"), primary_key=True, autoincrement=False),
        sa.Column("account", sa.String(64), primary_key=True),
    )


def _review() -> None:
    op.create_table(
        "review",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("closing_id", NUMBER, nullable=False),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.Column("reviewer", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in DIMENSIONS),
        sa.Column("missed_crisis", sa.Boolean(), nullable=False),
        sa.Column("false_alarm", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["closing_id", "closed_by"], ["closing.id", "closing.closed_by"], ondelete="CASCADE", name="fk_review_closing"),
        sa.UniqueConstraint("closing_id", "reviewer", name="uq_review_reviewer"),
        sa.CheckConstraint("reviewer <> closed_by", name="ck_review_second_person"),
        *(sa.CheckConstraint(f"{name} IN {RATINGS}", name=f"ck_review_{name}") for name in DIMENSIONS),
    )
    op.create_table(
        "relabelling",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("review_id", NUMBER, sa.ForeignKey("review.id", ondelete="CASCADE", name="fk_relabelling_review"), nullable=False),
        sa.Column("message_number", NUMBER, sa.ForeignKey("message.number", ondelete="CASCADE", name="fk_relabelling_message"), nullable=False),
        sa.Column("intent", sa.String(64)),
        sa.Column("tier", sa.String(16)),
        sa.Column("category", sa.String(32)),
        sa.Column("written_at", MOMENT),
    )
    op.create_index("ix_relabelling_review_id", "relabelling", ["review_id"])
    op.create_index("ix_relabelling_message_number", "relabelling", ["message_number"])


def _debrief() -> None:
    op.create_table(
        "debrief",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("closing_id", NUMBER, sa.ForeignKey("closing.id", ondelete="SET NULL", name="fk_debrief_closing")),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("how", sa.Integer(), nullable=False),
        sa.Column("needs_break", sa.Boolean(), nullable=False),
        sa.Column("wants_to_talk", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.String(64)),
        sa.Column("seen_at", MOMENT),
        sa.CheckConstraint("how BETWEEN 1 AND 5", name="ck_debrief_how"),
    )
    op.create_index("ix_debrief_closing_id", "debrief", ["closing_id"])
