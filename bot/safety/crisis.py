"""The conversation in risk. It latches: only being cared for, or a clear denial after one plain question, opens the ordinary conversation again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import List, Literal, Optional

from pydantic import BaseModel

from bot.safety.adding_up import added_up
from bot.safety.language import reading
from bot.safety.plan import FITTING, Plan
from bot.safety.screening import Assessment
from bot.safety.signals import signals
from bot.safety.wording import Lines, country_in, filled, minor_in, wording
from bot.safety.words import clauses

State = Literal["none", "asked", "risk", "immediate", "rechecking", "cared_for"]
GRAVE = {"means", "jump", "amount_taken", "farewell", "emergency", "overdose", "notes_written", "decided", "means_here"}
"""Rules that speak of means, place or an act; with a time they make it immediate."""
NOW = {"taken_now", "at_place"}
"""Rules that are immediate by themselves."""
WITH_A_TIME = {"suicide", "self_harm", "harm_to_others", "grief", "medical"}
"""Categories in which a yes with a time that is near means intent."""
SCORER = "scorer"
"""Its evidence alone is a guess: while a conversation is in risk already, what the person answers is heard first."""
DIRECT = 1
"""The turn of a conversation in risk after which a bare no answers the direct question."""
PLAN_AFTER = 5
"""The turn of a conversation in risk after which a safety plan is offered."""


class Crisis(BaseModel):
    """Where one conversation stands. Plain data, so that any tracker or store can hold it.

    `said` are keys of the lines used, oldest first. `carried` is the weight of earlier messages (adding_up.py). `referred` says whether the last answer
    named people to turn to.
    """

    state: State = "none"
    category: Optional[str] = None
    country: Optional[str] = None
    country_asked: bool = False
    minor: bool = False
    turns: int = 0
    unanswered: int = 0
    carried: float = 0.0
    referred: bool = False
    said: List[str] = []
    plan: Plan = Plan()

    @property
    def latched(self) -> bool:
        """Whether nothing may be reframed."""
        return self.state in ("asked", "risk", "immediate", "rechecking")


def respond(crisis: Crisis, assessment: Assessment, text: str, at: datetime) -> str | None:
    """The crisis answer to a message, or None when the ordinary conversation goes on. Changes `crisis`; `at` has a zone."""
    crisis.country = country_in(text) or crisis.country
    crisis.minor = crisis.minor or minor_in(text)
    crisis.referred = False
    words = " ".join(clauses(text))
    assessment, crisis.carried = added_up(assessment, crisis.carried)
    calm = assessment.tier == "none" and crisis.state != "immediate"
    if calm and (planned := crisis.plan.turn(text, words, partial(_pick, crisis))):
        return _said(crisis, planned, at)
    lines = _lines(crisis, assessment, words, unreadable=reading(text) == "other")
    return _said(crisis, _pick(crisis, lines), at) if lines else None


def _said(crisis: Crisis, line: str, at: datetime) -> str:
    if crisis.state == "immediate" and "{emergency}" not in line:
        line = f"{line}\n\n{wording().reminder}"
    crisis.referred = "{help}" in line or "{emergency}" in line
    return filled(line, crisis.country, crisis.category, at, crisis.minor)


def _lines(crisis: Crisis, assessment: Assessment, words: str, unreadable: bool) -> Lines | None:
    guessed = crisis.latched and all(e.rule == SCORER for e in assessment.evidence if not e.lowered_by and e.tier != "none")
    if assessment.tier == "urgent" and not guessed:
        return _urgent(crisis, assessment, words)
    if crisis.latched and unreadable:
        return wording().unreadable
    if crisis.state in ("risk", "immediate", "rechecking"):
        return _latched(crisis, words)
    if assessment.tier == "check_in" and not guessed:
        return _check_in(crisis, assessment)
    return _asked(crisis, words, grave=assessment.tier == "urgent") if crisis.state == "asked" else None


def _check_in(crisis: Crisis, assessment: Assessment) -> Lines:
    """Ask; a further sign of danger while the question stands open counts as more than the first."""
    crisis.unanswered = crisis.unanswered + 1 if crisis.state == "asked" else 0
    crisis.state, crisis.category = "asked", _category(assessment.category)
    if crisis.unanswered >= 2:
        crisis.state, crisis.turns = "risk", crisis.turns + 1
        return wording().categories[crisis.category].urgent
    return wording().categories[crisis.category].check_in


def _urgent(crisis: Crisis, assessment: Assessment, words: str) -> Lines:
    new = not crisis.latched or crisis.category != _category(assessment.category)
    crisis.category = _category(assessment.category)
    rules = {e.rule for e in assessment.evidence if not e.lowered_by}
    answers = wording().categories[crisis.category]
    crisis.turns += 1
    if rules & NOW or (rules & GRAVE and signals().soon.search(words)):
        crisis.state = "immediate"
        return answers.immediate
    if crisis.state != "immediate":
        crisis.state = "risk"
    return answers.urgent if new else answers.immediate if crisis.state == "immediate" else answers.guide


def _asked(crisis: Crisis, words: str, grave: bool) -> Lines | None:
    """After the direct question: yes is a risk, no ends it, anything else is followed up once, with help, and then let be; what sounds `grave` is a yes."""
    if signals().affirmed.search(words):
        return _confirmed(crisis, words)
    if signals().denied.search(words) or signals().retracted.search(words):
        crisis.state, crisis.carried, crisis.unanswered = "none", 0.0, 0
        return wording().stood_down
    if grave:
        return _confirmed(crisis, words)
    crisis.unanswered += 1
    if crisis.unanswered > 1 or signals().refused.search(words):
        crisis.state, crisis.unanswered = "none", 0
    return wording().refused if crisis.state == "none" else wording().asked_again


def _confirmed(crisis: Crisis, words: str) -> Lines:
    """The direct question was answered with yes; with a time that is near it is immediate."""
    soon = signals().soon.search(words) and crisis.category in WITH_A_TIME
    crisis.state, crisis.turns = "immediate" if soon else "risk", crisis.turns + 1
    answers = wording().categories[str(crisis.category)]
    return answers.immediate if soon else answers.guide


def _latched(crisis: Crisis, words: str) -> Lines:
    said, crisis.turns = wording(), crisis.turns + 1
    if signals().cared_for.search(words) and not signals().not_cared_for.search(words):
        crisis.state = "cared_for"
        return said.cared_for
    if crisis.state == "rechecking":
        return _rechecked(crisis, words)
    barrier = next((name for name, pattern in signals().barriers.items() if pattern.search(words)), None)
    denied = barrier is None and crisis.turns <= DIRECT + 1 and signals().denied.search(words)
    if signals().retracted.search(words) or denied:
        crisis.state = "rechecking"
        return said.recheck
    if barrier is None and crisis.state == "risk" and crisis.turns <= DIRECT + 1 and signals().affirmed.search(words):
        return _confirmed(crisis, words)
    return said.barriers[barrier] if barrier else _next_step(crisis, words)


def _rechecked(crisis: Crisis, words: str) -> Lines:
    if signals().denied.search(words):
        crisis.state, crisis.carried, crisis.turns = "none", 0.0, 0
        return wording().stood_down
    crisis.state = "risk"
    return wording().latched


def _next_step(crisis: Crisis, words: str) -> Lines:
    """What to stay with while nothing else fits: the first step, that nobody watches, the next minutes, a plan, and again the first step."""
    said, answers = wording(), wording().categories[str(crisis.category)]
    if signals().already.search(words):
        return said.already
    if crisis.state == "immediate" and crisis.turns < 4:
        return answers.immediate
    if crisis.country is None and not crisis.country_asked and crisis.turns > DIRECT + 1:
        crisis.country_asked = True
        return said.ask_country
    if crisis.state == "risk" and crisis.turns > PLAN_AFTER and not crisis.plan.offered and crisis.category in FITTING:
        crisis.plan.offer()
        return said.plan_offer
    turns = (answers.guide, said.no_supervisor, said.urge, said.latched, said.latched)
    return turns[(crisis.turns - 2) % len(turns)]


def _category(named: str | None) -> str:
    return named if named in wording().categories else "suicide"


def _pick(crisis: Crisis, lines: Lines) -> str:
    """A line not yet said, or the one said longest ago; so none comes a third time while others remain."""
    keys = {key_of(line): line for line in lines}
    key = min(keys, key=lambda k: (crisis.said.count(k), len(crisis.said) - crisis.said[::-1].index(k) if k in crisis.said else 0))
    crisis.said.append(key)
    return keys[key]


def key_of(line: str) -> str:
    """A short name of a line."""
    return hashlib.blake2s(line.encode(), digest_size=4).hexdigest()
