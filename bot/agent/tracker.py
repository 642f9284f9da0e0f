"""Rasa's tracker store with its events sealed: what the person wrote, what was recognised and what the slots hold is never readable in the database."""

from __future__ import annotations

import json
from typing import Any, Optional

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.store.sealed import EVENTS
from bot.store.sealing import Sealer

Row = SQLTrackerStore.SQLEvent


class SealedTrackerStore(SQLTrackerStore):
    """As Rasa's own, but for what it writes and reads. Intents are not written beside the events, where Rasa would leave them readable."""

    def __init__(self, url: str, sealer: Sealer) -> None:
        """`url` is that of our database."""
        super().__init__(host=url)
        self.sealer = sealer

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new."""
        await self.stream_events(tracker)
        with self.session_scope() as session:
            session.add_all([self._row(tracker.sender_id, event) for event in self._additional_events(session, tracker)])
            session.commit()

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, fetch_events_from_all_sessions=fetch_events_from_all_sessions).all()
            events = [json.loads(self.sealer.open(row.data, EVENTS.about(row))) for row in rows]
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots) if self.domain and events else None

    def _row(self, sender_id: str, event: Any) -> Any:
        data = event.as_dict()
        row = Row(sender_id=sender_id, type_name=event.type_name, timestamp=data.get("timestamp"))
        row.action_name = event.key if isinstance(event, SlotSet) else None  # by which the newest of each slot is found
        row.data = self.sealer.seal(json.dumps(data), EVENTS.about(row))
        return row
