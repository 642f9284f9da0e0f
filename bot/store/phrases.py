"""Approved phrases: seeded from a file once, then looked after by supervisors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from sqlalchemy import func, or_, select

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.messages import SURROGATES
from bot.store.pilot_tables import Phrase


class PhraseProblem(ReframeError):
    """A phrase cannot be added or changed as asked."""


@dataclass(frozen=True)
class Approved:
    """One phrase."""

    id: str
    topic: str
    text: str
    active: bool = True


class Phrases:
    """The phrases of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def seed(self, shipped: Iterable[Approved]) -> int:
        """Put the shipped ones into a database that has none; returns how many. Later, what supervisors made of them counts."""
        with self.units.unit() as session:
            if session.execute(select(func.count()).select_from(Phrase)).scalar():
                return 0
            rows = [Phrase(**vars(phrase)) for phrase in shipped]
            session.add_all(rows)
            return len(rows)

    def find(self, words: str = "") -> list[Approved]:
        """Those on offer that hold every word, in topic or text, by topic."""
        query = select(Phrase).where(Phrase.active.is_(True)).order_by(Phrase.topic, Phrase.id)
        for word in words.split()[:12]:
            query = query.where(or_(*(column.ilike(f"%{_literal(word)}%", escape="\\") for column in (Phrase.topic, Phrase.text))))
        with self.units.unit() as session:
            return [_approved(row) for row in session.execute(query).scalars()]

    def all(self) -> list[Approved]:
        """Those that were withdrawn too."""
        with self.units.unit() as session:
            return [_approved(row) for row in session.execute(select(Phrase).order_by(Phrase.topic, Phrase.id)).scalars()]

    def add(self, phrase: Approved) -> None:
        """A new one. Raises PhraseProblem when there is one of its id."""
        with self.units.unit() as session:
            if session.get(Phrase, phrase.id) is not None:
                raise PhraseProblem("There is a phrase of that name. Choose another name.")
            session.add(Phrase(**{**vars(phrase), "text": phrase.text.translate(SURROGATES)}))

    def offer(self, phrase_id: str, active: bool) -> None:
        """Offer it, or withdraw it. Raises PhraseProblem when there is none."""
        with self.units.unit() as session:
            row = session.get(Phrase, phrase_id)
            if row is None:
                raise PhraseProblem("There is no such phrase.")
            row.active = active


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _approved(row: Phrase) -> Approved:
    return Approved(row.id, row.topic, row.text, row.active)
