"""Where one conversation in risk stands, as plain data."""

from __future__ import annotations

from typing import List, Literal, Optional

from pydantic import BaseModel

from bot.safety.plan import Plan

State = Literal["none", "asked", "risk", "immediate", "rechecking", "cared_for"]


class Crisis(BaseModel):
    """Where one conversation stands. Plain data, so that any tracker or store can hold it.

    `said` are keys of the lines used, oldest first. `carried` is the weight of earlier messages (adding_up.py). `referred` says whether the last answer
    named people to turn to. `eased` counts the messages left after a clear no. `country_due` says that a country was
    named and its numbers have not been shown since. `attended` says whether a supporter is on duty; whoever knows sets it before each answer.
    """

    state: State = "none"
    category: Optional[str] = None
    country: Optional[str] = None
    country_asked: bool = False
    country_due: bool = False
    minor: bool = False
    turns: int = 0
    unanswered: int = 0
    eased: int = 0
    carried: float = 0.0
    referred: bool = False
    attended: bool = False
    said: List[str] = []
    plan: Plan = Plan()

    @property
    def latched(self) -> bool:
        """Whether nothing may be reframed."""
        return self.state in ("asked", "risk", "immediate", "rechecking")
