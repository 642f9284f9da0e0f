"""Supervisors' corrections as a proposed patch to `data/`, for a person to read and apply. The format is described in docs/corrections.md.

Nothing is changed here, and nothing is passed over in silence: what is not proposed is named with its reason.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Literal, Optional

from pydantic import BaseModel, Extra, ValidationError, root_validator

from bot.agent.personal import personal_details
from bot.reframing.examples import examples_in, examples_of
from bot.safety.scoring import CATEGORIES
from bot.safety.screening import TIERS, assess

EXAMPLES, RISK = Path("data/nlu/corrections.yml"), Path("data/safety/corrections.jsonl")


class Correction(BaseModel):
    """One line: a redacted text, and what it should have been taken for, as an intent (or belief), as a tier of risk, or both."""

    id: str
    text: str
    intent: Optional[str] = None
    tier: Optional[Literal["none", "check_in", "urgent"]] = None
    category: Optional[str] = None

    class Config:
        extra = Extra.ignore

    @root_validator(skip_on_failure=True)
    def _says_something(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805  # pydantic 1 passes the class
        if not values["text"].strip() or "\n" in values["text"].strip():
            raise ValueError("`text` has to be one line that is not empty")
        if not (values["intent"] or values["tier"]):
            raise ValueError("`intent` or `tier` is needed")
        if values["tier"] in ("check_in", "urgent") and values["category"] not in CATEGORIES:
            raise ValueError(f"a tier of risk needs a `category`, one of {', '.join(CATEGORIES)}")
        return values


@dataclass
class Proposal:
    """A unified diff against the project's folder, and one sentence for each correction that is not in it."""

    patch: str
    refused: list[str] = field(default_factory=list)


def propose(rows: Iterable[dict[str, Any]], root: Path) -> Proposal:
    """Turn corrections into a patch. `root` is the project's folder."""
    known, refused, taken = _Known(root), [], []
    for row in rows:
        try:
            correction = Correction.parse_obj(row)
        except ValidationError as error:
            refused.append(f"{row.get('id', '?')}: {'; '.join(e['msg'] for e in error.errors())}")
            continue
        why = _why_not(correction, known)
        if why:
            refused.append(f"{correction.id}: {why}")
        else:
            known.add(correction)
            taken.append(correction)
    return Proposal(_diff(root / EXAMPLES, EXAMPLES, _examples(root, taken)) + _diff(root / RISK, RISK, _risk(root, taken)), refused)


class _Known:
    """What the project already says of a text."""

    def __init__(self, root: Path) -> None:
        self.intents = {_key(e.text): e.intent for e in examples_in(root / "data" / "nlu")}
        self.tiers: dict[str, str] = {}
        for path in sorted((root / "data" / "safety").glob("*.jsonl")):
            self.tiers.update({_key(row["text"]): row["tier"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())})
        self.names = set(self.intents.values())

    def add(self, correction: Correction) -> None:
        """What is proposed counts as known for the lines after it."""
        if correction.intent:
            self.intents[_key(correction.text)] = correction.intent
        if correction.tier:
            self.tiers[_key(correction.text)] = correction.tier


def _why_not(correction: Correction, known: _Known) -> str | None:
    """Why a correction cannot be proposed, or None."""
    key = _key(correction.text)
    if found := personal_details(correction.text):
        return f"the text may hold {', '.join(found)}; redact it first"
    if correction.intent and correction.intent not in known.names:
        return f"there is no intent {correction.intent}"
    for kind, given, before in (("intent", correction.intent, known.intents.get(key)), ("tier", correction.tier, known.tiers.get(key))):
        if given and before == given:
            return f"already known with this {kind}"
        if given and before:
            return f"contradicts the {kind} {before} it has already; a person has to decide"
    if correction.tier:
        seen = assess(correction.text)
        if TIERS.index(correction.tier) < TIERS.index(seen.tier):
            return f"lowers the tier {seen.tier}, which the rule {seen.evidence[0].rule} gives; no example can do that: change the rule, with a clinician"
    return None


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def _examples(root: Path, taken: list[Correction]) -> str:
    """The file of corrected examples with the new ones: sorted, each intent once."""
    path, blocks = root / EXAMPLES, defaultdict[str, list[str]](list)
    known = [(e.intent, e.text) for e in examples_of(path)] if path.exists() else []
    for intent, text in (*known, *((c.intent, c.text.strip()) for c in taken if c.intent)):
        blocks[intent].append(text)
    lines = [f"- intent: {name}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts) for name, texts in sorted(blocks.items())]
    return 'version: "3.1"\nnlu:\n' + "".join(lines) if lines else ""


def _risk(root: Path, taken: list[Correction]) -> str:
    path = root / RISK
    rows = [
        {"text": c.text.strip(), "tier": c.tier, "category": None if c.tier == "none" else c.category, "kind": "correction"}
        for c in taken
        if c.tier is not None
    ]
    return (path.read_text(encoding="utf-8") if path.exists() else "") + "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _diff(path: Path, name: Path, after: str) -> str:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}" if path.exists() else "/dev/null", f"b/{name}")
    return "".join(lines)
