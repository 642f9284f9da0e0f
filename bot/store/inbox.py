"""What came from messaging apps and waits for its turn, in the database: any worker may take it up, of each person one at a time and the oldest first."""

from __future__ import annotations

from typing import Optional

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased

from bot.store.database import Database
from bot.store.locks import Locks
from bot.store.tables import Arrival

LOOKED_AT = 50
"""So many persons' oldest arrivals are looked at to find one that nobody works on."""


class ArrivalQueue:
    """The arrivals of one database, sealed by whoever puts them. What this process works on stands in its `locks`, which vanish with it.

    Every method raises StoreAway when the database does not answer.
    """

    def __init__(self, database: Database, locks: Locks) -> None:
        self.database, self.locks = database, locks

    def put(self, conversation_id: str, data: str) -> None:
        """Kept when this returns."""
        with self.database.unit() as session:
            session.add(Arrival(conversation_id=conversation_id, data=data, aside=False))

    def next(self) -> Optional[tuple[int, str]]:
        """Number and data of the oldest that nobody works on and that no earlier one of the same person stands before, or None. It is ours from then on."""
        earlier = aliased(Arrival)
        first = ~exists().where(earlier.conversation_id == Arrival.conversation_id, earlier.number < Arrival.number, earlier.aside.is_(False))
        query = select(Arrival.number).where(Arrival.aside.is_(False), first).order_by(Arrival.number).limit(LOOKED_AT)
        with self.database.unit() as session:
            found = session.execute(query).scalars().all()
        return next(filter(None, map(self._taken, found)), None)

    def done(self, number: int) -> None:
        """It has been answered and is forgotten."""
        with self.database.unit() as session:
            session.execute(delete(Arrival).where(Arrival.number == number))
        self.locks.free(_lock(number))

    def put_aside(self, number: int) -> None:
        """It could not be handled; it stands in nobody's way, and is tried again after the next start of a worker."""
        with self.database.unit() as session:
            session.execute(update(Arrival).where(Arrival.number == number).values(aside=True))
        self.locks.free(_lock(number))

    def bring_back(self) -> None:
        """What was put aside is tried again."""
        with self.database.unit() as session:
            session.execute(update(Arrival).where(Arrival.aside).values(aside=False))

    def depth(self) -> int:
        """How many wait or are worked on, by whichever worker."""
        with self.database.unit() as session:
            return int(session.execute(select(func.count()).select_from(Arrival)).scalar() or 0)

    def _taken(self, number: int) -> Optional[tuple[int, str]]:
        if not self.locks.take(_lock(number)):
            return None
        with self.database.unit() as session:
            data = session.execute(select(Arrival.data).where(Arrival.number == number, Arrival.aside.is_(False))).scalar()
        if data is None:  # whoever had it was done between the two looks
            self.locks.free(_lock(number))
            return None
        return number, str(data)


def _lock(number: int) -> str:
    return f"arrival {number}"
