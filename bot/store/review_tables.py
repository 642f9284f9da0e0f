"""The tables of reviews and of what supporters say about their own work. What must hold is held by constraints here and by triggers in the migration."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Integer, String, Text, UniqueConstraint

from bot.store.console_tables import ClosedCase
from bot.store.tables import Base, Moment, Sequence

DIMENSIONS = ("detect", "confirm", "guide", "support", "boundaries")
"""What a review rates: the five dimensions of VERA-MH."""
RATINGS = ("best", "adequate", "harm", "not_applicable")
CASE = f"{ClosedCase.__tablename__}.id"


class Owed(Base):
    """How many reviews a closed case wants. A trigger makes the row with the case, with one for an urgent case; it can only grow, by the draw.

    `drawn` says whether the case has been in the draw of the sample.
    """

    __tablename__ = "review_owed"
    __table_args__ = (UniqueConstraint("case_id", "closed_by", name="uq_review_owed_closer"),)  # what a review refers to

    case_id = Column(Sequence, ForeignKey(CASE, ondelete="CASCADE", name="fk_review_owed_case"), primary_key=True, autoincrement=False)
    closed_by = Column(String(32), nullable=False)
    urgent = Column(Boolean, nullable=False)
    wanted = Column(Integer, nullable=False)
    drawn = Column(Boolean, nullable=False)


class Hand(Base):
    """An account that held a conversation, written by a trigger, and so cannot review the case that was closed then (`case_id`, None while it is open)."""

    __tablename__ = "hand"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_hand_conversation"), nullable=False, index=True)
    account = Column(String(64), nullable=False)
    case_id = Column(Sequence, ForeignKey(CASE, ondelete="CASCADE", name="fk_hand_case"), index=True)


class Review(Base):
    """What one person found in a closed case. The reviewer is never who closed it, nor had a hand in it; a review is not changed afterwards.

    `note` is sealed to the row by its `mark`.
    """

    __tablename__ = "review"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "closed_by"], ["review_owed.case_id", "review_owed.closed_by"], ondelete="CASCADE", name="fk_review_owed"),
        UniqueConstraint("case_id", "reviewer", name="uq_review_reviewer"),
        CheckConstraint("reviewer <> closed_by", name="ck_review_second_person"),
        *(CheckConstraint(f"{name} IN {RATINGS!r}", name=f"ck_review_{name}") for name in DIMENSIONS),
    )

    id = Column(Sequence, primary_key=True, autoincrement=True)
    case_id = Column(Sequence, nullable=False)
    closed_by = Column(String(32), nullable=False)
    reviewer = Column(String(32), ForeignKey("account.id", name="fk_review_account"), nullable=False)
    created_at = Column(Moment, nullable=False)
    detect = Column(String(16), nullable=False)
    confirm = Column(String(16), nullable=False)
    guide = Column(String(16), nullable=False)
    support = Column(String(16), nullable=False)
    boundaries = Column(String(16), nullable=False)
    missed_crisis = Column(Boolean, nullable=False)
    false_alarm = Column(Boolean, nullable=False)
    mark = Column(String(32), unique=True, index=True)
    note = Column(Text, nullable=False)


class Relabelling(Base):
    """What one message should have been taken for. `written_at` is when it was written, redacted, to the corrections file."""

    __tablename__ = "relabelling"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    review_id = Column(Sequence, ForeignKey("review.id", ondelete="CASCADE", name="fk_relabelling_review"), nullable=False, index=True)
    message_number = Column(Sequence, ForeignKey("message.number", ondelete="CASCADE", name="fk_relabelling_message"), nullable=False, index=True)
    intent = Column(String(64))
    tier = Column(String(16))
    category = Column(String(32))
    written_at = Column(Moment)


class Debrief(Base):
    """How a case was for the supporter, from 1 (very hard) to 5 (fine); for supervisors' eyes. It outlives the conversation and holds nothing of it.

    `text` is sealed to the row by its `mark`.
    """

    __tablename__ = "debrief"
    __table_args__ = (CheckConstraint("how BETWEEN 1 AND 5", name="ck_debrief_how"),)

    id = Column(Sequence, primary_key=True, autoincrement=True)
    case_id = Column(Sequence, ForeignKey(CASE, ondelete="SET NULL", name="fk_debrief_case"), index=True)
    account = Column(String(32), ForeignKey("account.id", name="fk_debrief_account"), nullable=False)
    created_at = Column(Moment, nullable=False)
    how = Column(Integer, nullable=False)
    needs_break = Column(Boolean, nullable=False)
    wants_to_talk = Column(Boolean, nullable=False)
    mark = Column(String(32), unique=True, index=True)
    text = Column(Text, nullable=False)
    seen_by = Column(String(32))
    seen_at = Column(Moment)
