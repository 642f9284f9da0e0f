"""The crisis answer and the latch, first form: no reframe after a risk until it has been cared for."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, Extra

from bot.safety.screening import Assessment

ANSWERS = Path(__file__).parent / "content" / "answers.yml"
State = Literal["none", "asked", "risk"]
CARED_FOR = re.compile(
    r"\bi(?:'?m| am) (?:safe|ok(?:ay)? now|not in danger|with (?:a|my) \w+)\b"
    r"|\b(?:called|rang|texted|spoke (?:to|with)|talked (?:to|with)|told)\b.{0,40}"
    r"\b(?:line|friend|mum|mom|dad|partner|doctor|someone|sister|brother|wife|husband|samaritans|988|111|999|911)\b",
    re.IGNORECASE,
)
DENIED = re.compile(r"^\W*(?:no|nope|nah|not at all|i'?m not|never)\b|\bnot (?:thinking|suicidal|like that)\b", re.IGNORECASE)


class Answers(BaseModel):
    """The wording, with who has checked it."""

    reviewed_by: str | None
    reviewed_on: str | None
    urgent: list[str]
    check_in: list[str]
    latched: list[str]
    standing: dict[str, list[str]]

    class Config:
        extra = Extra.forbid


@lru_cache(maxsize=1)
def answers() -> Answers:
    """The shipped wording."""
    return Answers.parse_obj(yaml.safe_load(ANSWERS.read_text(encoding="utf-8")))


def next_state(state: State, assessment: Assessment, text: str) -> State:
    """Where the conversation stands after a message. Rises at once; falls only when denied after a question or cared for."""
    if assessment.tier == "urgent":
        return "risk"
    if state == "risk":
        return "none" if CARED_FOR.search(text) else "risk"
    if assessment.tier == "check_in":
        return "asked"
    if state == "asked" and re.match(r"^\W*(yes|yeah|yep|ye|kind of|sort of|sometimes|maybe|i am|i do|a bit)\b", text, re.IGNORECASE):
        return "risk"
    return "none"


def lines(before: State, now: State, assessment: Assessment) -> list[str]:
    """The lines to choose the answer from; empty when the ordinary conversation goes on."""
    if now == "none":
        return []
    if now == "asked":
        return answers().check_in
    return answers().urgent if before != "risk" or assessment.tier == "urgent" else answers().latched
