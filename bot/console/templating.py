"""Pages from templates. Everything is escaped; a name that does not exist is an error and not an empty place."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"
BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F))
"""Signs that turn the direction of a text, so that it may look like another."""


def environment() -> Environment:
    """The templates as they are used."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(moment=moment, span=span, plainly=plainly)
    return made


def moment(at: datetime | None) -> str:
    """A moment as people read it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def span(length: timedelta | None) -> str:
    """A length of time in its two greatest units, without what is nothing."""
    if length is None:
        return "–"
    seconds = max(0, int(length.total_seconds()))
    parts = [(seconds // 86_400, "d"), (seconds // 3_600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((n for n, (amount, _) in enumerate(parts) if amount), len(parts) - 1)
    shown = [f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount]
    return " ".join(shown) or "0 s"


def plainly(text: Any) -> str:
    """A text without signs that turn its direction."""
    return str(text).translate(BIDI)
