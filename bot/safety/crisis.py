"""The conversation in risk. It latches: only being cared for, or a clear denial after one plain question, opens the ordinary conversation again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Dict, List, Literal, Optional

from pydantic import BaseModel

from bot.safety.screening import Assessment
from bot.safety.signals import signals
from bot.safety.wording import Lines, country_in, filled, wording
from bot.safety.words import clauses

State = Literal["none", "asked", "risk", "immediate", "rechecking", "cared_for"]
GRAVE = {"means", "jump", "amount_taken", "farewell", "emergency", "overdose"}
"""Rules that speak of means, place or an act; with a time they make it immediate."""


class Crisis(BaseModel):
    """Where one conversation stands. Plain data, so that any tracker or store can hold it. `said` are keys of the lines used, oldest first."""

    state: State = "none"
    category: Optional[str] = None
    country: Optional[str] = None
    turns: int = 0
    said: List[str] = []
    plan: Dict[str, str] = {}
    plan_step: Optional[str] = None

    @property
    def latched(self) -> bool:
        """Whether nothing may be reframed."""
        return self.state in ("asked", "risk", "immediate", "rechecking")


def respond(crisis: Crisis, assessment: Assessment, text: str, at: datetime) -> str | None:
    """The crisis answer to a message, or None when the ordinary conversation goes on. Changes `crisis`; `at` has a zone."""
    crisis.country = country_in(text) or crisis.country
    lines = _lines(crisis, assessment, " ".join(clauses(text)))
    return filled(_pick(crisis, lines), crisis.country, crisis.category, at) if lines else None


def _lines(crisis: Crisis, assessment: Assessment, words: str) -> Lines | None:
    if assessment.tier == "urgent":
        return _urgent(crisis, assessment, words)
    if crisis.state in ("risk", "immediate", "rechecking"):
        return _latched(crisis, words)
    if assessment.tier == "check_in":
        crisis.state, crisis.category = "asked", _category(assessment.category)
        return wording().categories[crisis.category].check_in
    return _asked(crisis, words) if crisis.state == "asked" else None


def _urgent(crisis: Crisis, assessment: Assessment, words: str) -> Lines:
    new = not crisis.latched or crisis.category != _category(assessment.category)
    crisis.category = _category(assessment.category)
    grave = any(e.rule in GRAVE and not e.lowered_by for e in assessment.evidence)
    answers = wording().categories[crisis.category]
    crisis.turns += 1
    if grave and signals().soon.search(words):
        crisis.state = "immediate"
        return answers.immediate
    if crisis.state != "immediate":
        crisis.state = "risk"
    return answers.urgent if new else answers.immediate if crisis.state == "immediate" else answers.guide


def _asked(crisis: Crisis, words: str) -> Lines | None:
    """After the direct question: yes is a risk, no ends it, a refusal is followed up once, anything else goes on as it came."""
    if signals().affirmed.search(words):
        crisis.state = "risk"
        return wording().categories[str(crisis.category)].guide
    if signals().denied.search(words) or signals().retracted.search(words):
        crisis.state = "none"
        return wording().stood_down
    crisis.state = "none"
    return wording().refused if signals().refused.search(words) or len(words.split()) < 3 else None


def _latched(crisis: Crisis, words: str) -> Lines:
    said, crisis.turns = wording(), crisis.turns + 1
    if signals().cared_for.search(words):
        crisis.state = "cared_for"
        return said.cared_for
    if crisis.state == "rechecking":
        crisis.state = "none" if signals().denied.search(words) else "risk"
        return said.stood_down if crisis.state == "none" else said.latched
    if signals().retracted.search(words):
        crisis.state = "rechecking"
        return said.recheck
    barrier = next((name for name, pattern in signals().barriers.items() if pattern.search(words)), None)
    return said.barriers[barrier] if barrier else _next_step(crisis, words)


def _next_step(crisis: Crisis, words: str) -> Lines:
    """What to stay with while nothing else fits: the first step, that nobody watches, the next minutes, and again the first step."""
    said, answers = wording(), wording().categories[str(crisis.category)]
    if signals().already.search(words):
        return said.already
    if crisis.state == "immediate" and crisis.turns < 4:
        return answers.immediate
    turns = (answers.guide, said.no_supervisor, said.urge, said.latched, said.latched)
    return turns[(crisis.turns - 2) % len(turns)]


def _category(named: str | None) -> str:
    return named if named in wording().categories else "suicide"


def _pick(crisis: Crisis, lines: Lines) -> str:
    """A line not yet said, or the one said longest ago; so none comes a third time while others remain."""
    keys = {hashlib.blake2s(line.encode(), digest_size=4).hexdigest(): line for line in lines}
    key = min(keys, key=lambda k: (crisis.said.count(k), len(crisis.said) - crisis.said[::-1].index(k) if k in crisis.said else 0))
    crisis.said.append(key)
    return keys[key]
