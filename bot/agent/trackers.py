"""Rasa's tracker store on our own connections, off the event loop; a turn reads the end of a conversation, however long it has been."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Callable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine
from sqlalchemy.orm import sessionmaker

from bot.store.sealed import EVENTS
from bot.store.sealing import Sealer

Row = SQLTrackerStore.SQLEvent
RECENT = 20
"""Events that are read: about two turns and a half. The rules look at one; what an older turn left for this one is in the slots."""
THREADS = 4
"""Of their own: an action that hangs must not keep anybody from reading."""
KEPT = "kept_events"
"""The attribute of a tracker that says how many of its events are in the database."""


class RecentTrackers(SQLTrackerStore):
    """Reads the newest RECENT events and the last value of each slot that was set before them; writes what is new. The whole stays in the database."""

    def __init__(self, engine: Engine, event_broker: Optional[EventBroker] = None) -> None:
        """On the connections of `engine`. Rasa's own constructor would open others, for SQLite a new one each time; so its parent's is called."""
        self.engine, self.sessionmaker = engine, sessionmaker(engine, future=True)
        self.Base.metadata.create_all(engine)
        self._threads = ThreadPoolExecutor(THREADS, "trackers")
        TrackerStore.__init__(self, None, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new, and tell them to the event broker if there is one."""
        new = list(islice(tracker.events, getattr(tracker, KEPT, 0), None))
        if self.event_broker:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)
        if new:
            await self._apart(self._add, tracker.sender_id, new)
        setattr(tracker, KEPT, len(tracker.events))

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        """The end of the conversation, or the whole where all sessions are asked for."""
        events = await self._apart(self._read, sender_id, None if fetch_events_from_all_sessions else RECENT)
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        setattr(tracker, KEPT, len(tracker.events))
        return tracker

    def row(self, sender_id: str, event: Any) -> Any:
        """An event as it is stored."""
        data = event.as_dict()
        intent = (data.get("parse_data") or {}).get("intent", {}).get("name")
        # The name of a slot is where that of an action is, so that its newest value can be found.
        named = {"timestamp": data.get("timestamp"), "intent_name": intent, "action_name": data.get("name")}
        return Row(sender_id=sender_id, type_name=event.type_name, data=json.dumps(data), **named)

    def event(self, row: Any) -> dict[str, Any]:
        """A stored event as a dictionary."""
        return dict(json.loads(row.data))

    async def _apart(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _add(self, sender_id: str, events: list[Any]) -> None:
        with self.sessionmaker.begin() as session:
            session.bulk_save_objects([self.row(sender_id, event) for event in events])

    def _read(self, sender_id: str, most: Optional[int]) -> list[dict[str, Any]]:
        with self.sessionmaker.begin() as session:
            of_it = session.query(Row).filter_by(sender_id=sender_id).order_by(Row.id.desc())
            newest = of_it.limit(most).all()[::-1]
            before = self._slots_before(of_it, newest) if len(newest) == most else []
            return [self.event(row) for row in (*before, *newest)]

    def _slots_before(self, of_it: Any, newest: list[Any]) -> list[Any]:
        """The rows of the slots' last values that are older than what is read. Each action sets its slots, so one is looked for only after failures."""
        within = {row.action_name for row in newest if row.type_name == SlotSet.type_name}
        missing = [slot.name for slot in self.domain.slots if slot.mappings and slot.name not in within]
        found = (of_it.filter_by(type_name=SlotSet.type_name, action_name=name).first() for name in missing)
        return sorted((row for row in found if row is not None), key=lambda row: int(row.id))


class SealedTrackers(RecentTrackers):
    """With every event sealed: what the person wrote, what was recognised and what the slots hold is never readable in the database.

    Nor are intents written beside the events, where Rasa would leave them readable.
    """

    def __init__(self, engine: Engine, sealer: Sealer, event_broker: Optional[EventBroker] = None) -> None:
        """On the connections of `engine`."""
        super().__init__(engine, event_broker)
        self.sealer = sealer

    def row(self, sender_id: str, event: Any) -> Any:
        """An event as it is stored."""
        row = super().row(sender_id, event)
        row.intent_name, row.action_name = None, row.action_name if isinstance(event, SlotSet) else None
        row.data = self.sealer.seal(row.data, EVENTS.about(row))
        return row

    def event(self, row: Any) -> dict[str, Any]:
        """A stored event as a dictionary. Raises KeyProblem when it does not open."""
        return dict(json.loads(self.sealer.open(row.data, EVENTS.about(row))))
