"""The Rasa agent in a thread of its own, so that whatever it does, the desk goes on receiving."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, Callable, Literal, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.model import get_latest_model

from bot.agent.actions import InProcessActions
from bot.errors import ReframeError
from bot.store.messages import Reply

ASK_HUMAN = "ask_human"
SHIELD = "\u2060"
"""An invisible character. Before a slash it keeps Rasa from reading free text as an intent; `str.strip` leaves it."""


class NoModel(ReframeError):
    """There is no trained model that can be used."""


class WholeMessages(CollectingOutputChannel):
    """Collects each message as it was said; Rasa's own would cut it at empty lines."""

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Keep the text in one piece."""
        await self._persist_message(self._message(recipient_id, text=text))


class RasaAgent:
    """Answers by a trained model. Conversations are kept in the tracker store."""

    def __init__(self, model: Path, tracker_store: TrackerStore) -> None:
        """Loads the model, which takes some seconds. Raises NoModel when it cannot be used."""
        self.tracker_store = tracker_store
        self.attended: Callable[[], bool] = lambda: False  # whether a supporter is on duty; without anybody who knows, nobody is
        self.agent = Agent(tracker_store=tracker_store, action_endpoint=InProcessActions())
        self.agent.load_model(str(model))
        if not self.agent.is_ready():
            raise NoModel(f"The model {model} cannot be used. Run `make train`.")
        self.loop = asyncio.new_event_loop()
        Thread(target=self.loop.run_forever, name="rasa", daemon=True).start()

    async def answer(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:
        """The replies to a message. Cancelling the call cancels the work, and frees Rasa's lock on the conversation."""
        work = asyncio.run_coroutine_threadsafe(self._handle(conversation_id, text, payload, interrupted), self.loop)
        return await asyncio.wrap_future(work)

    def forget(self, conversation_id: str) -> None:
        """Erase the tracker of a conversation."""
        if isinstance(self.tracker_store, SQLTrackerStore):
            with self.tracker_store.session_scope() as session:
                session.query(SQLTrackerStore.SQLEvent).filter_by(sender_id=conversation_id).delete()
                session.commit()

    async def _handle(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:
        channel = WholeMessages()
        circumstances = {"interrupted": interrupted, "attended": self.attended()}
        message = UserMessage(payload or shielded(text), channel, conversation_id, input_channel="desk", metadata=circumstances)
        await self.agent.handle_message(message)
        intent = await self._intent(conversation_id)
        replies = [Reply(m["text"], _buttons(m)) for m in channel.messages if m.get("text")]
        return [replace(reply, wants=wants(intent, reply)) for reply in replies]

    async def _intent(self, conversation_id: str) -> Optional[str]:
        """What the message was taken for."""
        tracker = await self.tracker_store.retrieve(conversation_id)
        latest = tracker.latest_message if tracker else None
        return latest.intent.get("name") if latest else None


def wants(intent: Optional[str], reply: Reply) -> Optional[Literal["person", "unsure"]]:
    """Whether the person asked for a person, or was not understood twice, which is when one is offered."""
    if intent == ASK_HUMAN:
        return "person"
    return "unsure" if any(button["payload"] == f"/{ASK_HUMAN}" for button in reply.buttons) else None


def shielded(text: str) -> str:
    """Free text that Rasa cannot take for an intent."""
    return SHIELD + text if text.lstrip().startswith("/") else text


def latest_model(folder: Path) -> Path:
    """The newest model archive. Raises NoModel when there is none."""
    if found := get_latest_model(str(folder)):
        return Path(found)
    raise NoModel(f"There is no trained model in {folder}. Run `make train`.")


def _buttons(message: dict[str, Any]) -> tuple[dict[str, str], ...]:
    return tuple({"title": b["title"], "payload": b["payload"]} for b in message.get("buttons") or ())
