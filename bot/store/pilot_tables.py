"""The tables of running a pilot: who is planned and who is on duty, the stop of automatic replies, alarms, approved phrases."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Integer, String, Text

from bot.store import review_tables  # noqa: F401  # so that whoever imports these tables has all of them
from bot.store.tables import Base, Moment, Sequence


class Shift(Base):
    """When somebody is planned to be on duty: a day with local times (HH:MM; an end before the start is on the day after), once or every week."""

    __tablename__ = "shift"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    account = Column(String(32), ForeignKey("account.id", name="fk_shift_account"), nullable=False, index=True)
    day = Column(Date, nullable=False)
    starts = Column(String(5), nullable=False)
    ends = Column(String(5), nullable=False)
    weekly = Column(Boolean, nullable=False)
    last_day = Column(Date)
    zone = Column(String(64), nullable=False)


class OnDuty(Base):
    """Somebody has switched themselves on. Whether they are still there is seen from when they last moved a hand (`account.active_at`)."""

    __tablename__ = "on_duty"

    account = Column(String(32), ForeignKey("account.id", name="fk_on_duty_account"), primary_key=True)
    since = Column(Moment, nullable=False)


class Stop(Base):
    """While this row is there no process gives automatic replies. There is one at most. `why` is sealed to it by its `mark`."""

    __tablename__ = "stop"
    __table_args__ = (CheckConstraint("id = 1", name="ck_stop_one"),)

    id = Column(Integer, primary_key=True, autoincrement=False)
    by = Column(String(32), ForeignKey("account.id", name="fk_stop_account"), nullable=False)
    at = Column(Moment, nullable=False)
    mark = Column(String(32), unique=True, index=True)
    why = Column(Text, nullable=False)


class Alarm(Base):
    """Something that has to be known at once, such as a target missed, and how far that has come. Holds nothing of a person.

    `sent_at` is when it last went out, `times` how often. It ends (`over_at`) when what it is about is over.
    """

    __tablename__ = "alarm"

    id = Column(Sequence, primary_key=True, autoincrement=True)
    subject = Column(String(128), nullable=False, index=True)
    words = Column(Text, nullable=False)
    began_at = Column(Moment, nullable=False)
    sent_at = Column(Moment)
    times = Column(Integer, nullable=False)
    acknowledged_by = Column(String(32), ForeignKey("account.id", name="fk_alarm_account"))
    acknowledged_at = Column(Moment)
    over_at = Column(Moment)


class Phrase(Base):
    """A sentence that supporters may use as it is. `active` says whether it is offered; who changed it is in the audit."""

    __tablename__ = "phrase"

    id = Column(String(48), primary_key=True)
    topic = Column(String(48), nullable=False)
    text = Column(Text, nullable=False)
    active = Column(Boolean, nullable=False)
