"""Connections to the database are kept, and each is as patient as it should be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event, text

from bot.store.conversations import Conversations
from bot.store.database import BUSY_MS


def test_units_of_work_use_the_same_connection(store: Conversations) -> None:
    """One after the other, whichever thread they run in."""
    opened: list[object] = []
    event.listen(store.database.engine, "connect", lambda connection, record: opened.append(connection))
    with ThreadPoolExecutor(1) as other:
        for _ in range(20):
            store.unanswered()
            other.submit(store.unanswered).result()
    assert len(opened) <= 1


def test_no_connection_stays_as_patient_as_the_one_that_migrated(store: Conversations) -> None:
    """A writer that waited for a minute would keep everybody waiting."""
    if store.database.engine.dialect.name != "sqlite":
        return
    with store.database.unit() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == BUSY_MS
