"""Risk of one message by rules that know who, when and how it is meant. Any rule may raise; only a context that is written down lowers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, Optional

import yaml
from pydantic import BaseModel, Extra

from bot.safety.normalise import without_pictures
from bot.safety.scoring import Score, scorer
from bot.safety.spelling import respelled
from bot.safety.words import clauses

RULES = Path(__file__).parent / "content" / "rules.yml"
Tier = Literal["none", "check_in", "urgent"]
TIERS: tuple[Tier, ...] = ("none", "check_in", "urgent")
FRAMES = ("subject", "light", "play", "past", "denied", "therapy")
"""Contexts that may stand in a neighbouring clause; the others have to stand in the same one."""
WINDOW = 12
"""Words on either side of a match in which a context has to stand; texts without any stop would else be one long clause."""
DOUBTFUL = ("light", "play", "over", "past", "subject", "otherwise", "therapy")
"""Contexts that lower by a word nearby, and may be wrong: from a likelihood of `suspected` the message is asked about all the same."""
"""Chosen on our held-out messages: lower bounds find hardly more of those at risk, and ask twice as often about idioms."""
CALMING = ("wish_to_live", "killed_in_jest", "denies")
"""Contexts that lower the scorer, which takes their words for danger."""
BEFORE = ("negated",)
"""Contexts that have to stand directly before what they lower."""


class Rule(BaseModel):
    """One pattern that raises a tier, and the contexts that lower it. Its id goes into the explanation."""

    id: str
    tier: Tier
    category: str
    lowered_by: tuple[str, ...] = ()
    pattern: str

    class Config:
        extra = Extra.forbid


class Rules(BaseModel):
    """All rules of one version. `define` holds parts that patterns name as <NAME>."""

    version: str
    define: dict[str, str]
    contexts: dict[str, str]
    rules: tuple[Rule, ...]

    class Config:
        extra = Extra.forbid


@dataclass(frozen=True)
class Evidence:
    """Why a tier was raised, or why it was not: the rule, the words it saw, and the context that lowered it."""

    tier: Tier
    rule: str
    category: str
    span: str
    lowered_by: str | None = None


@dataclass(frozen=True)
class Assessment:
    """The risk of one message, with its reasons. Deterministic for one version of the rules."""

    tier: Tier
    evidence: tuple[Evidence, ...]
    version: str

    @property
    def category(self) -> str | None:
        """The category of the gravest evidence."""
        return next((e.category for e in self.evidence if e.tier == self.tier and not e.lowered_by), None)


@dataclass(frozen=True)
class Compiled:
    """The rules as they run."""

    version: str
    rules: tuple[tuple[Rule, re.Pattern[str]], ...]
    contexts: dict[str, re.Pattern[str]]


@lru_cache(maxsize=1)
def compiled() -> Compiled:
    """The shipped rules. Raises pydantic's ValidationError or re.error for rules that cannot be used."""
    rules = Rules.parse_obj(yaml.load(RULES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))  # the C form of the safe loader
    expand = _Expander(rules.define)
    return Compiled(
        rules.version,
        tuple((rule, re.compile(expand(rule.pattern))) for rule in rules.rules),
        {name: re.compile(expand(pattern)) for name, pattern in rules.contexts.items()},
    )


class _Expander:
    """Writes out <NAME>, "~" (up to three words in between) and "~~" (up to ten)."""

    def __init__(self, define: dict[str, str]) -> None:
        self.define = define

    def __call__(self, pattern: str) -> str:
        while found := re.search(r"<([A-Z]+)>", pattern):
            pattern = pattern.replace(found.group(), self.define[found.group(1)])
        return re.sub(r" ~~ ?\??", r" (?:\\w+ ){0,10}?", pattern).replace(" ~?", " ~").replace(" ~ ", r" (?:\w+ ){0,3}?").replace(" ~", r" (?:\w+ ){0,3}?")


