"""The audit: written with the deed, append-only, and whatever is tampered with is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store.audit import Audit, Deed
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.messages import now

UNGUARDED = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER USER",),
}


def written(database: Database, count: int = 5) -> Audit:
    """An audit with some entries."""
    audit = Audit(database)
    for n in range(count):
        audit.note(Deed("someone", "conversation.read", f"c{n}", why="to help", detail={"n": n}))
    return audit


def tampered(database: Database, statement: str) -> None:
    """As someone with all rights on the database could."""
    with database.engine.begin() as connection:
        for command in (*UNGUARDED[database.engine.dialect.name], *statement.split(";")):
            connection.execute(text(command))


def test_an_untouched_chain_is_in_order(store: Conversations) -> None:
    """No problems, with its length and its end."""
    problems, count, end = written(store.database).verify()
    assert (problems, count, len(end)) == ([], 5, 64)


def test_an_empty_chain_is_in_order(store: Conversations) -> None:
    """Before the first deed."""
    assert Audit(store.database).verify()[:2] == ([], 0)


@pytest.mark.parametrize("statement", ["UPDATE audit SET why = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE number = 5"])
def test_the_database_refuses_to_change_or_delete_entries(store: Conversations, statement: str) -> None:
    """Triggers, on both databases."""
    written(store.database)
    with pytest.raises(DBAPIError, match="append-only"), store.database.engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET why = 'other' WHERE number = 3", "Entry 3 was changed"),
        ("UPDATE audit SET actor = 'other' WHERE number = 1", "Entry 1 was changed"),
        ("UPDATE audit SET detail = '{}' WHERE number = 5", "Entry 5 was changed"),
        ("DELETE FROM audit WHERE number = 3", "Entry 3 is missing"),
        ("DELETE FROM audit WHERE number = 1", "Entry 1 is missing"),
        ("DELETE FROM audit WHERE number = 5", "end of the chain is missing"),
        ("DELETE FROM audit", "end of the chain is missing"),
        ("DELETE FROM audit_head", "end of the chain is missing"),
        ("UPDATE audit SET number = 9 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 9", "Entry 2"),
        ("DELETE FROM audit WHERE number = 3; UPDATE audit SET number = number - 1 WHERE number > 3; UPDATE audit_head SET number = 4", "does not follow"),
    ],
)
def test_what_was_changed_removed_or_reordered_is_found(store: Conversations, statement: str, said: str) -> None:
    """By someone who got round the triggers."""
    audit = written(store.database)
    tampered(store.database, statement)
    assert any(said in problem for problem in audit.verify()[0])


def test_a_deed_that_fails_leaves_no_entry(store: Conversations) -> None:
    """Both are kept or none."""
    audit = Audit(store.database)
    with pytest.raises(RuntimeError), audit.of(Deed("someone", "conversation.claim", "c")).unit():
        raise RuntimeError
    assert audit.verify()[:2] == ([], 0)


def test_many_writers_at_once_make_one_chain(store: Conversations) -> None:
    """No entry follows the same one as another."""
    audit = Audit(store.database)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: audit.note(Deed(f"a{n}", "conversation.read")), range(40)))
    assert audit.verify()[:2] == ([], 40)


def test_the_newest_entries_come_first_and_can_be_paged(store: Conversations) -> None:
    """And narrowed to a subject."""
    audit = written(store.database)
    assert [e.number for e in audit.entries(most=2)] == [5, 4]
    assert [e.number for e in audit.entries(before=4, most=2)] == [3, 2]
    assert [e.detail for e in audit.entries(subject="c1")] == [{"n": 1}]


def test_that_a_reason_was_given_lately_is_known(store: Conversations) -> None:
    """By this account, for this conversation, since then."""
    audit = written(store.database)
    since = now() - timedelta(minutes=1)
    assert audit.noted_since("someone", "conversation.read", "c1", since)
    assert not audit.noted_since("other", "conversation.read", "c1", since)
    assert not audit.noted_since("someone", "conversation.read", "c9", since)
    assert not audit.noted_since("someone", "conversation.read", "c1", now() + timedelta(minutes=1))
