"""A simple safety plan in the person's own words: five steps, asked one at a time, left at any of them, seen again whenever it is wanted.

The steps follow the order of the safety planning intervention of Stanley and Brown (2012), reworded.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Optional

from pydantic import BaseModel

from bot.safety.signals import signals
from bot.safety.wording import Lines, wording

FITTING = ("suicide", "self_harm", "grief", "substance")
"""Categories for which a plan is offered; who asks for one gets it in any."""
OFFER = "offer"
WANTED = re.compile(r"\b(?:make|write|start|build|do|create|begin|need|want|like) (?:\w+ ){0,3}(?:safety )?plan\b(?! to)|^(?:my )?safety plan$")
SEEN = re.compile(r"\b(?:see|show|read|what is|what was|where is|look at|remind me of|open) (?:\w+ ){0,2}(?:safety )?plan\b")
LEFT = re.compile(r"^(?:stop|quit|enough|leave it|leave|not now|no more|i am done|i want to stop|cancel|later)\b")
PASSED = re.compile(r"^(?:skip|pass|next|nothing|none|no|nope|idk|i do not know|do not know|not sure)\b(?: \w+){0,2}$")
Pick = Callable[[Lines], str]


class Plan(BaseModel):
    """What was written down by step, and the step that was asked for (or `offer`)."""

    answers: Dict[str, str] = {}
    step: Optional[str] = None
    offered: bool = False

    def offer(self) -> None:
        """It is being offered."""
        self.step, self.offered = OFFER, True

    def turn(self, text: str, words: str, pick: Pick) -> str | None:
        """What to say to a message that belongs to the plan, or None when it does not. `words` are those of the text in their full form."""
        if SEEN.search(words) and self.answers:
            return self.shown()
        if WANTED.search(words) or (self.step == OFFER and signals().affirmed.search(words)):
            return self._ask(next(iter(wording().plan_steps)), pick)
        if self.step == OFFER or self.step is None:
            self.step = None
            return None
        return self._answered(text, words, pick)

    def shown(self) -> str:
        """The plan as it stands. Braces of the person's own are kept from being read as fields."""
        kept = [f"{step.label}:\n{self.answers[name]}" for name, step in wording().plan_steps.items() if name in self.answers]
        return "\n\n".join(kept)

    def _answered(self, text: str, words: str, pick: Pick) -> str:
        if LEFT.search(words):
            self.step = None
            return pick(wording().plan_left)
        if not PASSED.search(words):
            self.answers[str(self.step)] = text.strip()
        names = list(wording().plan_steps)
        following = names[names.index(str(self.step)) + 1 :]
        return self._ask(following[0], pick) if following else self._done(pick)

    def _done(self, pick: Pick) -> str:
        self.step = None
        return f"{self.shown()}\n\n{pick(wording().plan_done)}" if self.answers else pick(wording().plan_left)

    def _ask(self, name: str, pick: Pick) -> str:
        self.step = name
        return pick(wording().plan_steps[name].ask)