def assess(text: str, score: Optional[Score] = None) -> Assessment:
    """The risk of a message of any length. `score` is the scorer's, where there is one; it can raise and lowers nothing."""
    rules, parts = compiled(), clauses(text)
    found = _found(rules, parts)
    known = {evidence.rule for evidence in found}
    for meant in (clauses(without_pictures(text)), [respelled(part) for part in parts]):  # another look, at what may have been meant
        if meant != parts:
            found += [evidence for evidence in _found(rules, meant) if evidence.rule not in known]
    version = rules.version
    if score is not None:
        version = f"{rules.version}+{scorer().version}"
        found += _scored(score, found, _calming(rules.contexts, " ".join(parts)))
    found.sort(key=lambda e: (e.lowered_by is not None, -TIERS.index(e.tier)))
    return Assessment(found[0].tier if found and not found[0].lowered_by else "none", tuple(found), version)


def _calming(contexts: dict[str, re.Pattern[str]], words: str) -> str | None:
    """The context that lowers the scorer for a whole message, if there is one."""
    return next((name for name in CALMING if contexts[name].search(words) and not _excepted(contexts, name, words)), None)


def _scored(score: Score, found: list[Evidence], lowered: str | None) -> list[Evidence]:
    """What the likelihoods raise; where a rule saw danger and a mere frame lowered it, a lower likelihood is enough to ask."""
    span = f"likelihood {score.risk:.2f}"
    if score.urgent >= scorer().urgent:
        return [Evidence("urgent", "scorer", score.category, span, lowered)]
    if score.risk >= scorer().check_in:
        return [Evidence("check_in", "scorer", score.category, span, lowered)]
    framed = next((e for e in found if e.lowered_by in DOUBTFUL), None)
    if framed and score.risk >= scorer().suspected:
        return [Evidence("check_in", f"scorer_and_{framed.rule}", framed.category, span, lowered)]
    return [Evidence("none", "scorer", score.category, span, lowered)] if score.risk >= scorer().suspected else []


def _found(rules: Compiled, parts: list[str]) -> list[Evidence]:
    return [evidence for n in range(len(parts)) for evidence in _clause(rules, parts, n)]


def _clause(rules: Compiled, parts: list[str], n: int) -> list[Evidence]:
    before, after = (parts[n - 1] if n else ""), (parts[n + 1] if n + 1 < len(parts) else "")
    found = []
    for rule, pattern in rules.rules:
        for match in pattern.finditer(parts[n]):
            lowered = next((c for c in rule.lowered_by if _holds(rules.contexts, c, _Place(parts[n], match, before, after))), None)
            found.append(Evidence(rule.tier, rule.id, rule.category, match.group().strip(), lowered))
            if not lowered:
                break
    return found


class _Place(NamedTuple):
    """A match in its clause, with the clauses beside it."""

    clause: str
    match: re.Match[str]
    previous: str
    following: str

    def left(self) -> str:
        return " ".join(self.clause[: self.match.start()].split()[-WINDOW:])

    def right(self) -> str:
        return " ".join(self.clause[self.match.end() :].split()[:WINDOW])

    def around(self) -> str:
        return f"{self.left()} {self.match.group()} {self.right()}"

    def wide(self) -> str:
        """Also the end of the clause before and the beginning of the one after."""
        return f"{' '.join(self.previous.split()[-WINDOW:])} stop {self.around()} stop {' '.join(self.following.split()[:WINDOW])} stop"

    def leading(self) -> str:
        """What stands before the last word of the match, inside it as well: "i am not suicidal"."""
        return " ".join(self.clause[: self.match.end()].split()[:-1][-WINDOW:])


def _holds(contexts: dict[str, re.Pattern[str]], name: str, place: _Place) -> bool:
    """Whether a context is there, and what is named `<context>_except` is not."""
    words = place.leading() if name in BEFORE else place.wide() if name in FRAMES else place.around()
    return contexts[name].search(words) is not None and not _excepted(contexts, name, words)


def _excepted(contexts: dict[str, re.Pattern[str]], name: str, words: str) -> bool:
    unless = contexts.get(f"{name}_except")
    return unless is not None and unless.search(words) is not None
