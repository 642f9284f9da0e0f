"""The conversation in risk. It latches: only being cared for, or a clear denial after one plain question, opens the ordinary conversation again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial

from bot.safety.adding_up import added_up
from bot.safety.hearing import heard
from bot.safety.language import reading
from bot.safety.screening import Assessment
from bot.safety.state import Crisis
from bot.safety.transitions import lines_for
from bot.safety.wording import Lines, country_in, filled, minor_in, wording
from bot.safety.words import clauses


def respond(crisis: Crisis, assessment: Assessment, text: str, at: datetime) -> str | None:
    """The crisis answer to a message, or None when the ordinary conversation goes on. Changes `crisis`; `at` has a zone."""
    _place(crisis, country_in(text))
    crisis.minor = crisis.minor or minor_in(text)
    crisis.referred = False
    words = " ".join(clauses(text))
    assessment, crisis.carried = added_up(assessment, crisis.carried)
    calm = assessment.tier == "none" and crisis.state != "immediate"
    if calm and (planned := crisis.plan.turn(text, words, partial(_pick, crisis))):
        return _said(crisis, planned, at)
    lines = lines_for(crisis, assessment, words, unreadable=reading(text) == "other")
    return _said(crisis, _opened(crisis, _pick(crisis, lines), words), at) if lines else None


def _place(crisis: Crisis, named: str | None) -> None:
    if named and named != crisis.country:
        crisis.country, crisis.country_due = named, True


def _opened(crisis: Crisis, line: str, words: str) -> str:
    """The line with what was said answered first, where it has room for that."""
    return line.replace("{heard}", _pick(crisis, wording().heard[heard(crisis, words)])) if "{heard}" in line else line


def _said(crisis: Crisis, line: str, at: datetime) -> str:
    if crisis.state == "immediate" and "{emergency}" not in line:
        line = f"{line}\n\n{wording().reminder}"
    if len(crisis.said) == 1 and "program" not in line:
        line = f"{line}\n\n{wording().program}"
    crisis.country_due = crisis.country_due and "{help}" not in line
    crisis.referred = "{help}" in line or "{emergency}" in line
    return filled(line, crisis.country, crisis.category, at, crisis.minor)


def _pick(crisis: Crisis, lines: Lines) -> str:
    """A line not yet said, or the one said longest ago; so none comes a third time while others remain."""
    keys = {key_of(line): line for line in lines}
    key = min(keys, key=lambda k: (crisis.said.count(k), len(crisis.said) - crisis.said[::-1].index(k) if k in crisis.said else 0))
    crisis.said.append(key)
    return keys[key]


def key_of(line: str) -> str:
    """A short name of a line."""
    return hashlib.blake2s(line.encode(), digest_size=4).hexdigest()
