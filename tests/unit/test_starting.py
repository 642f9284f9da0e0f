"""What the server refuses to start with: each says what is wrong and what to do, and repeats no secret."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT, Settings
from bot.starting import SECRET, Unsafe, require_safe

GOOD = secrets.token_hex(20)


def settings_in(folder: Path, **given: Any) -> Settings:
    """Settings of an installation in a folder."""
    return Settings(**{"database_url": f"sqlite:///{folder / 'reframe.db'}", "reframe_keys": folder / "keys", **given})


def test_an_ordinary_installation_starts(tmp_path: Path) -> None:
    """With the shipped endpoints, on a public address, with real secrets, with files of its owner."""
    (tmp_path / "endpoints.yml").write_text((ROOT / "endpoints.yml").read_text(encoding="utf-8"), encoding="utf-8")
    for name in (".env", "keys", "reframe.db"):
        (tmp_path / name).touch(0o600)
    require_safe(settings_in(tmp_path, reframe_host="0.0.0.0", reframe_telegram_token=GOOD, reframe_twilio_token=GOOD), tmp_path)  # noqa: S104  # not bound
    require_safe(settings_in(tmp_path, reframe_log_level="DEBUG"), tmp_path)


@pytest.mark.parametrize("name", [name for name in Settings.__fields__ if SECRET.search(name)])
@pytest.mark.parametrize(
    "value", ["changeme-changeme-1", "<the token of your bot>", "your-token-goes-here", "short", "aaaaaaaaaaaaaaaaaaaaaaaa", "example-0123456789abcdef"]
)
def test_a_secret_that_is_none_is_refused_and_not_shown(tmp_path: Path, name: str, value: str) -> None:
    """A placeholder, a short one, one of few characters."""
    with pytest.raises(Unsafe, match=name.upper()) as error:
        require_safe(settings_in(tmp_path, **{name: value}), tmp_path)
    assert value not in str(error.value)


def test_every_setting_that_holds_a_secret_is_known_as_one() -> None:
    """By its name."""
    assert {name for name in Settings.__fields__ if SECRET.search(name)} >= {
        "reframe_telegram_token",
        "reframe_telegram_secret",
        "reframe_slack_token",
        "reframe_slack_signing_secret",
        "reframe_twilio_token",
        "reframe_messenger_token",
        "reframe_messenger_app_secret",
        "reframe_messenger_verify",
    }


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "chat.example.org"])  # noqa: S104  # not bound
def test_debug_on_a_public_address_is_refused(tmp_path: Path, host: str) -> None:
    """And only there."""
    with pytest.raises(Unsafe, match="REFRAME_LOG_LEVEL"):
        require_safe(settings_in(tmp_path, reframe_host=host, reframe_log_level="debug"), tmp_path)
    for own in ("127.0.0.1", "::1", "localhost"):
        require_safe(settings_in(tmp_path, reframe_host=own, reframe_log_level="debug"), tmp_path)


@pytest.mark.parametrize("name", [".env", "keys", "reframe.db", "reframe.db-wal"])
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    """With the command that mends it."""
    (tmp_path / name).touch()
    (tmp_path / name).chmod(mode)
    with pytest.raises(Unsafe, match=f"chmod 600 .*{name}"):
        require_safe(settings_in(tmp_path), tmp_path)


@pytest.mark.parametrize("line", ["tracker_store: {type: SQL}", "models: {url: 'http://models'}", "nlg: {url: 'http://nlg'}"])
def test_endpoints_that_take_conversations_elsewhere_are_refused(tmp_path: Path, line: str) -> None:
    """Whatever Rasa would do with them. A broker is somebody's wish, and its page says what goes there."""
    file = tmp_path / "endpoints.yml"
    file.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(Unsafe, match=r"endpoints\.yml"):
        require_safe(settings_in(tmp_path, reframe_endpoints=file), tmp_path)
    file.write_text("event_broker: {url: mq}\nlock_store: {type: redis}\n", encoding="utf-8")
    require_safe(settings_in(tmp_path, reframe_endpoints=file), tmp_path)


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://u@db.internal/x", False),
        ("postgresql://u:postgres@db.internal/x", True),
        ("postgresql://u:changeme@10.0.0.5/x", True),
        (f"postgresql://u:{GOOD}@10.0.0.5/x", False),
        ("postgresql://u@127.0.0.1/x", False),
    ],
)
def test_a_password_of_a_database_that_can_be_guessed_is_refused(tmp_path: Path, url: str, refused: bool) -> None:
    """On this machine it is the system's to say who may; without one in the address it is PGPASSWORD's or a certificate's."""
    if not refused:
        require_safe(settings_in(tmp_path, database_url=url), tmp_path)
        return
    with pytest.raises(Unsafe, match="DATABASE_URL"):
        require_safe(settings_in(tmp_path, database_url=url), tmp_path)


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """So that nobody has to start it five times."""
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(0o644)
    with pytest.raises(Unsafe) as error:
        require_safe(settings_in(tmp_path, reframe_slack_token="short", reframe_telegram_token="x"), tmp_path)  # noqa: S106  # refused
    assert str(error.value).count("\n- ") == 3
