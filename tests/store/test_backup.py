"""Backups: of one moment beside a running server, encrypted, restored whole into either database, with erasures applied again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Iterator

import pytest
from alembic import command
from sqlalchemy import delete

from bot.agent.trackers import Row
from bot.store.backup import NotRestored, backup, restore
from bot.store.conversations import Conversations
from bot.store.database import Database, migration_config
from bot.store.encrypted_file import CHUNK, NotOurs, read_encrypted, write_encrypted
from bot.store.erasures import tombstones, tombstones_in
from bot.store.messages import Inbound
from bot.store.resealing import unlock
from bot.store.sealing import KeyProblem, sealer_of
from bot.store.tables import Erasure
from tests.conftest import keys
from tests.store.test_keeping import filled, rows, texts

ALSO = [Row.__table__]


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Iterator[Conversations]:
    """A store with its keys in a file."""
    database = Database(database_url, sealer_of(tmp_path / "keys"))
    database.migrate()
    unlock(database)
    yield Conversations(database)
    database.engine.dispose()


def test_what_was_backed_up_is_there_again_and_it_goes_on(kept: Conversations, tmp_path: Path) -> None:
    """Every row; what came after it is gone; new messages get new numbers."""
    conversation = filled(kept, "urgent", "IE")
    before = rows(kept, conversation)
    assert backup(kept.database, tmp_path / "one.backup")["message"] == 2
    kept.receive(conversation, Inbound("later"))
    late = filled(kept)
    assert restore(kept.database, tmp_path / "one.backup", ALSO) == 0
    assert rows(kept, conversation) == before
    assert texts(kept, conversation) == ["the heron", "said"]
    assert not kept.exists(late)
    unlock(kept.database)
    assert kept.receive(conversation, Inbound("again")).number > kept.messages(conversation)[0].number
    filled(kept)


def test_a_backup_of_one_database_is_restored_into_the_other(kept: Conversations, tmp_path: Path) -> None:
    """For a move, or for a look at it without a server of databases."""
    conversation = filled(kept)
    backup(kept.database, tmp_path / "one.backup")
    other = Conversations(Database(f"sqlite:///{tmp_path / 'other.db'}", kept.database.sealer))
    restore(other.database, tmp_path / "one.backup", ALSO)
    assert texts(other, conversation) == ["the heron", "said"]
    assert [m.at for m in other.messages(conversation)] == [m.at for m in kept.messages(conversation)]
    backup(other.database, tmp_path / "two.backup")
    restore(kept.database, tmp_path / "two.backup", ALSO)
    assert rows(kept, conversation) == rows(other, conversation)
    other.database.engine.dispose()


def test_what_was_erased_since_is_erased_again(kept: Conversations, tmp_path: Path) -> None:
    """Known to the database that is replaced, or kept elsewhere and handed in."""
    here, elsewhere, stays = filled(kept), filled(kept), filled(kept)
    backup(kept.database, tmp_path / "one.backup")
    kept.delete(elsewhere)
    (tmp_path / "erasures").write_text("".join(f"{n} {r} {at.isoformat()}\n" for n, r, at in tombstones(kept.database)), encoding="utf-8")
    restore(kept.database, tmp_path / "one.backup", ALSO)
    with kept.database.unit() as session:
        session.execute(delete(Erasure))
    kept.delete(here)
    assert restore(kept.database, tmp_path / "one.backup", ALSO, tombstones_in(tmp_path / "erasures")) == 2
    assert [kept.exists(c) for c in (here, elsewhere, stays)] == [False, False, True]
    assert set(rows(kept, here).values()) == {0}


def test_a_backup_holds_one_moment_while_others_write(kept: Conversations, tmp_path: Path) -> None:
    """Without a gap, and nothing twice."""
    conversation, done = kept.open("web").id, threading.Event()

    def write() -> None:
        while not done.is_set():
            kept.receive(conversation, Inbound("on and on"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup(kept.database, tmp_path / f"{number}.backup")
    finally:
        done.set()
        writer.join()
    restore(kept.database, tmp_path / "4.backup", ALSO)
    numbers = [m.number for m in kept.messages(conversation)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_backup_of_an_older_schema_is_brought_to_the_newest(kept: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one of a newer version is refused with what to do."""
    with kept.database.engine.begin() as connection:
        command.downgrade(migration_config(connection), "0004")
    backup(kept.database, tmp_path / "old.backup")
    restore(kept.database, tmp_path / "old.backup", ALSO)
    unlock(kept.database)
    filled(kept)
    monkeypatch.setattr("bot.store.backup.MigrationContext.get_current_revision", lambda _: "9999")
    backup(kept.database, tmp_path / "new.backup")
    monkeypatch.undo()
    with pytest.raises(NotRestored, match="newer version"):
        restore(kept.database, tmp_path / "new.backup", ALSO)
    filled(kept)


def test_a_backup_is_encrypted_and_only_its_owner_reads_it(kept: Conversations, tmp_path: Path) -> None:
    """Not even the names of tables stand in it."""
    filled(kept)
    backup(kept.database, tmp_path / "one.backup")
    data = (tmp_path / "one.backup").read_bytes()
    assert not any(word in data for word in (b"heron", b"message", b"conversation", b"web"))
    assert (tmp_path / "one.backup").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d + b"x", lambda d: d[:40], lambda d: d[:60] + bytes([d[60] ^ 1]) + d[61:], lambda d: b"PK" + d])
def test_a_changed_backup_changes_nothing(kept: Conversations, tmp_path: Path, spoil: object) -> None:
    """It is refused before the database is touched."""
    conversation, file = filled(kept), tmp_path / "one.backup"
    backup(kept.database, file)
    file.write_bytes(spoil(file.read_bytes()))  # type: ignore[operator]  # a function
    with pytest.raises(NotOurs):
        restore(kept.database, file, ALSO)
    assert texts(kept, conversation) == ["the heron", "said"]


def test_a_backup_with_another_key_is_a_clear_error(kept: Conversations, tmp_path: Path) -> None:
    """Whether the key is missing or another one of the same name."""
    backup(kept.database, tmp_path / "one.backup")
    with pytest.raises(NotOurs):
        list(read_encrypted(tmp_path / "one.backup", keys()))
    with pytest.raises(KeyProblem, match="k1"):
        list(read_encrypted(tmp_path / "one.backup", type(keys())({"names": bytes(32), "k9": bytes(32)})))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_any_length_comes_back(tmp_path: Path, size: int) -> None:
    """At and around the length of a chunk; chunks that were swapped or left out do not open."""
    sealer, data = keys(), bytes(i % 251 for i in range(size))
    write_encrypted(tmp_path / "f", [data[: size // 3], data[size // 3 :]], sealer)
    assert b"".join(read_encrypted(tmp_path / "f", sealer)) == data
    raw = (tmp_path / "f").read_bytes()
    if size == 3 * CHUNK:
        head = len(raw) - 3 * (CHUNK + 16)
        one, two = raw[head : head + CHUNK + 16], raw[head + CHUNK + 16 : head + 2 * (CHUNK + 16)]
        for spoilt in (raw[:head] + two + one + raw[head + 2 * (CHUNK + 16) :], raw[: -(CHUNK + 16)]):
            (tmp_path / "f").write_bytes(spoilt)
            with pytest.raises(NotOurs):
                list(read_encrypted(tmp_path / "f", sealer))
