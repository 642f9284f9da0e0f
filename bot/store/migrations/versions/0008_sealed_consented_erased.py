"""Identities that sealed texts are bound to, the keys that seal, what people agreed to, what was erased and what two people want erased.

What was kept in plain is sealed at the first start after this. What nobody may change, the audit's reasons and the reviewers' remarks, may be sealed anew
with another key and not otherwise.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.triggers import Refusal, make, remove

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MARKED = ("message", "complaint", "draft", "note", "review", "debrief", "audit", "stop")
AUDIT = ("number", "at", "actor", "action", "subject", "detail", "previous", "hash")
RATED = ("detect", "confirm", "guide", "support", "boundaries", "missed_crisis", "false_alarm")
REVIEW = ("id", "case_id", "closed_by", "reviewer", "created_at", *RATED)
APPEND_ONLY, FIXED = "the audit is append-only", "a review cannot be changed"
REVIEW_BEFORE = Refusal("review_not_changed", "review", "UPDATE", None, FIXED)
MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward. Tables are not made anew (no batch), which on SQLite would take along the rows that hang on them."""
    for table in MARKED:
        op.add_column(table, sa.Column("mark", sa.String(32)))
        op.create_index(f"ix_{table}_mark", table, ["mark"], unique=True)
    _guard_but_for_sealing()
    op.create_table(
        "erasure_request",
        sa.Column("conversation_id", sa.String(64), _of("erasure_request"), primary_key=True),
        sa.Column("by", sa.String(32), sa.ForeignKey("account.id", name="fk_erasure_request_account"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table("sealing_key", sa.Column("name", sa.String(32), primary_key=True), sa.Column("known", sa.Text(), nullable=False))
    op.create_table(
        "consent",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", sa.String(64), _of("consent"), nullable=False),
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
    for table in ("erasure", "consent", "sealing_key", "erasure_request"):
        op.drop_table(table)
    _guard_whole()
    for table in MARKED:
        op.drop_index(f"ix_{table}_mark", table)
        op.drop_column(table, "mark")


def _of(table: str) -> sa.ForeignKey:
    return sa.ForeignKey("conversation.id", ondelete="CASCADE", name=f"fk_{table}_conversation")


def _guards() -> tuple[Refusal, ...]:
    changed = Refusal("audit_no_update", "audit", "UPDATE", _but_for_sealing("why", AUDIT), APPEND_ONLY)
    kept = (Refusal("audit_no_delete", "audit", "DELETE", None, APPEND_ONLY),) if _postgres() else ()
    return (changed, *kept, Refusal("review_not_changed", "review", "UPDATE", _but_for_sealing("note", REVIEW), FIXED))


def _but_for_sealing(column: str, others: tuple[str, ...]) -> str:
    """Refused is everything but a first sealing, which gives the row its mark, and one with another key, whose name stands before the colon."""
    place = "strpos" if _postgres() else "instr"
    new, old = (f"substr({row}.{column}, 1, {place}({row}.{column}, ':'))" for row in ("NEW", "OLD"))
    sealed = f"(NEW.{column} LIKE 'k%:%' AND (OLD.mark IS NULL OR {new} <> {old}))"
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in others)
    remarked = "(OLD.mark IS NOT NULL AND NEW.mark IS DISTINCT FROM OLD.mark)"
    return f"{changed} OR {remarked} OR (NEW.{column} IS DISTINCT FROM OLD.{column} AND NOT {sealed})"


def _guard_but_for_sealing() -> None:
    remove(REVIEW_BEFORE)
    op.execute("DROP TRIGGER audit_no_change ON audit" if _postgres() else "DROP TRIGGER audit_no_update")
    for guard in _guards():
        make(guard)


def _guard_whole() -> None:
    for guard in _guards():
        remove(guard)
    make(REVIEW_BEFORE)
    if _postgres():
        op.execute("CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_forbidden()")
    else:
        make(Refusal("audit_no_update", "audit", "UPDATE", None, APPEND_ONLY))


def _postgres() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")
