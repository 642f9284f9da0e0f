"""What a reviewer is asked about each dimension, and what each rating means."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

CONTENT = Path(__file__).parent / "content" / "checklist.yml"


@lru_cache(maxsize=1)
def checklist() -> dict[str, dict[str, str]]:
    """By dimension: `asks`, and a meaning for each rating."""
    found: dict[str, dict[str, str]] = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    return found
