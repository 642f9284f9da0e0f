"""Fill a database with conversations, as if they had been held."""

from __future__ import annotations

from itertools import cycle
from typing import Any, Sequence

from sqlalchemy import event, select

from bot.store.conversations import Conversations
from bot.store.events import Event
from bot.store.messages import Credentials, Finding, Inbound, Reply, Standing, now
from bot.store.sealed import EVENTS


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


def copy_tracker(store: Conversations, template: str, names: Sequence[str]) -> None:
    """Give each of these conversations the tracker of `template`, in Rasa's table, sealed anew to the conversation it is in."""
    with store.database.unit() as session:
        rows = session.execute(select(Event).where(Event.sender_id == template).order_by(Event.id)).scalars().all()
        opened = [(row.type_name, row.timestamp, row.action_name, EVENTS.get(row)) for row in rows]
        for name in names:
            for kind, timestamp, action, data in opened:
                row = Event(sender_id=name, type_name=kind, timestamp=timestamp, action_name=action)
                EVENTS.put(session, row, data)
                session.add(row)
            session.flush()
