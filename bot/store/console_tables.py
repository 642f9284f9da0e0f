"""The tables of the supervisors' console. A change here needs a migration, as with those of tables.py."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Text

from bot.store.tables import Base, Moment, Sequence

__all__ = ["Account", "AuditEntry", "AuditHead", "Base", "ClosedCase", "Draft", "ErasureRequest", "Note", "SignIn"]


class Account(Base):
    """Someone who works in the console. Accounts are never deleted, since the audit names them; `active` says whether they may sign in.

    `name` is what they sign in with, `shown` what the person in a conversation is told. `password` is an Argon2 hash, absent where only `subject`
    signs in, the name at the identity provider. `totp` is the secret of the one-time codes, sealed; `totp_step` the last step that was used.
    `failures` are attempts since the last success; `locked_until` is when the next one is looked at. `active_at` is when they last moved a hand.
    """

    __tablename__ = "account"

    id = Column(String(32), primary_key=True)
    name = Column(String(64), nullable=False, unique=True)
    shown = Column(String(64), nullable=False)
    role = Column(String(16), nullable=False)
    password = Column(String(255))
    must_change = Column(Boolean, nullable=False, default=False)
    totp = Column(Text)
    totp_step = Column(Sequence)
    subject = Column(String(255), unique=True)
    active = Column(Boolean, nullable=False, default=True)
    failures = Column(Integer, nullable=False, default=0)
    locked_until = Column(Moment)
    active_at = Column(Moment)
    created_at = Column(Moment, nullable=False)


class SignIn(Base):
    """One browser that is signed in, or on its way. Only the hash of its token is kept; `form_token` goes into every form.

    `stage` is what is still due: code, enrol, password, or full for nothing.
    """

    __tablename__ = "sign_in"

    token = Column(String(64), primary_key=True)
    account_id = Column(String(32), ForeignKey("account.id", ondelete="CASCADE", name="fk_sign_in_account"), nullable=False, index=True)
    stage = Column(String(16), nullable=False)
    form_token = Column(String(64), nullable=False)
    created_at = Column(Moment, nullable=False)
    seen_at = Column(Moment, nullable=False)


class AuditEntry(Base):
    """One deed: who, when, what, on what, why. `hash` is over the content and the hash of the entry before. Triggers forbid changing and deleting.

    It outlives conversations, and so holds ids and never words of a conversation. `detail` is canonical JSON. `why` is sealed to the row by its `mark`;
    the hash is over the words themselves, so that sealing anew changes nothing of the chain.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "number"),)

    number = Column(Sequence, primary_key=True, autoincrement=False)
    at = Column(Moment, nullable=False)
    actor = Column(String(64), nullable=False)
    action = Column(String(48), nullable=False)
    subject = Column(String(64))
    mark = Column(String(32), unique=True, index=True)
    why = Column(Text)
    detail = Column(Text, nullable=False)
    previous = Column(String(64), nullable=False)
    hash = Column(String(64), nullable=False, unique=True)


class AuditHead(Base):
    """The end of the chain, one row: how many entries there are and the hash of the last. Whoever writes an entry holds this row meanwhile."""

    __tablename__ = "audit_head"

    id = Column(Integer, primary_key=True, autoincrement=False)
    number = Column(Sequence, nullable=False)
    hash = Column(String(64), nullable=False)


class Draft(Base):
    """An answer of the program that waits for a supporter's leave, sealed to the row by its `mark`. `state` is waiting, sent, edited, discarded or expired."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_due", "state", "due_at"),)

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_draft_conversation"), nullable=False, index=True)
    answers = Column(Sequence, ForeignKey("message.number", ondelete="CASCADE", name="fk_draft_answers"), nullable=False, index=True)
    mark = Column(String(32), unique=True, index=True)
    text = Column(Text, nullable=False)
    buttons = Column(JSON, nullable=False, default=list)
    state = Column(String(16), nullable=False)
    created_at = Column(Moment, nullable=False)
    due_at = Column(Moment, nullable=False)
    decided_by = Column(String(64))


class Note(Base):
    """What a supporter notes for the others, sealed to the row by its `mark`. The person sees it only among their own data; it goes with its conversation."""

    __tablename__ = "note"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_note_conversation"), nullable=False, index=True)
    account_id = Column(String(32), ForeignKey("account.id", name="fk_note_account"), nullable=False)
    mark = Column(String(32), unique=True, index=True)
    text = Column(Text, nullable=False)
    created_at = Column(Moment, nullable=False)


class ClosedCase(Base):
    """A need that was met and closed: what it was, since when, the messages it spans, who closed it. A conversation may have several."""

    __tablename__ = "closed_case"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_closed_case_conversation"), nullable=False, index=True)
    need = Column(String(16), nullable=False)
    since = Column(Moment, nullable=False)
    held_since = Column(Moment)
    first_number = Column(Sequence, nullable=False)
    last_number = Column(Sequence, nullable=False)
    closed_at = Column(Moment, nullable=False)
    closed_by = Column(String(32), ForeignKey("account.id", name="fk_closed_case_account"), nullable=False)


class ErasureRequest(Base):
    """That a supervisor wants a conversation erased, until another one agrees or it is taken back. Why is in the audit."""

    __tablename__ = "erasure_request"

    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_erasure_request_conversation"), primary_key=True)
    by = Column(String(32), ForeignKey("account.id", name="fk_erasure_request_account"), nullable=False)
    at = Column(Moment, nullable=False)
