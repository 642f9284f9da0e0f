"""Rasa's own table of what happened, as far as it is read here. Rasa makes it, so it may be missing, and no migration of ours touches it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Integer, String, Text, inspect
from sqlalchemy.orm import Session, declarative_base

Apart: Any = declarative_base()
"""Not that of our own tables."""


class Event(Apart):
    """One event of one conversation (`sender_id`). `data` is sealed (bot/agent/trackers.py); `action_name` is the slot's name, where it is a slot."""

    __tablename__ = "events"

    id = Column(Integer, primary_key=True)
    sender_id = Column(String(255), nullable=False, index=True)
    type_name = Column(String(255), nullable=False)
    timestamp = Column(Float)
    intent_name = Column(String(255))
    action_name = Column(String(255))
    data = Column(Text)


def has_events(session: Session) -> bool:
    """Whether the table is there."""
    return bool(inspect(session.connection()).has_table(Event.__tablename__))
