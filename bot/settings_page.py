"""The page of settings and the example of a `.env`, both made from the settings themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.settings import ROOT, Settings

PAGE = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / ".env.example"
HEAD = """# Settings

Read from the environment first, then from a file `.env` in the checkout (only its owner may read it), then the default. An empty value counts as not set.
A value that cannot be used stops the start and is named, never shown. The server does not start either with a secret that is short or a placeholder, with
`DEBUG` on a public address, with a `.env`, key file or database that others can read, or when `endpoints.yml` would take conversations elsewhere.

This page and `.env.example` are made by `reframe settings` from `bot/settings.py`; change that.

| variable | default | meaning |
|---|---|---|
"""
ABOUT = (
    "# Copy to .env, take the rights of others away (chmod 600 .env), and uncomment what differs. Made by `reframe settings`; meanings in docs/settings.md.\n"
)


def page() -> str:
    """The page, in Markdown."""
    rows = [f"| `{name.upper()}` | {_shown(field.default)} | {field.field_info.description} |" for name, field in Settings.__fields__.items()]
    return HEAD + "\n".join(rows) + "\n"


def example() -> str:
    """Every setting with its meaning and its default, commented out."""
    parts = [f"# {field.field_info.description}\n# {name.upper()}={_plain(field.default)}\n" for name, field in Settings.__fields__.items()]
    return "\n".join([ABOUT, *parts])


def write() -> list[Path]:
    """Write both."""
    PAGE.write_text(page(), encoding="utf-8")
    EXAMPLE.write_text(example(), encoding="utf-8")
    return [PAGE, EXAMPLE]


def _shown(default: Any) -> str:
    return f"`{plain}`" if (plain := _plain(default)) else "none"


def _plain(default: Any) -> str:
    """A default as it would be written; places of this checkout are relative to it."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default).replace(f"{ROOT}/", "")
