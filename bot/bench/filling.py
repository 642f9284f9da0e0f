"""Fill a database with conversations, as if they had been held."""

from __future__ import annotations

from contextlib import closing
from itertools import cycle
from sqlite3 import connect
from typing import Any, Sequence

from sqlalchemy import event

from bot.store.conversations import Conversations
from bot.store.messages import Credentials, Finding, Inbound, Reply, Standing, now

PARTS = "type_name, timestamp, intent_name, action_name, data"
COPY = f"INSERT INTO events (sender_id, {PARTS}) SELECT ?, {PARTS} FROM events WHERE sender_id = ?"
"""Rasa's tracker of one conversation under another name."""


def fill(store: Conversations, scripts: Sequence[Sequence[str]], answers: Sequence[str], version: str) -> list[str]:
    """Store each script as a conversation with its answers, by the store's own writes. Returns the names of the conversations."""
    event.listen(store.database.engine, "connect", _unsafe)
    store.database.engine.dispose()  # so that the connections that are open already are opened anew
    said = cycle(answers)
    return [_held(store, script, [next(said) for _ in script], version) for script in scripts]


def _unsafe(connection: Any, _: object) -> None:
    """Only for filling: nothing is lost that cannot be filled in again, and it is many times quicker."""
    connection.execute("PRAGMA synchronous=OFF")


def _held(store: Conversations, script: Sequence[str], answers: Sequence[str], version: str) -> str:
    new = Credentials.issued()
    store.open("web", new)
    for text, answer in zip(script, answers):
        number = store.receive(new.id, Inbound(text)).number
        store.screened(number, Finding("none", None, version))
        store.reply(new.id, number, [Reply(answer)], Standing(None, now()))
    return new.id


def copy_tracker(database: str, template: str, names: Sequence[str]) -> None:
    """Give each of these conversations the tracker of `template`, in Rasa's table of a SQLite file."""
    with closing(connect(database, timeout=30)) as connection, connection:
        connection.executemany(COPY, [(name, template) for name in names])
