"""Who may read a conversation, and what there is to see in it beside its messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Optional

from bot.console.visits import Refused, Visit
from bot.desk.standing import moment
from bot.safety.directory import load
from bot.safety.wording import wording
from bot.store.messages import CRISIS, SUPPORTER, now
from bot.store.transcripts import Line, Transcripts, View

QUESTION = re.compile(r"[^.!?\n]*\?")
NOTICES = ("notice_session", "notice_away", "notice_hours", "media", "draft_late", "failed", "interrupted")
HEIGHTS = {"none": 0, "check_in": 1, "urgent": 2}


@dataclass(frozen=True)
class Said:
    """Something that was said once, and when."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Point:
    """One assessment on the timeline: `across` and `height` from 0 to 1."""

    line: Line
    across: float
    height: float


def may_read(visit: Visit) -> bool:
    """Whether who comes holds the conversation, or has given a reason lately."""
    if Transcripts(visit.parts.database).holder(visit.part) == visit.who.id:
        return True
    return visit.parts.audit.noted_since(visit.who.id, "conversation.reason", visit.part, now() - visit.parts.terms.reason)


def view_of(visit: Visit) -> View:
    """The conversation. Raises Refused when it is gone."""
    found = Transcripts(visit.parts.database).view(visit.part)
    if found is None:
        raise Refused(404, "This conversation is gone; the person may have deleted it.")
    return found


def timeline(view: View) -> list[Point]:
    """Every assessed message from first to last."""
    lines = [line for line in view.lines if line.tier]
    last = max(len(lines) - 1, 1)
    return [Point(line, n / last, HEIGHTS.get(str(line.tier), 0) / 2) for n, line in enumerate(lines)]


def asked(view: View) -> list[Said]:
    """The questions of answers to danger and of supporters, so that nobody asks them again."""
    lines = [line for line in view.lines if line.author in (CRISIS, SUPPORTER)]
    return [Said(question.strip(), line.at) for line in lines for question in QUESTION.findall(line.text) if question.strip(" ?")]


def shown_help(view: View) -> list[Said]:
    """The services that were named to the person, the first time each."""
    found: dict[str, Said] = {}
    for line in view.lines:
        if line.author != "person":
            for name in _names():
                if name in line.text and name not in found:
                    found[name] = Said(name, line.at)
    return list(found.values())


def plan(view: View) -> list[tuple[str, str]]:
    """The safety plan in the person's own words, step by step."""
    answers = (view.crisis.get("plan") or {}).get("answers") or {}
    return [(step.label, answers[name]) for name, step in wording().plan_steps.items() if name in answers]


def notices(view: View) -> list[Said]:
    """What the person was told about the program: at the beginning, and by the desk."""
    texts = {moment(name).split("\n")[0] for name in NOTICES}
    first = view.lines[0] if view.lines and view.lines[0].author == "bot" and view.lines[0].answers is None else None
    return [Said(line.text, line.at) for line in view.lines if line is first or (line.author != "person" and line.text.split("\n")[0] in texts)]


def country(view: View, otherwise: Optional[str]) -> Optional[str]:
    """Where the person is, as far as is known."""
    return view.crisis.get("country") or otherwise


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(service.name for service in load().services))
