"""Lint of the crisis wording: what it may never say, and what a line of each kind has to hold. Sources: docs/safety.md, "What is said"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

import yaml

from bot.safety.wording import CONTENT

MOST_WORDS = 95
"""Words of one line without its numbers; a phone shows about so many without scrolling."""
NEVER = {
    r"\b(?:milligrams?|mg|lethal|dos(?:e|es|age)|noose|ligature|ways? to (?:die|kill)|painless|how to (?:die|kill|hurt))\b": "a detail of method",
    r"\bcommit(?:s|ted|ting)? suicide\b": "“commit suicide”",
    r"\b(?:un)?success(?:ful|fully)\b|\bfailed (?:attempt|suicide)\b": "success or failure said of an attempt",
    r"\b(?:think of your|selfish|your (?:family|kids|children) (?:need|would)|how would (?:they|your)|you owe (?:it|them)(?! nothing))\b": "guilt",
    r"\b(?:i promise|i guarantee|always be here|will be (?:fine|okay|all right)|it gets better|everything (?:will|happens))\b": "a promise",
    r"\b(?:you're|you are|you aren't|you wouldn't|you won't|surely you)\b[^.?\n]*, (?:are|would|will|do|right)\b[^.?\n]*\?": "a leading question",
    r"\b(?:calm down|cheer up|others have it worse|not that bad|overreact\w*|attention)\b": "belittling",
    r"\bi (?:fully |completely |exactly |really |truly )*understand\b|\bi know (?:exactly )?how\b": "a claim to understand how it feels",
    r"\b(?:diagnos\w+|you have (?:depression|anxiety|psychosis|ptsd)|should(?: not|n't)? have(?! to))\b": "a diagnosis or a reproach",
    r"\d{3}|://|\bwww\.": "a number or an address of its own; they come from the directory",
    r"!": "an exclamation mark",
    r"—": "a long dash",
}
FIELDS = {"help", "emergency", "heard"}
HOLDS = {
    "urgent": ("program", "{help}", "{emergency}", "?"),
    "check_in": ("program", "{help}", "?"),
    "guide": ("{heard}", "{help}", "?"),
    "immediate": ("{emergency}",),
}
"""What every line of a category's lists has to hold; a question mark stands at the end."""


def check(path: Path = CONTENT / "crisis.yml") -> list[str]:
    """All that is wrong with the wording, each with file and line."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [f"{path.name}:1: is not YAML: {error}"]
    return [f"{path.name}:{line}: {fault}: {text}" for line, text, keys in _scalars(node, ()) for fault in faults(text, keys)]


def faults(text: str, keys: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with one text under the keys that lead to it."""
    yield from (f"holds {what}" for pattern, what in NEVER.items() if re.search(pattern, text, re.IGNORECASE))
    yield from (f"there is no {{{field}}}" for field in sorted(set(re.findall(r"\{(\w*)\}", text)) - FIELDS))
    if text.count("?") > 1:
        yield "asks more than one question"
    if len(text.split()) > MOST_WORDS:
        yield f"{len(text.split())} words, where {MOST_WORDS} are the most"
    if keys[:1] == ("heard",) and re.search(r"[?{\n]", text):
        yield "is more than an opening"
    if keys[:1] == ("categories",):
        yield from (f"leaves out “{part}”" for part in HOLDS.get(keys[-1], ()) if not _held(part, text))


def _held(part: str, text: str) -> bool:
    return text.rstrip().endswith("?") if part == "?" else part in text


def _scalars(node: yaml.Node | None, keys: tuple[str, ...]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Every text with its line and the keys that lead to it."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*keys, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, keys)
    elif isinstance(node, yaml.ScalarNode) and keys[0] not in ("reviewed_by", "reviewed_on"):
        yield node.start_mark.line + 1, node.value, keys
