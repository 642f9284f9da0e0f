"""What several kinds of tests share: databases to run on, and where the checkout is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Iterator
from uuid import uuid4

import pytest
from sanic import Sanic
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.sealing import KEY_BYTES, Sealer

Sanic.test_mode = True
"""Several servers may then be started in one process, one after another."""
POSTGRES = os.environ.get("REFRAME_TEST_POSTGRES")
"""An administrator's address, set by `.ci/run`. Without it the tests on PostgreSQL are skipped, and say so."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'reframe.db'}"
        return
    if not POSTGRES:
        pytest.skip("REFRAME_TEST_POSTGRES names no server")
    name = f"reframe_{uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", future=True)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def keys() -> Sealer:
    """New keys, of no file."""
    return Sealer({name: secrets.token_bytes(KEY_BYTES) for name in ("names", "k1")})


@pytest.fixture
def store(database_url: str) -> Iterator[Conversations]:
    """A migrated store."""
    database = Database(database_url, keys())
    database.migrate()
    yield Conversations(database)
    database.engine.dispose()
