"""Closed cases and their reviews by a second person. That it is a second person, the database decides (bot/store/migrations/versions/0006_reviews.py)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Optional, Protocol

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.console_tables import Account, ClosedCase
from bot.store.messages import PRACTICE, SURROGATES, Need, now
from bot.store.review_tables import DIMENSIONS, Hand, Owed, Relabelling, Review
from bot.store.sealed import REMARK, TEXT, marked
from bot.store.tables import Conversation, Message

Rating = Literal["best", "adequate", "harm", "not_applicable"]
Tier = Literal["none", "check_in", "urgent"]


class NotReviewed(ReframeError):
    """A review is not taken: by the same person, a second time, or of no case."""


class Draw(Protocol):
    """Which cases are in the sample."""

    def wanted(self, urgent: bool, case: str) -> int:
        """How many reviews a case wants; at least one if it is `urgent`."""
        ...


@dataclass(frozen=True)
class Closed:
    """A closed case as others see it; `first` and `last` are its messages, `closed_by` the name of who closed it, `reviews` how many there are."""

    id: int
    conversation_id: str
    channel: str
    first: int
    last: int
    need: Need
    closed_by: str
    closed_at: datetime
    urgent: bool
    wanted: int
    reviews: int


@dataclass(frozen=True)
class Label:
    """What a message should have been taken for: an intent (or belief), a tier of risk with its category, or both."""

    message: int
    intent: Optional[str] = None
    tier: Optional[Tier] = None
    category: Optional[str] = None


@dataclass(frozen=True)
class Findings:
    """What a reviewer found, by the dimensions of VERA-MH."""

    detect: Rating
    confirm: Rating
    guide: Rating
    support: Rating
    boundaries: Rating
    missed_crisis: bool = False
    false_alarm: bool = False
    note: str = ""
    labels: tuple[Label, ...] = field(default=())

    @property
    def ratings(self) -> dict[str, Rating]:
        """By dimension."""
        return {name: getattr(self, name) for name in DIMENSIONS}


@dataclass(frozen=True)
class Line:
    """One message of a case as a reviewer reads it. `earlier` says that it was said before the case began."""

    number: int
    author: str
    speaker: Optional[str]
    text: str
    tier: Optional[str]
    category: Optional[str]
    at: datetime
    earlier: bool


class Reviews:
    """The closed cases of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def draw(self, sample: Draw) -> int:
        """Put every closed case that was not drawn yet into the draw; returns how many."""
        query = select(Owed, ClosedCase).join(ClosedCase, ClosedCase.id == Owed.case_id).where(Owed.drawn.is_(False))
        with self.units.unit() as session:
            rows = session.execute(query).all()
            for owed, case in rows:
                owed.wanted, owed.drawn = max(owed.wanted, sample.wanted(owed.urgent, f"{case.conversation_id}:{case.last_number}")), True
            return len(rows)

    def due(self, reviewer: Optional[str] = None) -> list[Closed]:
        """Cases that want a review more than they have, urgent ones first, then the oldest; those that an account may take, if one is given."""
        query = _cases().where(Owed.wanted > _count()).order_by(Owed.urgent.desc(), ClosedCase.closed_at, ClosedCase.id)
        if reviewer:
            touched = exists().where(Hand.case_id == Owed.case_id, Hand.account == reviewer)
            read = exists().where(Review.case_id == Owed.case_id, Review.reviewer == reviewer)
            query = query.where(Owed.closed_by != reviewer, ~touched, ~read)
        with self.units.unit() as session:
            return [_closed(row) for row in session.execute(query)]

    def case(self, case_id: int) -> Closed:
        """One closed case. Raises NotReviewed when there is none."""
        with self.units.unit() as session:
            row = session.execute(_cases().where(Owed.case_id == case_id)).one_or_none()
        if row is None:
            raise NotReviewed("There is no such closed case; the person may have deleted the conversation.")
        return _closed(row)

    def transcript(self, case: Closed) -> list[Line]:
        """The conversation up to the end of the case."""
        query = select(Message).where(Message.conversation_id == case.conversation_id, Message.number <= case.last).order_by(Message.number)
        with self.units.unit() as session:
            rows = session.execute(query).scalars()
            return [Line(r.number, r.author, r.speaker, TEXT.get(r), r.tier, r.category, r.created_at, r.number < case.first) for r in rows]

    def record(self, case_id: int, reviewer: str, findings: Findings) -> int:
        """Keep a review by an account; returns its number. Raises NotReviewed when the database refuses it."""
        try:
            with self.units.unit() as session:
                return _recorded(session, case_id, reviewer, findings)
        except IntegrityError:
            raise NotReviewed(
                "This review was not kept: a case is reviewed by somebody who had no hand in it, and once by each. Leave it to a colleague."
            ) from None

    def of(self, case_id: int) -> list[tuple[str, datetime, Findings]]:
        """Account, time and findings of a case's reviews, oldest first."""
        query = select(Review).where(Review.case_id == case_id).order_by(Review.id)
        with self.units.unit() as session:
            return [(row.reviewer, row.created_at, _findings(session, row)) for row in session.execute(query).scalars()]

    def pairs(self) -> dict[str, list[tuple[Any, Any]]]:
        """What the first and the second reviewer of a case said, for each dimension and label. Practice is in it: it is agreement that counts."""
        with self.units.unit() as session:
            rows = session.execute(select(Review).order_by(Review.case_id, Review.id)).scalars().all()
        by_case: dict[int, list[Review]] = {}
        for row in rows:
            by_case.setdefault(row.case_id, []).append(row)
        twice = [reviews[:2] for reviews in by_case.values() if len(reviews) > 1]
        return {name: [(getattr(one, name), getattr(two, name)) for one, two in twice] for name in (*DIMENSIONS, "missed_crisis", "false_alarm")}

    def unwritten(self) -> list[tuple[int, str, Label]]:
        """Corrections that are not in the corrections file yet: number, what was written (not redacted), label. Practice teaches nothing."""
        query = select(Relabelling, Message).join(Message, Message.number == Relabelling.message_number)
        query = query.join(Conversation, Conversation.id == Message.conversation_id).where(Conversation.channel != PRACTICE)
        query = query.where(Relabelling.written_at.is_(None)).order_by(Relabelling.id)
        with self.units.unit() as session:
            return [(row.id, text, _label(row)) for row, message in session.execute(query) if (text := TEXT.get(message))]

    def written(self, correction: int) -> None:
        """It is in the file."""
        with self.units.unit() as session:
            session.get(Relabelling, correction).written_at = now()


