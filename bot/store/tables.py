"""The tables. A change here needs a migration (see CONTRIBUTING.md); a test compares the two."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import declarative_base, relationship
from sqlalchemy.types import TypeDecorator

Base = declarative_base()
# SQLite numbers rows by itself only in an INTEGER key.
Sequence = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator):
    """A point in time, always in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """UTC goes in. Raises ValueError for a time without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value and value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """UTC comes out."""
        return value and (value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc))


class Conversation(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """One person's thread. `id` is random; whoever writes to it shows the secret, of which only a hash is kept.

    `crisis` is where the conversation in risk stands (bot/safety/crisis.py), sealed; `noticed_at` when the person was last told that this is a program.
    `mode` is automatic, approving (drafts wait for a supporter) or taken (only a supporter speaks); `holder` is the account that holds it and
    `holder_name` what the person is told. `address` is what a messaging app needs to deliver, sealed; `muted` says why nothing may be delivered
    (stopped, blocked). The typing moments say who wrote something unfinished last.

    `need` is the gravest thing that awaits a supporter (bot/store/needs.py), `need_since` when it came up and `need_number` with which message;
    `held_since` is when the holder took it. `offer` is a handover that was offered to the person (person, program), `offer_answer` their answer.
    """

    __tablename__ = "conversation"

    id = Column(String(64), primary_key=True)
    secret_hash = Column(String(64), nullable=False)
    channel = Column(String(32), nullable=False)
    created_at = Column(Moment, nullable=False)
    crisis = Column(JSON)
    noticed_at = Column(Moment)
    mode = Column(String(16), nullable=False, default="automatic", server_default="automatic", index=True)
    holder = Column(String(64), index=True)
    holder_name = Column(String(64))
    address = Column(Text)
    muted = Column(String(16))
    person_typing_at = Column(Moment)
    holder_typing_at = Column(Moment)
    held_since = Column(Moment)
    need = Column(String(16), index=True)
    need_since = Column(Moment)
    need_number = Column(Sequence)
    offer = Column(String(16))
    offer_answer = Column(String(16))
    messages = relationship("Message", back_populates="conversation", cascade="all, delete-orphan", passive_deletes=True)


class Message(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """One message in either direction, numbered in the order of arrival.

    `author` is person, bot, crisis (an answer to danger), standing (said by the desk itself) or supporter, whose name is `speaker`. `client_id` is the
    sender's own name for an inbound message, so that sending twice stores once. `answers` is the message a reply belongs to; `left_to` says why there
    is none (taken: a supporter answers; edited: it changes an earlier one; draft: the answer waits for a supporter). `tier`, `category`,
    `screened_with` and `evidence` (rules, words they saw, what lowered them) are the risk assessment; `reference` is what the log calls a failure.
    `text`, `buttons` and `evidence` are sealed to the row, whose random identity is `mark`; an empty text has been erased.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id", name="uq_message_client_id"),
        Index("ix_message_lately", "author", "created_at", "conversation_id"),
    )

    number = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_message_conversation"), nullable=False, index=True)
    author = Column(String(16), nullable=False)
    speaker = Column(String(64))
    left_to = Column(String(16))
    mark = Column(String(32), unique=True, index=True)
    text = Column(Text, nullable=False)
    payload = Column(String(255))
    buttons = Column(JSON, nullable=False, default=list)
    client_id = Column(String(64))
    answers = Column(Sequence, ForeignKey("message.number", ondelete="CASCADE", name="fk_message_answers"), index=True)
    tier = Column(String(16))
    category = Column(String(32))
    screened_with = Column(String(32))
    evidence = Column(JSON)
    reference = Column(String(16), index=True)
    created_at = Column(Moment, nullable=False)
    conversation = relationship("Conversation", back_populates="messages")


class Delivery(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """A reply on its way to a messaging app. `state` is waiting, sending, sent or dead; `parts` of it have been sent; `problem` is for supervisors."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "state", "due_at"),)

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_delivery_conversation"), nullable=False, index=True)
    message_number = Column(Sequence, ForeignKey("message.number", ondelete="CASCADE", name="fk_delivery_message"), nullable=False, index=True)
    state = Column(String(16), nullable=False)
    parts = Column(Integer, nullable=False, default=0)
    attempts = Column(Integer, nullable=False, default=0)
    due_at = Column(Moment, nullable=False)
    problem = Column(String(255))


class Arrival(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """What came from a messaging app and waits for its turn, sealed, for any worker to take up. `aside` says that it could not be handled, for now.

    There may be no conversation of its id yet.
    """

    __tablename__ = "arrival"

    number = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), nullable=False, index=True)
    data = Column(Text, nullable=False)
    aside = Column(Boolean, nullable=False, default=False)


class Rejection(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """How many requests of a day (UTC) a channel did not believe. Nothing else is kept of them."""

    __tablename__ = "rejection"

    channel = Column(String(32), primary_key=True)
    day = Column(Date, primary_key=True)
    count = Column(Integer, nullable=False)


class Complaint(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """What a person found wrong with an answer, sealed to the row by its `mark`. It goes with its conversation."""

    __tablename__ = "complaint"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_complaint_conversation"), nullable=False, index=True)
    mark = Column(String(32), unique=True, index=True)
    text = Column(Text, nullable=False)
    created_at = Column(Moment, nullable=False)


class Referral(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """How many answers named a crisis service, a calendar year (UTC). No identifiers, so it outlives every conversation (California SB 243)."""

    __tablename__ = "referral"

    year = Column(Integer, primary_key=True, autoincrement=False)
    count = Column(Integer, nullable=False)


class SealingKey(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """A key that seals here, by its name, with a known sentence sealed by it: so that a wrong key is noticed at the start and not at a message."""

    __tablename__ = "sealing_key"

    name = Column(String(32), primary_key=True)
    known = Column(Text, nullable=False)


class Consent(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """What a person answered when asked for leave, each time, the last one counting: `purpose` is keep or research, `answer` agreed, refused or withdrawn.

    `version` names the words that were shown. It goes with its conversation.
    """

    __tablename__ = "consent"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_id = Column(String(64), ForeignKey("conversation.id", ondelete="CASCADE", name="fk_consent_conversation"), nullable=False, index=True)
    purpose = Column(String(16), nullable=False)
    answer = Column(String(16), nullable=False)
    version = Column(String(32), nullable=False)
    at = Column(Moment, nullable=False)


class Erasure(Base):  # type: ignore[misc,valid-type]  # SQLAlchemy 1.4 ships no types
    """That a conversation was erased, by a hash of its id, so that a restored backup does not bring it back. `reason` is person, supervisors or period."""

    __tablename__ = "erasure"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    conversation_hash = Column(String(64), nullable=False, index=True)
    reason = Column(String(16), nullable=False)
    at = Column(Moment, nullable=False)
