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
AGE = re.compile(
    r"\bi am (?:only |just |still )?(?:a )?(?:[5-9]|1[0-7]) (?:years? old|yrs? old|yo)\b|\bi am (?:only |just |still )?1[1-7](?:$| comma| and\b)"
    r"|^1[1-7] ?(?:f|m|yo)\b|\bi am in (?:middle school|high school|primary school|year (?:[1-9]|1[0-3])\b|(?:\w+ )?grade)"
)
"""How people say that they are not of age, over the words of a clause in their full form."""


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
    heard: Dict[str, Lines]
    barriers: Dict[str, Lines]
    latched: Lines
    urge: Lines
    refused: Lines
    recheck: Lines
    recheck_open: Lines
    stood_down: Lines
    cared_for: Lines
    already: Lines
    turning_to: Lines
    no_supervisor: Lines
    supervisor_on_duty: Lines
    plan_offer: Lines
    plan_steps: Dict[str, PlanStep]
    plan_done: Lines
    plan_left: Lines
    asked_again: Lines
    thoughts_too: Lines
    half_no: Lines
    ask_country: Lines
    country_known: Lines
    country_noted: Lines
    unreadable: Lines
    reminder: str
    program: str


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


def minor_in(text: str) -> bool:
    """Whether a person says that they are under 18."""
    return any(AGE.search(clause) for clause in clauses(text))


def filled(line: str, country: str | None, category: str | None, at: datetime, minor: bool = False) -> str:
    """A line with `{help}` and `{emergency}` written out for a country, a topic and an hour, for a `minor` with lines for the young first.

    Numbers come from the directory only.
    """
    topics = directory.topics_of(category)
    services = directory.load().choose(country, ("child", *topics) if minor else topics, at)
    said = line.replace("{help}", "\n".join(service.shown() for service in services))
    emergency = directory.load().emergency(country)
    said = re.sub(r"(^|[.!?]\s+|\n)\{emergency\}", lambda m: m.group(1) + emergency[0].upper() + emergency[1:], said)
    return said.replace("{emergency}", emergency)
