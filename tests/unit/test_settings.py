"""Settings come from the environment and `.env`, are typed, and are documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels.web.privacy import Kept, privacy
from bot.settings import ROOT, Settings, SettingsError, read_settings
from bot.settings_page import EXAMPLE, PAGE, example, page


def test_without_anything_set_the_defaults_hold(tmp_path: Path) -> None:
    """SQLite in the checkout, on the local address."""
    settings = read_settings({}, tmp_path / ".env")
    assert (settings.reframe_host, settings.reframe_port) == ("127.0.0.1", 5005)
    assert settings.database_url.startswith("sqlite:///")


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    """And `.env` over the defaults."""
    (tmp_path / ".env").write_text("REFRAME_PORT=1\nREFRAME_HOST=0.0.0.0\n", encoding="utf-8")
    settings = read_settings({"REFRAME_PORT": "2"}, tmp_path / ".env")
    assert (settings.reframe_port, settings.reframe_host) == (2, "0.0.0.0")  # noqa: S104  # not bound, only read


@pytest.mark.parametrize(("name", "value"), [("REFRAME_PORT", "many-ports"), ("REFRAME_PORT", "987654"), ("REFRAME_REPLY_SECONDS", "-31.5")])
def test_a_value_that_cannot_be_used_is_named_and_not_shown(name: str, value: str, tmp_path: Path) -> None:
    """The message says which variable, and never repeats what may be a secret."""
    with pytest.raises(SettingsError, match=name) as error:
        read_settings({name: value}, tmp_path / ".env")
    assert value not in str(error.value)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    """So that `REFRAME_PORT=` in a file does no harm."""
    assert read_settings({"REFRAME_PORT": ""}, tmp_path / ".env").reframe_port == 5005


def test_the_page_and_the_example_are_those_of_the_code() -> None:
    """`reframe settings` writes both; every setting is in each, with a meaning and its default, and no place of a machine."""
    assert PAGE.read_text(encoding="utf-8") == page()
    assert EXAMPLE.read_text(encoding="utf-8") == example()
    for name, field in Settings.__fields__.items():
        assert f"| `{name.upper()}` |" in page()
        assert f"\n# {name.upper()}=" in example()
        assert field.field_info.description
    assert str(ROOT) not in page() + example()


def test_the_example_without_its_marks_is_a_file_that_can_be_used(tmp_path: Path) -> None:
    """With every default in it."""
    lines = [line.removeprefix("# ") for line in example().splitlines() if re.match(r"# [A-Z_]+=", line)]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    given = read_settings({}, tmp_path / ".env")
    assert given.reframe_rate_messages == Settings().reframe_rate_messages
    assert len(lines) == len(Settings.__fields__)


def test_the_privacy_page_says_what_is_set() -> None:
    """Limits and messaging apps; none is named where none is on."""
    quiet, loud = privacy(Kept()), privacy(Kept(requests="5/second", conversations="3/day", apps=("telegram", "sms")))
    assert "600 in a minute requests" not in quiet
    assert "In a messaging app" not in quiet
    assert "(telegram, sms)" in loud
    for words in ("5 requests in a second", "3 new conversations in a day"):
        assert words in " ".join(loud.split())
