"""The crisis wording: strict types over `content/crisis.yml`, and the filling in of help."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Dict, Optional, Tuple

import yaml
from pydantic import BaseModel, Extra

from bot.safety import directory
from bot.safety.words import clauses

CONTENT = Path(__file__).parent / "content"
Lines = Tuple[str, ...]


class Strict(BaseModel):
    """Unknown keys are mistakes."""

    class Config:
        extra = Extra.forbid
        frozen = True


class Answers(Strict):
    """What is said about one category."""

    urgent: Lines
    check_in: Lines
    guide: Lines
    immediate: Lines


class PlanStep(Strict):
    """One question of the safety plan, and its heading."""

    ask: Lines
    label: str


class Wording(Strict):
    """All of it, with who has checked it."""

    reviewed_by: Optional[str]
    reviewed_on: Optional[str]
    categories: Dict[str, Answers]
    barriers: Dict[str, Lines]
    latched: Lines
    urge: Lines
    refused: Lines
    recheck: Lines
    stood_down: Lines
    cared_for: Lines
    already: Lines
    no_supervisor: Lines
    plan_offer: Lines
    plan_steps: Dict[str, PlanStep]
    plan_done: Lines


@lru_cache(maxsize=1)
def wording() -> Wording:
    """The shipped wording. Raises pydantic's ValidationError when it cannot be used."""
    return Wording.parse_obj(yaml.load((CONTENT / "crisis.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))  # safe


@lru_cache(maxsize=1)
def _countries() -> tuple[tuple[str, re.Pattern[str]], ...]:
    named = yaml.load((CONTENT / "countries.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # safe
    return tuple((code, re.compile(rf"\b(?:{'|'.join(names)})\b")) for code, names in named.items())


def country_in(text: str) -> str | None:
    """The ISO 3166 code of the one country a message names, or None when it names none or several."""
    said = " ".join(clauses(text))
    found = [code for code, names in _countries() if names.search(said)]
    return found[0] if len(found) == 1 else None


def filled(line: str, country: str | None, category: str | None, at: datetime) -> str:
    """A line with `{help}` and `{emergency}` written out for a country, a topic and an hour. Numbers come from the directory only."""
    services = directory.load().choose(country, directory.topics_of(category), at)
    said = line.replace("{help}", "\n".join(service.shown() for service in services))
    emergency = directory.load().emergency(country)
    said = re.sub(r"(^|[.!?]\s+|\n)\{emergency\}", lambda m: m.group(1) + emergency[0].upper() + emergency[1:], said)
    return said.replace("{emergency}", emergency)
