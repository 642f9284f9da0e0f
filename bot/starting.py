"""What the server refuses to start with, because people's words would not be safe."""

from __future__ import annotations

import ipaddress
import re
import stat
from pathlib import Path
from typing import Iterator

import yaml
from sqlalchemy.engine import make_url

from bot.errors import ReframeError
from bot.settings import ROOT, Settings

SECRET = re.compile(r"(?:token|secret|verify|password)$")
"""The names of settings that hold a secret."""
SHORTEST, FEWEST = 16, 6
"""Characters of a secret, and different ones among them: below this it can be guessed."""
PLACEHOLDER = re.compile(r"change.?me|change.?this|placeholder|your.?(?:token|secret|key)|my.?secret|insert|example|dummy|todo|fixme|[<>{}]", re.IGNORECASE)
WEAK = {"postgres", "password", "reframe", "admin", "secret", "123456"}
ELSEWHERE = ("tracker_store", "models", "nlg")
"""What in Rasa's endpoints would take conversations, or what is made of them, past the sealing.

A broker does so too, for whoever wants that (docs/scaling.md).
"""


class Unsafe(ReframeError):
    """The server does not start."""


def require_safe(settings: Settings, root: Path = ROOT) -> None:
    """Raises Unsafe with everything that is wrong at once, each with what to do; secrets are named and never shown."""
    if found := [*_secrets(settings), *_debug(settings), *_files(settings, root), *_endpoints(settings.reframe_endpoints)]:
        raise Unsafe("The server does not start:\n" + "\n".join(f"- {problem}" for problem in found))


def public(host: str) -> bool:
    """Whether others than this machine can reach an address to listen on. A name counts as public unless it is localhost."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def _secrets(settings: Settings) -> Iterator[str]:
    for name, value in settings.dict().items():
        if SECRET.search(name) and value and (len(value) < SHORTEST or len(set(value)) < FEWEST or PLACEHOLDER.search(value)):
            yield f"{name.upper()} is a placeholder or can be guessed. Set the real one, or a random one of at least {SHORTEST} characters; or empty it."
    url = make_url(settings.database_url)
    given = str(url.password or "")  # without one the driver takes PGPASSWORD or a certificate
    if url.host and public(url.host) and (given in WEAK or PLACEHOLDER.search(given)):
        yield "DATABASE_URL reaches another machine with a password that can be guessed. Set a random one."


def _debug(settings: Settings) -> Iterator[str]:
    if settings.reframe_log_level.upper() not in ("DEBUG", "NOTSET"):
        return
    for name in ("reframe_host", "reframe_console_host"):
        if public(getattr(settings, name)):
            yield f"REFRAME_LOG_LEVEL is DEBUG while {name.upper()} is an address that others can reach. Set INFO."


def _files(settings: Settings, root: Path) -> Iterator[str]:
    url = make_url(settings.database_url)
    database = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    kept = [root / ".env", settings.reframe_keys, *([database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))] if database else [])]
    for file in kept:
        if file.is_file() and file.stat().st_mode & stat.S_IRWXO:
            yield f"Others can read {file}. Take their rights away: chmod 600 {file}"


def _endpoints(file: Path) -> Iterator[str]:
    named = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for name in ELSEWHERE:
        if name in (named or {}):
            yield f"{file.name} names `{name}`, by which Rasa would take conversations past the sealing or serve them. Remove it."