def _cases() -> Any:
    query = select(ClosedCase, Owed, Conversation.channel, Account.name, _count().label("reviews")).join(Owed, Owed.case_id == ClosedCase.id)
    return query.join(Conversation, Conversation.id == ClosedCase.conversation_id).outerjoin(Account, Account.id == ClosedCase.closed_by)


def _count() -> Any:
    return select(func.count()).where(Review.case_id == Owed.case_id).correlate(Owed).scalar_subquery()


def _closed(row: Any) -> Closed:
    case, owed, channel, name, reviews = row
    span = case.first_number, case.last_number
    return Closed(case.id, case.conversation_id, channel, *span, case.need, name or "", case.closed_at, owed.urgent, owed.wanted, reviews)


def _recorded(session: Session, case_id: int, reviewer: str, findings: Findings) -> int:
    case, owed = session.get(ClosedCase, case_id), session.get(Owed, case_id)
    if case is None or owed is None:
        raise NotReviewed("There is no such closed case; the person may have deleted the conversation.")
    flags = {"missed_crisis": findings.missed_crisis, "false_alarm": findings.false_alarm}
    review = Review(case_id=case.id, mark=marked(), closed_by=owed.closed_by, reviewer=reviewer, created_at=now(), **findings.ratings, **flags)
    REMARK.put(session, review, findings.note.translate(SURROGATES))
    session.add(review)
    session.flush()
    own = {n for (n,) in session.execute(select(Message.number).where(Message.conversation_id == case.conversation_id, Message.author == "person"))}
    if wrong := [label.message for label in findings.labels if label.message not in own]:
        raise NotReviewed(f"The message {wrong[0]} is not one that the person of this case wrote. Choose it again from the page.")
    for label in findings.labels:
        values = asdict(label)
        session.add(Relabelling(review_id=review.id, message_number=values.pop("message"), **values))
    return int(review.id)


def _label(row: Relabelling) -> Label:
    return Label(row.message_number, row.intent, row.tier, row.category)


def _findings(session: Session, row: Review) -> Findings:
    labels = session.execute(select(Relabelling).where(Relabelling.review_id == row.id).order_by(Relabelling.id)).scalars()
    ratings = {name: getattr(row, name) for name in DIMENSIONS}
    return Findings(**ratings, missed_crisis=row.missed_crisis, false_alarm=row.false_alarm, note=REMARK.get(row), labels=tuple(map(_label, labels)))
