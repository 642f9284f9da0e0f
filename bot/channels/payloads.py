"""What others send is read without trust in its shape: what is not there, or is something else than expected, is simply empty."""

from __future__ import annotations

from typing import Any


def held(given: Any, *names: str) -> Any:
    """What lies under these names, one inside the other; None where there is nothing."""
    for name in names:
        given = given.get(name) if isinstance(given, dict) else None
    return given


def text_of(given: Any, *names: str) -> str:
    """The text or number under these names, as text; empty where there is none."""
    found = held(given, *names)
    return str(found) if isinstance(found, (str, int, float)) and not isinstance(found, bool) else ""


def list_of(given: Any, *names: str) -> list[Any]:
    """The list under these names; empty where there is none."""
    found = held(given, *names)
    return found if isinstance(found, list) else []
