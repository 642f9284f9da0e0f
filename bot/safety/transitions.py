"""From one state of a conversation in risk to the next, and the lines that may be said on the way."""

from __future__ import annotations

import re

from bot.safety.hearing import BRIEF, barrier, cared_for, soon, turns_to, unsafe, within_reach
from bot.safety.plan import FITTING
from bot.safety.screening import Assessment
from bot.safety.signals import signals
from bot.safety.state import Crisis
from bot.safety.wording import Answers, Lines, wording

GRAVE = {"means", "jump", "amount_taken", "farewell", "emergency", "overdose", "notes_written", "decided", "means_here"}
"""Rules that speak of means, place or an act; with a time they make it immediate."""
NOW = {"taken_now", "at_place"}
"""Rules that are immediate by themselves."""
SCORER = "scorer"
"""Its evidence alone is a guess: while a conversation is in risk already, what the person answers is heard first."""
OF_ONESELF = ("suicide", "self_harm")
"""Where a no about deeds leaves open what was asked."""
WITH_AN_URGE = (*OF_ONESELF, "harm_to_others", "eating_disorder", "substance", "grief")
"""Where it helps to outlast an urge; whoever is hurt by another, or fears for another, has none."""
DIRECT = 1
"""The turn of a conversation in risk after which a bare no answers the direct question."""
PLAN_AFTER = 5
"""The turn of a conversation in risk after which a safety plan is offered."""
WHEREABOUTS = re.compile(r"^(?:i am |i live |we live |we are |living |based )?(?:in |from )?(?:the )?(?:\w+ )?\w+$")
"""Hardly more than the name of a place; only asked where a country was found in it."""
FILLERS = re.compile(r"^(?:(?:well|um+|uh+|erm+|hmm+|honestly|ok|okay|i mean|to be honest|tbh|look|oh|ah|so)\b(?: comma)? ?)+")
"""What people say before they answer."""
EASED = 6
"""For so many messages after a clear no the scorer alone does not ask again; what it takes for present danger is asked about."""


def lines_for(crisis: Crisis, assessment: Assessment, words: str, unreadable: bool) -> Lines | None:
    """What may be said now, any one of them; None is the ordinary conversation. Changes `crisis`."""
    words = FILLERS.sub("", words) or words
    crisis.eased, eased = max(crisis.eased - 1, 0), crisis.eased > 0
    guess = all(e.rule == SCORER for e in assessment.evidence if not e.lowered_by and e.tier != "none")
    if assessment.tier == "urgent" and not (guess and (crisis.latched or eased)):
        return _urgent(crisis, assessment, words)
    if crisis.latched and unreadable:
        return wording().unreadable
    if crisis.state in ("risk", "immediate", "rechecking"):
        return _latched(crisis, words)
    if crisis.state == "asked":
        return _asked(crisis, assessment, words, guess)
    asks = assessment.tier == "urgent" if guess and eased else assessment.tier != "none"
    return _check_in(crisis, assessment) if asks else _calm(crisis, words)


def _calm(crisis: Crisis, words: str) -> Lines | None:
    """Without a sign of danger: more of who cares is heard as that, and a country alone is noted."""
    if crisis.state == "cared_for" and cared_for(crisis, words):
        return wording().cared_for
    return wording().country_noted if crisis.country_due and WHEREABOUTS.match(words) else None


def _check_in(crisis: Crisis, assessment: Assessment) -> Lines:
    """Ask; a further sign of danger while the question stands open counts as more than the first."""
    crisis.unanswered = crisis.unanswered + 1 if crisis.state == "asked" else 0
    crisis.state, crisis.category = "asked", _category(assessment.category)
    if crisis.unanswered >= 2:
        crisis.state, crisis.turns = "risk", crisis.turns + 1
        return wording().categories[crisis.category].urgent
    return wording().categories[crisis.category].check_in


def _urgent(crisis: Crisis, assessment: Assessment, words: str) -> Lines:
    before, known, hurdle = crisis.state, crisis.category if crisis.latched else None, barrier(words)
    if not (hurdle == "police" and known):  # fear of the police says nothing of a new danger
        crisis.category = _category(assessment.category)
    crisis.turns = crisis.turns + 1 if crisis.category == known or known is None else 1  # another danger has a direct question of its own
    crisis.state = "immediate" if before == "immediate" or _near(crisis, assessment, words) else "risk"
    answers = _answers(crisis)
    if crisis.state == "immediate":
        return answers.urgent if before == "immediate" and crisis.category != known else answers.immediate
    if hurdle and before == "risk" and crisis.category == known:
        return wording().barriers[hurdle]
    return answers.guide if crisis.category == known else answers.urgent


def _near(crisis: Crisis, assessment: Assessment, words: str) -> bool:
    rules = {e.rule for e in assessment.evidence if not e.lowered_by}
    return bool(rules & NOW) or bool(rules & GRAVE and signals().soon.search(words)) or within_reach(crisis, words)


def _asked(crisis: Crisis, assessment: Assessment, words: str, guess: bool) -> Lines | None:
    """After the direct question: yes is a risk, no ends it, a retraction is checked, a sign of danger is asked about again; else `_unanswered`."""
    sign = assessment.tier != "none"
    if cared_for(crisis, words):
        return _let_go(crisis)
    if signals().affirmed.search(words) or signals().admitted.search(words) or unsafe(crisis, words):
        return _confirmed(crisis, words)
    if not (sign and not guess):
        if said_no := _said_no(crisis, words):
            return said_no
        if signals().retracted.search(words):
            return _recheck(crisis)
        if assessment.tier == "urgent":  # what sounds as grave as this is a yes
            return _confirmed(crisis, words)
    return _check_in(crisis, assessment) if sign else _unanswered(crisis, words)


