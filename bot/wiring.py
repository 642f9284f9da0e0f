"""The one place where the concrete parts are chosen."""

from __future__ import annotations

from rasa.core.tracker_store import SQLTrackerStore

from bot.agent.rasa import RasaAgent, latest_model
from bot.desk.desk import Desk
from bot.reframing.loading import load
from bot.settings import Settings
from bot.store.conversations import Conversations
from bot.store.database import Database


def build_store(settings: Settings) -> Conversations:
    """The store, at the newest schema."""
    database = Database(settings.database_url)
    database.migrate()
    return Conversations(database)


def build_desk(settings: Settings) -> Desk:
    """The desk before the trained agent, both on the same database."""
    store = build_store(settings)
    agent = RasaAgent(latest_model(settings.reframe_models), SQLTrackerStore(host=settings.database_url))
    return Desk(store, agent, settings.reframe_reply_seconds, load().moments["notice"][0])
