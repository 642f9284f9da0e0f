"""The first form of risk screening: rules over each sentence of a message, to its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, Extra

from bot.safety.normalise import normalised, unmasked

RULES = Path(__file__).parent / "content" / "rules.yml"
Tier = Literal["none", "check_in", "urgent"]
SENTENCE = re.compile(r"(?<=[.?!\n;])\s+|\n+")


class Rule(BaseModel):
    """One pattern that raises a tier. Its id goes into the explanation."""

    id: str
    category: str
    pattern: str

    class Config:
        extra = Extra.forbid


class Rules(BaseModel):
    """All rules of one version."""

    version: str
    urgent: list[Rule]
    check_in: list[Rule]
    idioms: list[str]

    class Config:
        extra = Extra.forbid


@dataclass(frozen=True)
class Evidence:
    """Why a tier was raised: the rule and the words it saw."""

    tier: Tier
    rule: str
    category: str
    span: str


@dataclass(frozen=True)
class Assessment:
    """The risk of one message, with its reasons. Deterministic for one version of the rules."""

    tier: Tier
    evidence: tuple[Evidence, ...]
    version: str

    @property
    def category(self) -> str | None:
        """The category of the gravest evidence."""
        return self.evidence[0].category if self.evidence else None


@lru_cache(maxsize=1)
def _compiled() -> tuple[str, list[tuple[Tier, Rule, re.Pattern[str]]], re.Pattern[str]]:
    rules = Rules.parse_obj(yaml.safe_load(RULES.read_text(encoding="utf-8")))
    levels: list[tuple[Tier, list[Rule]]] = [("urgent", rules.urgent), ("check_in", rules.check_in)]
    raised = [(tier, rule, re.compile(rule.pattern)) for tier, group in levels for rule in group]
    return rules.version, raised, re.compile("|".join(f"(?:{i})" for i in rules.idioms))


def assess(text: str) -> Assessment:
    """The risk of a message of any length."""
    version, raised, idioms = _compiled()
    sentences = [" ".join(map(unmasked, normalised(s).split())) for s in SENTENCE.split(text) if s.strip()]
    found = [
        Evidence(tier, rule.id, rule.category, match.group())
        for tier, rule, pattern in raised
        for sentence in sentences
        if (match := pattern.search(idioms.sub(" ", sentence)))
    ]
    return Assessment(found[0].tier if found else "none", tuple(found), version)
