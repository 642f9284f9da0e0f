"""Run by Alembic, in the project's own command or under `alembic -c`."""

from __future__ import annotations

from alembic import context

from bot.store import pilot_tables  # noqa: F401  # which brings all tables along
from bot.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
