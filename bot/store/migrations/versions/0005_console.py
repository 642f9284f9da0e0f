"""The supervisors' console: accounts, sign-ins, audit, what awaits a supporter, drafts, notes, closed cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GENESIS = "0" * 64
OF_CONVERSATION = (
    sa.Column("held_since", MOMENT),
    sa.Column("need", sa.String(16)),
    sa.Column("need_since", MOMENT),
    sa.Column("need_number", NUMBER),
    sa.Column("offer", sa.String(16)),
    sa.Column("offer_answer", sa.String(16)),
)
FORBIDDEN = "the audit is append-only"
SQLITE_TRIGGERS = [
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit BEGIN SELECT RAISE(ABORT, '{FORBIDDEN}'); END" for verb in ("UPDATE", "DELETE")
]
POSTGRES_TRIGGERS = [
    f"CREATE FUNCTION audit_forbidden() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{FORBIDDEN}'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_forbidden()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_forbidden()",
]


def upgrade() -> None:
    """Go forward."""
    for column in OF_CONVERSATION:
        op.add_column("conversation", column.copy())
    op.create_index("ix_conversation_need", "conversation", ["need"])
    op.add_column("message", sa.Column("evidence", sa.JSON()))
    _people()
    _audit()
    _of_conversations()


def downgrade() -> None:
    """Go back. The audit goes with it: take a backup before."""
    for table in ("closed_case", "note", "draft", "audit_head", "audit", "sign_in", "account"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_forbidden()")
    op.drop_index("ix_conversation_need", "conversation")
    with op.batch_alter_table("message") as batch:
        batch.drop_column("evidence")
    with op.batch_alter_table("conversation") as batch:
        for column in OF_CONVERSATION:
            batch.drop_column(column.name)


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(255)),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp", sa.Text()),
        sa.Column("totp_step", NUMBER),
        sa.Column("subject", sa.String(255), unique=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", MOMENT),
        sa.Column("active_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "sign_in",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("account.id", ondelete="CASCADE", name="fk_sign_in_account"), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("form_token", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("why", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "number"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": GENESIS}])
    for trigger in POSTGRES_TRIGGERS if op.get_bind().dialect.name == "postgresql" else SQLITE_TRIGGERS:
        op.execute(trigger)


def _of_conversations() -> None:
    op.create_table(
        "draft",
        *_of_conversation("draft"),
        sa.Column("answers", NUMBER, sa.ForeignKey("message.number", ondelete="CASCADE", name="fk_draft_answers"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("buttons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(64)),
    )
    op.create_index("ix_draft_answers", "draft", ["answers"])
    op.create_index("ix_draft_due", "draft", ["state", "due_at"])
    op.create_table(
        "note",
        *_of_conversation("note"),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("account.id", name="fk_note_account"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "closed_case",
        *_of_conversation("closed_case"),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("held_since", MOMENT),
        sa.Column("first_number", NUMBER, nullable=False),
        sa.Column("last_number", NUMBER, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by", sa.String(32), sa.ForeignKey("account.id", name="fk_closed_case_account"), nullable=False),
    )
    for table in ("draft", "note", "closed_case"):
        op.create_index(f"ix_{table}_conversation_id", table, ["conversation_id"])


def _of_conversation(table: str) -> tuple[sa.Column, sa.Column]:
    of = sa.ForeignKey("conversation.id", ondelete="CASCADE", name=f"fk_{table}_conversation")
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=True), sa.Column("conversation_id", sa.String(64), of, nullable=False)
