"""Reviews of closed cases by a second person, corrections, debriefs. What must hold is held by triggers, whatever the code believes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.triggers import Consequence, Refusal, make, remove

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIMENSIONS = ("detect", "confirm", "guide", "support", "boundaries")
RATINGS = "('best', 'adequate', 'harm', 'not_applicable')"
BEFORE = "SELECT MAX(e.last_number) FROM closed_case e WHERE e.conversation_id = NEW.conversation_id AND e.id < NEW.id"
SEEN = f"SELECT 1 FROM message m WHERE m.conversation_id = NEW.conversation_id AND m.number > COALESCE(({BEFORE}), 0) AND m.number <= NEW.last_number"  # noqa: S608
URGENT = f"(NEW.need IN ('immediate', 'urgent') OR EXISTS ({SEEN} AND m.tier = 'urgent'))"
OWES = (
    f"INSERT INTO review_owed (case_id, closed_by, urgent, wanted, drawn) SELECT NEW.id, NEW.closed_by, {URGENT}, CASE WHEN {URGENT} THEN 1 ELSE 0 END, (1 = 0)"
)
GIVEN = "UPDATE hand SET case_id = NEW.id WHERE conversation_id = NEW.conversation_id AND case_id IS NULL"
TAKEN = "INSERT INTO hand (conversation_id, account) VALUES (NEW.id, NEW.holder)"
HELD = "EXISTS (SELECT 1 FROM hand WHERE case_id = NEW.case_id AND account = NEW.reviewer)"
OF_CASE = "EXISTS (SELECT 1 FROM closed_case WHERE id = OLD.case_id)"
OF_CONVERSATION = "EXISTS (SELECT 1 FROM conversation WHERE id = OLD.conversation_id)"
SHRINKS = (
    "NEW.case_id <> OLD.case_id OR NEW.closed_by <> OLD.closed_by OR NEW.urgent <> OLD.urgent OR NEW.wanted < OLD.wanted"
    " OR (OLD.drawn AND NEW.wanted <> OLD.wanted)"
)
MOVES = "NEW.conversation_id <> OLD.conversation_id OR NEW.account <> OLD.account OR OLD.case_id IS NOT NULL"
TRIGGERS = (
    Consequence("hand_taken", "conversation", "UPDATE", "NEW.holder IS NOT NULL AND NEW.holder IS DISTINCT FROM OLD.holder", (TAKEN,)),
    Consequence("case_owes_review", "closed_case", "INSERT", None, (OWES, GIVEN)),
    Refusal("case_not_changed", "closed_case", "UPDATE", None, "a closed case cannot be changed"),
    Refusal("case_not_deleted", "closed_case", "DELETE", OF_CONVERSATION, "a closed case goes only with its conversation"),
    Refusal("owed_not_less", "review_owed", "UPDATE", SHRINKS, "a review that is owed stays owed"),
    Refusal("owed_not_deleted", "review_owed", "DELETE", OF_CASE, "a review that is owed goes only with its case"),
    Refusal("hand_not_changed", "hand", "UPDATE", MOVES, "who had a hand in a case cannot be changed"),
    Refusal("hand_not_deleted", "hand", "DELETE", OF_CONVERSATION, "who had a hand in a case cannot be removed"),
    Refusal("review_by_another", "review", "INSERT", HELD, "whoever had a hand in a case cannot review it"),
    Refusal("review_not_changed", "review", "UPDATE", None, "a review cannot be changed"),
    Refusal("review_not_deleted", "review", "DELETE", OF_CASE, "a review goes only with its case"),
)


def upgrade() -> None:
    """Go forward; cases that were closed before owe their reviews too."""
    _owed()
    _review()
    _debrief()
    old = OWES.replace("NEW.", "c.") + " FROM closed_case c"
    op.execute(old)
    for trigger in TRIGGERS:
        make(trigger)


def downgrade() -> None:
    """Go back."""
    for trigger in TRIGGERS:
        remove(trigger)
    for table in ("debrief", "relabelling", "review", "hand", "review_owed"):
        op.drop_table(table)


def _owed() -> None:
    op.create_table(
        "review_owed",
        sa.Column("case_id", NUMBER, sa.ForeignKey("closed_case.id", ondelete="CASCADE", name="fk_review_owed_case"), primary_key=True, autoincrement=False),
        sa.Column("closed_by", sa.String(32), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("case_id", "closed_by", name="uq_review_owed_closer"),
    )
    op.create_table(
        "hand",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversation.id", ondelete="CASCADE", name="fk_hand_conversation"), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("case_id", NUMBER, sa.ForeignKey("closed_case.id", ondelete="CASCADE", name="fk_hand_case")),
    )
    op.create_index("ix_hand_conversation_id", "hand", ["conversation_id"])
    op.create_index("ix_hand_case_id", "hand", ["case_id"])


def _review() -> None:
    op.create_table(
        "review",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("case_id", NUMBER, nullable=False),
        sa.Column("closed_by", sa.String(32), nullable=False),
        sa.Column("reviewer", sa.String(32), sa.ForeignKey("account.id", name="fk_review_account"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.String(16), nullable=False) for name in DIMENSIONS),
        sa.Column("missed_crisis", sa.Boolean(), nullable=False),
        sa.Column("false_alarm", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id", "closed_by"], ["review_owed.case_id", "review_owed.closed_by"], ondelete="CASCADE", name="fk_review_owed"),
        sa.UniqueConstraint("case_id", "reviewer", name="uq_review_reviewer"),
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
        sa.Column("case_id", NUMBER, sa.ForeignKey("closed_case.id", ondelete="SET NULL", name="fk_debrief_case")),
        sa.Column("account", sa.String(32), sa.ForeignKey("account.id", name="fk_debrief_account"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("how", sa.Integer(), nullable=False),
        sa.Column("needs_break", sa.Boolean(), nullable=False),
        sa.Column("wants_to_talk", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.String(32)),
        sa.Column("seen_at", MOMENT),
        sa.CheckConstraint("how BETWEEN 1 AND 5", name="ck_debrief_how"),
    )
    op.create_index("ix_debrief_case_id", "debrief", ["case_id"])
