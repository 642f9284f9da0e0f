"""What a person may say back in a conversation in risk: yes, no, a refusal, a retraction, what stands in the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

SIGNALS = Path(__file__).parent / "content" / "signals.yml"
Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Signals:
    """Patterns over the words of a message in their full form."""

    affirmed: Pattern
    admitted: Pattern
    unharmed: Pattern
    half: Pattern
    elsewhere: Pattern
    denied: Pattern
    of_deeds: Pattern
    hedged: Pattern
    of_thoughts: Pattern
    refused: Pattern
    retracted: Pattern
    cared_for: Pattern
    reached: Pattern
    named: Pattern
    not_cared_for: Pattern
    threat_near: Pattern
    soon: Pattern
    at_hand: Pattern
    already: Pattern
    heard: dict[str, Pattern]
    barriers: dict[str, Pattern]


@lru_cache(maxsize=1)
def signals() -> Signals:
    """The shipped patterns. Raises TypeError for an unknown or missing one, re.error for one that cannot be used."""
    given = yaml.safe_load(SIGNALS.read_text(encoding="utf-8"))
    person = given.pop("person")
    heard, barriers, single = (
        {name: re.compile(pattern.replace("<PERSON>", person)) for name, pattern in group.items()}
        for group in (given.pop("heard"), given.pop("barriers"), given)
    )
    return Signals(heard=heard, barriers=barriers, **single)
