"""A console over its own database, and people who are signed in to it."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Callable, Iterator

import pyotp
import pytest
from starlette.testclient import TestClient

from bot.console.app import console
from bot.console.live import Watcher
from bot.console.passwords import hashed
from bot.console.templating import environment
from bot.console.terms import Terms, targets_of
from bot.console.visits import COOKIE, Parts
from bot.store.accounts import Accounts, Role, Who
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.sealing import sealer_of
from tests.conftest import keys

TARGETS = targets_of("immediate=1,urgent=2,check_in=15,person=10,unsure=30,error=30")
PASSWORD = "several quiet words " + "in a row"
KEPT = hashed(PASSWORD)
URL = "http://console.test"


def parts_of(database: Database, **terms: object) -> Parts:
    """What the pages work with."""
    audit, given = Audit(database), replace(Terms(URL, TARGETS), **terms)  # type: ignore[arg-type]
    return Parts(database, audit, database.sealer, given, environment(), Watcher(database, audit, given))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "console.db"
    database = Database(f"sqlite:///{file}", keys())
    database.migrate()
    database.engine.dispose()
    return file


@pytest.fixture
def quick(migrated: Path, tmp_path: Path) -> Iterator[Conversations]:
    """A migrated store in SQLite, where the kind of database does not matter."""
    database = Database(f"sqlite:///{shutil.copy(migrated, tmp_path / 'console.db')}", sealer_of(tmp_path / "keys"))
    yield Conversations(database)
    database.engine.dispose()


@pytest.fixture
def parts(quick: Conversations) -> Parts:
    """The console's parts over it."""
    return parts_of(quick.database)


def account(parts: Parts, name: str, role: Role = "supporter", password: str | None = KEPT) -> Who:
    """An account whose password need not be changed."""
    accounts = Accounts(parts.database)
    who = accounts.add(name, role, name.capitalize(), password)
    accounts.change(who.id, must_change=False)
    return replace(who, must_change=False)


class Browser:
    """A browser before the console."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.http = parts, TestClient(console(parts), base_url=URL, follow_redirects=False)

    def get(self, path: str, **more: object) -> object:
        """A page."""
        return self.http.get(path, **more)  # type: ignore[arg-type]

    def token(self, path: str = "/sign-in") -> str:
        """The token that stands in the forms of a page."""
        found = re.search(r'data-form-token="([^"]+)"', self.http.get(path).text)
        assert found
        return found.group(1)

    def post(self, path: str, fields: dict[str, str] | None = None, page: str = "/password") -> object:
        """A form as the page would send it."""
        return self.http.post(path, data={"form_token": self.token(page), **(fields or {})})

    def signed_in(self, who: Who) -> Browser:
        """With everything behind them."""
        self.http.cookies.set(COOKIE, self.parts.sign_ins().begin(who.id, "full"))
        return self

    def first_step(self, name: str, password: str = PASSWORD) -> object:
        """Name and password."""
        return self.post("/sign-in", {"name": name, "password": password}, "/sign-in")


@pytest.fixture
def browser(parts: Parts) -> Callable[..., Browser]:
    """A new browser, signed in as a new account of a role if one is named."""

    def opened(role: Role | None = None, name: str | None = None) -> Browser:
        made = Browser(parts)
        return made.signed_in(account(parts, name or role, role)) if role else made

    return opened


def code_now(secret: str, steps: int = 0) -> str:
    """The code that an app would show."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)
