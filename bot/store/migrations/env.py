"""Run by Alembic, in the project's own command or under `alembic -c`."""

from __future__ import annotations

from alembic import context

<<<<<<< HEAD
from bot.store.review_tables import Base  # which brings all tables along
=======
from bot.store import console_tables
>>>>>>> console

context.configure(connection=context.config.attributes["connection"], target_metadata=console_tables.Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