def _denies(words: str) -> bool:
    """A whole no to what was asked, and not one half taken back, nor about deeds only where thoughts were asked about, nor the beginning of another thing."""
    said = signals()
    other = said.elsewhere, said.half, said.admitted
    of_deeds = said.of_deeds.search(words) and not said.of_thoughts.search(words)
    return said.denied.search(words) is not None and not of_deeds and not any(pattern.search(words) for pattern in other)


def _said_no(crisis: Crisis, words: str) -> Lines | None:
    """No ends it. After a no about deeds, or one that leaves room, it is asked once more after thoughts; a second such no is heard as one that may stay."""
    once_more = _once_more(crisis, words)
    if once_more and crisis.unanswered == 0:
        crisis.unanswered += 1
        return once_more
    return _stood_down(crisis) if once_more or _denies(words) else None


def _once_more(crisis: Crisis, words: str) -> Lines | None:
    """What a no is answered with that leaves open whether there are thoughts."""
    said = signals()
    if crisis.category not in OF_ONESELF:
        return None
    if said.denied.search(words) and said.of_deeds.search(words) and not _denies(words):
        return wording().thoughts_too
    return wording().half_no if said.hedged.search(words) else None


def _unanswered(crisis: Crisis, words: str) -> Lines:
    """Asked about once more, with help, and then let be."""
    crisis.unanswered += 1
    if crisis.unanswered > 1 or signals().refused.search(words):
        crisis.state, crisis.unanswered = "none", 0
        return wording().refused
    return wording().asked_again


def _confirmed(crisis: Crisis, words: str) -> Lines:
    """The direct question was answered with yes; with a time that is near it is immediate."""
    near = soon(crisis, words)
    crisis.state, crisis.turns = "immediate" if near else "risk", crisis.turns + 1
    return _answers(crisis).immediate if near else _answers(crisis).guide


def _stood_down(crisis: Crisis) -> Lines:
    crisis.state, crisis.carried, crisis.turns, crisis.unanswered, crisis.eased = "none", 0.0, 0, 0, EASED
    return wording().stood_down


def _let_go(crisis: Crisis) -> Lines:
    crisis.state = "cared_for"
    return wording().cared_for


def _recheck(crisis: Crisis) -> Lines:
    crisis.state, crisis.unanswered = "rechecking", 0
    crisis.turns = max(crisis.turns, DIRECT)
    return wording().recheck


def _latched(crisis: Crisis, words: str) -> Lines:
    crisis.turns += 1
    if cared_for(crisis, words):
        return _let_go(crisis)
    if within_reach(crisis, words):
        crisis.state = "immediate"
        return _answers(crisis).immediate
    return _answered(crisis, words, barrier(words))


def _answered(crisis: Crisis, words: str, hurdle: str | None) -> Lines:
    """What stands in the way comes before a bare yes or no, which answer only the direct question."""
    denied = _denies(words)
    if crisis.state == "rechecking" and (denied or not hurdle):
        return _rechecked(crisis, words, denied)
    bare = hurdle is None and crisis.turns <= DIRECT + 1
    if bare and unsafe(crisis, words):
        return _confirmed(crisis, words)
    if signals().retracted.search(words) or (bare and denied):
        return _recheck(crisis)
    if bare and crisis.state == "risk" and signals().affirmed.search(words):
        return _confirmed(crisis, words)
    if hurdle:
        crisis.state = "risk" if crisis.state == "rechecking" else crisis.state
        return wording().barriers[hurdle]
    return _next_step(crisis, words)


def _rechecked(crisis: Crisis, words: str, denied: bool) -> Lines:
    """No ends it. What is too short to be told apart leaves the question open once; all else goes on as a risk."""
    if denied:
        return _stood_down(crisis)
    if not crisis.unanswered and len(words.split()) <= BRIEF and not signals().affirmed.search(words):
        crisis.unanswered = 1
        return wording().recheck_open
    crisis.state, crisis.unanswered = "risk", 0
    return wording().latched


def _told(crisis: Crisis, words: str) -> Lines | None:
    """What answers a fact that was just told."""
    if signals().already.search(words):
        return wording().already
    if turns_to(crisis, words):
        return wording().turning_to
    return wording().country_known if crisis.country_due else None


def _next_step(crisis: Crisis, words: str) -> Lines:
    """What to stay with while nothing else fits: the first step, whether anybody watches, the next minutes, a plan, and again the first step."""
    if told := _told(crisis, words):
        return told
    said, answers = wording(), _answers(crisis)
    if crisis.state == "immediate" and crisis.turns < 4:
        return answers.immediate
    if crisis.country is None and not crisis.country_asked and crisis.turns > DIRECT + 1:
        crisis.country_asked = True
        return said.ask_country
    if crisis.state == "risk" and crisis.turns > PLAN_AFTER and not crisis.plan.offered and crisis.category in FITTING:
        crisis.plan.offer()
        return said.plan_offer
    watched = said.supervisor_on_duty if crisis.attended else said.no_supervisor
    next_minutes = said.urge if crisis.category in WITH_AN_URGE else answers.guide
    turns = (answers.guide, watched, next_minutes, said.latched, said.latched)
    return turns[(crisis.turns - 2) % len(turns)]


def _answers(crisis: Crisis) -> Answers:
    return wording().categories[str(crisis.category)]


def _category(named: str | None) -> str:
    return named if named in wording().categories else "suicide"
