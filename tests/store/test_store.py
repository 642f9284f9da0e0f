"""The store, on SQLite and on PostgreSQL: what is written is kept, once, in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.store.console_tables import Base
from bot.store.conversations import Conversations, NoConversation
from bot.store.database import Database, StoreError, migration_config
from bot.store.messages import Credentials, Finding, Inbound, Reply, Standing
from bot.store.tables import Conversation, Message
from tests.conftest import keys


def test_the_migrations_make_exactly_the_tables_of_the_code(store: Conversations) -> None:
    """A changed table without a migration fails here."""
    with store.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), Base.metadata) == []


def test_the_migrations_go_back_to_nothing(store: Conversations) -> None:
    """Down to an empty database and up again."""
    with store.database.engine.begin() as connection:
        command.downgrade(migration_config(connection), "base")
    assert set(inspect(store.database.engine).get_table_names()) <= {"alembic_version"}
    store.database.migrate()
    store.open("web")


def test_sqlite_runs_in_wal_mode(store: Conversations) -> None:
    """Readers do not wait for a writer."""
    if store.database.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has it")
    with store.database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


@pytest.mark.parametrize("url", ["nonsense", "oracle://x/y", "sqlite:////proc/no/such/place.db", "postgresql://127.0.0.1:1/none"])
def test_a_database_that_cannot_be_used_is_said_plainly(url: str) -> None:
    """No traceback of a library, and no password."""
    with pytest.raises((StoreError, OSError)):
        Database(url, keys()).migrate()


def test_only_the_secret_of_a_conversation_admits(store: Conversations) -> None:
    """Neither another's, nor none, nor one for a conversation that does not exist."""
    one, other = store.open("web"), store.open("web")
    assert store.admits(one)
    assert not store.admits(Credentials(one.id, other.secret))
    assert not store.admits(Credentials(one.id, ""))
    assert not store.admits(Credentials("nobody", one.secret))


def test_ids_and_secrets_are_long_random_and_never_the_same(store: Conversations) -> None:
    """Not to be guessed."""
    opened = [store.open("web") for _ in range(50)]
    assert len({c.id for c in opened} | {c.secret for c in opened}) == 100
    assert min(len(c.id) for c in opened) >= 32


@pytest.mark.parametrize("words", ["", "  ", "a\x00b", "\ud800 lone", "🙂👨‍👩‍👧", "x" * 100_000, "/restart", "' OR 1=1 --", "日本語"])
def test_any_text_is_kept(store: Conversations, words: str) -> None:
    """What the database cannot hold becomes a visible sign, and nothing else is lost."""
    conversation = store.open("web").id
    kept = store.receive(conversation, Inbound(words))
    (read,) = store.messages(conversation)
    assert read.text == kept.text == words.replace("\x00", "␀").replace("\ud800", "\ufffd")


def test_sent_twice_under_one_name_is_kept_once(store: Conversations) -> None:
    """The second sending gets the first row back."""
    conversation = store.open("web").id
    first = store.receive(conversation, Inbound("hello", "one"))
    assert store.receive(conversation, Inbound("hello again", "one")) == first
    assert store.receive(conversation, Inbound("hello", "two")).number > first.number
    assert store.receive(store.open("web").id, Inbound("hello", "one")).number != first.number


def test_sent_twice_at_the_same_time_is_kept_once(store: Conversations) -> None:
    """Whichever thread comes first."""
    conversation = store.open("web").id
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: store.receive(conversation, Inbound("hello", "one")), range(8)))
    assert len({r.number for r in rows}) == len(store.messages(conversation)) == 1


def test_replies_belong_to_their_message_and_keep_their_order(store: Conversations) -> None:
    """Also when another message came between."""
    conversation = store.open("web").id
    first, second = (store.receive(conversation, Inbound(t)).number for t in ("one", "two"))
    store.reply(conversation, second, [Reply("to two")])
    store.reply(conversation, first, [Reply("to one"), Reply("and more", ({"title": "Yes", "payload": "/affirm"},))])
    assert [r.text for r in store.replies_to(first)] == ["to one", "and more"]
    assert [r.text for r in store.messages(conversation, after=second)] == ["to two", "to one", "and more"]


def test_what_was_found_in_a_message_is_kept_with_its_answer(store: Conversations) -> None:
    """In one write: there is no answer without it, and none of it without the answer."""
    conversation = store.open("web").id
    first, second = (store.receive(conversation, Inbound(t)).number for t in ("one", "two"))
    store.reply(conversation, first, [Reply("there", author="crisis")], Standing({"state": "risk"}, found=Finding("urgent", "suicide", "7", need="urgent")))
    with store.database.unit() as session:
        rows = {number: session.get(Message, number) for number in (first, second)}
        assert [(row.tier, row.category, row.screened_with) for row in rows.values() if row] == [("urgent", "suicide", "7"), (None, None, None)]
        assert session.get(Conversation, conversation).need == "urgent"  # type: ignore[union-attr]  # there is one


def test_before_its_turn_all_is_known_of_a_message(store: Conversations) -> None:
    """Answered already, left to somebody, or neither."""
    conversation = store.open("web").id
    answered, left, waiting = (store.receive(conversation, Inbound(t)).number for t in ("one", "two", "three"))
    store.reply(conversation, answered, [Reply("to one")], Standing({"state": "risk"}))
    store.leave(left, "taken")
    found = {number: store.before(conversation, number) for number in (answered, left, waiting)}
    assert {number: ([r.text for r in each.said], each.left) for number, each in found.items()} == {
        answered: (["to one"], False),
        left: ([], True),
        waiting: ([], False),
    }
    assert {each.standing.crisis["state"] for each in found.values() if each.standing.crisis} == {"risk"}


def test_what_is_unanswered_is_found(store: Conversations) -> None:
    """In every conversation, oldest first."""
    one, other = store.open("web").id, store.open("web").id
    answered = store.receive(one, Inbound("answered"))
    store.reply(one, answered.number, [Reply("yes")])
    store.receive(other, Inbound("first"))
    store.receive(one, Inbound("second"))
    assert [(c, m.text) for c, m in store.unanswered()] == [(other, "first"), (one, "second")]


def test_only_a_button_that_was_offered_here_is_known(store: Conversations) -> None:
    """Neither an invented payload nor one offered to somebody else."""
    one, other = store.open("web").id, store.open("web").id
    store.reply(one, None, [Reply("?", ({"title": "Small shifts", "payload": "/reflect_small_shifts"},))])
    assert store.offered(one, "/reflect_small_shifts") == "Small shifts"
    assert store.offered(one, "/restart") is None
    assert store.offered(other, "/reflect_small_shifts") is None


def test_deleting_erases_one_conversation_wholly_and_no_other(store: Conversations) -> None:
    """Nothing can be read or written afterwards."""
    one, other = store.open("web"), store.open("web")
    for conversation in (one, other):
        row = store.receive(conversation.id, Inbound("private"))
        store.reply(conversation.id, row.number, [Reply("said")])
    store.delete(one.id)
    assert store.messages(one.id) == []
    assert not store.admits(one)
    assert len(store.messages(other.id)) == 2
    with pytest.raises(NoConversation):
        store.receive(one.id, Inbound("late"))
    assert store.reply(one.id, None, [Reply("late")]) == []
