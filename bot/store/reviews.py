"""Closed cases and their reviews by a second person. That it is a second person, the database decides (bot/store/migrations/versions/0006_reviews.py)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Callable, Literal, Optional

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.conversations import NoConversation
from bot.store.database import Database
from bot.store.messages import now
from bot.store.review_tables import DIMENSIONS, Closing, Hand, Relabelling, Review
from bot.store.tables import Conversation, Message

Rating = Literal["best", "adequate", "harm", "not_applicable"]
Tier = Literal["none", "check_in", "urgent"]
TIERS: tuple[Tier, ...] = ("none", "check_in", "urgent")
Wanted = Callable[[Tier, str], int]
"""How many reviews a case wants, by its tier and a name of its own."""


class NotReviewed(ReframeError):
    """A review is not taken: by the same person, a second time, or of no case."""


class AlreadyClosed(ReframeError):
    """Nothing was said since the case was closed."""


@dataclass(frozen=True)
class Closed:
    """A closed case as others see it. `reviews` is how many there are of those `wanted`."""

    id: int
    conversation_id: str
    channel: str
    after: int
    upto: int
    tier: Tier
    closed_by: str
    closed_at: datetime
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


class Reviews:
    """The closed cases of one database."""

    def __init__(self, database: Database, wanted: Wanted) -> None:
        self.database, self.wanted = database, wanted

    def close(self, conversation_id: str, closed_by: str, hands: frozenset[str] = frozenset()) -> Closed:
        """Close the case up to its newest message. `hands` are all accounts that had a hand in it.

        Raises NoConversation when it is gone, AlreadyClosed when nothing was said since it was closed.
        """
        with self.database.unit() as session:
            if session.get(Conversation, conversation_id, with_for_update=True) is None:
                raise NoConversation("This conversation is gone; the person may have deleted it.")
            after = _closed_upto(session, conversation_id)
            upto = session.execute(select(func.max(Message.number)).where(Message.conversation_id == conversation_id)).scalar() or 0
            if upto <= after:
                raise AlreadyClosed("Nothing was said since this case was closed.")
            tier = _gravest(session, conversation_id, after, upto)
            row = Closing(conversation_id=conversation_id, upto=upto, tier=tier, closed_by=closed_by, closed_at=now())
            row.wanted = self.wanted(tier, f"{conversation_id}:{upto}")
            session.add(row)
            session.flush()
            session.add_all(Hand(closing_id=row.id, account=account) for account in sorted(hands))
            session.flush()
            return _closed(session, row)

    def due(self, reviewer: Optional[str] = None) -> list[Closed]:
        """Cases that want a review more than they have, oldest first; those that `reviewer` may take, if one is named."""
        query = select(Closing).where(Closing.wanted > _reviews_of()).order_by(Closing.closed_at)
        if reviewer:
            touched = exists().where(Hand.closing_id == Closing.id, Hand.account == reviewer)
            read = exists().where(Review.closing_id == Closing.id, Review.reviewer == reviewer)
            query = query.where(Closing.closed_by != reviewer, ~touched, ~read)
        with self.database.unit() as session:
            return [_closed(session, row) for row in session.execute(query).scalars()]

    def case(self, closing_id: int) -> Closed:
        """One closed case. Raises NotReviewed when there is none."""
        with self.database.unit() as session:
            return _closed(session, _row(session, closing_id))

    def record(self, closing_id: int, reviewer: str, findings: Findings) -> int:
        """Keep a review; returns its number. Raises NotReviewed when the database refuses it."""
        try:
            with self.database.unit() as session:
                return _recorded(session, _row(session, closing_id), reviewer, findings)
        except IntegrityError:
            raise NotReviewed(
                "This review was not kept: a case is reviewed by somebody who had no hand in it, and once by each. Leave it to a colleague."
            ) from None

    def of(self, closing_id: int) -> list[tuple[str, datetime, Findings]]:
        """Reviewer, time and findings of a case, oldest first."""
        query = select(Review).where(Review.closing_id == closing_id).order_by(Review.id)
        with self.database.unit() as session:
            return [(row.reviewer, row.created_at, _findings(session, row)) for row in session.execute(query).scalars()]

    def pairs(self) -> dict[str, list[tuple[Any, Any]]]:
        """What the first and the second reviewer of a case said, for each dimension and label, practice left in: it is agreement that counts."""
        query = select(Review).order_by(Review.closing_id, Review.id)
        with self.database.unit() as session:
            rows = session.execute(query).scalars().all()
        by_case: dict[int, list[Review]] = {}
        for row in rows:
            by_case.setdefault(row.closing_id, []).append(row)
        twice = [reviews[:2] for reviews in by_case.values() if len(reviews) > 1]
        return {name: [(getattr(one, name), getattr(two, name)) for one, two in twice] for name in (*DIMENSIONS, "missed_crisis", "false_alarm")}

    def unwritten(self) -> list[tuple[int, str, Label]]:
        """Corrections that are not in the corrections file yet: number, what was written (not redacted), label."""
        query = select(Relabelling, Message.text).join(Message, Message.number == Relabelling.message_number)
        query = query.where(Relabelling.written_at.is_(None)).order_by(Relabelling.id)
        with self.database.unit() as session:
            return [(row.id, text, _label(row)) for row, text in session.execute(query)]

    def written(self, correction: int) -> None:
        """It is in the file."""
        with self.database.unit() as session:
            session.get(Relabelling, correction).written_at = now()


def _closed_upto(session: Session, conversation_id: str) -> int:
    return int(session.execute(select(func.max(Closing.upto)).where(Closing.conversation_id == conversation_id)).scalar() or 0)


def _gravest(session: Session, conversation_id: str, after: int, upto: int) -> Tier:
    met = select(Message.tier).where(Message.conversation_id == conversation_id, Message.number > after, Message.number <= upto).distinct()
    return max((tier for (tier,) in session.execute(met) if tier in TIERS), key=TIERS.index, default="none")


def _reviews_of() -> Any:
    return select(func.count()).where(Review.closing_id == Closing.id).scalar_subquery()


def _row(session: Session, closing_id: int) -> Closing:
    row: Optional[Closing] = session.get(Closing, closing_id)
    if row is None:
        raise NotReviewed("There is no such closed case; the person may have deleted the conversation.")
    return row


def _closed(session: Session, row: Closing) -> Closed:
    before = select(func.max(Closing.upto)).where(Closing.conversation_id == row.conversation_id, Closing.upto < row.upto)
    after = session.execute(before).scalar() or 0
    reviews = session.execute(select(func.count()).where(Review.closing_id == row.id)).scalar()
    channel = session.get(Conversation, row.conversation_id).channel
    return Closed(row.id, row.conversation_id, channel, after, row.upto, row.tier, row.closed_by, row.closed_at, row.wanted, reviews)


def _recorded(session: Session, case: Closing, reviewer: str, findings: Findings) -> int:
    flags = {"missed_crisis": findings.missed_crisis, "false_alarm": findings.false_alarm, "note": findings.note}
    review = Review(closing_id=case.id, closed_by=case.closed_by, reviewer=reviewer, created_at=now(), **findings.ratings, **flags)
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
    return Findings(**ratings, missed_crisis=row.missed_crisis, false_alarm=row.false_alarm, note=row.note, labels=tuple(map(_label, labels)))
