"""What may differ between installations of the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Callable, Optional

from bot.errors import ReframeError
from bot.pilot.alerting import Lines
from bot.store.duty import GRACE
from bot.store.messages import Need
from bot.store.needs import NEEDS
from bot.store.sign_ins import Lifetimes

Targets = dict[Need, timedelta]


class BadTargets(ReframeError):
    """Targets that cannot be read."""


@dataclass(frozen=True)
class Provider:
    """An identity provider that speaks OpenID Connect: its issuer's address, and what this console is registered as there."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class PilotTerms:
    """What may differ in how a pilot is run.

    `share` of the cases that are not urgent are reviewed, `twice` of all by two people; `corrections` is the file for learning and `redact` takes personal
    data out of it; after `grace` without a hand moved nobody is on duty; `zone` is that of rota and figures; a correction may name one of `intents`;
    `lines` is whom alarms go to.
    """

    share: float = 0.1
    twice: float = 0.2
    corrections: Path = Path("corrections.jsonl")
    redact: Optional[Callable[[str], str]] = None
    grace: timedelta = GRACE
    zone: str = "UTC"
    intents: tuple[str, ...] = ()
    lines: Optional[Lines] = None


@dataclass(frozen=True)
class Terms:
    """`quiet` is after how long without a hand moved a claim returns, `reason` how long a reason to read holds, `draft` how long a draft may wait.

    `url` is the address as browsers call it; with https the cookies are marked secure. `country` is the one whose services are named by default.
    """

    url: str
    targets: Targets
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    quiet: timedelta = timedelta(minutes=15)
    reason: timedelta = timedelta(minutes=30)
    draft: timedelta = timedelta(seconds=120)
    codes: bool = True
    provider: Optional[Provider] = None
    country: Optional[str] = None
    pilot: PilotTerms = field(default_factory=PilotTerms)

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.url.startswith("https://")


def targets_of(given: str) -> Targets:
    """Targets from `immediate=1,urgent=2,…`, in minutes. Raises BadTargets unless every need has one."""
    try:
        pairs = dict(part.split("=") for part in given.replace(" ", "").split(",") if part)
        found: Targets = {need: timedelta(minutes=float(pairs.pop(need))) for need in NEEDS}
    except (KeyError, ValueError):
        raise BadTargets(f"A number of minutes is needed for each of {', '.join(NEEDS)}, such as urgent=2.") from None
    if pairs or any(target <= timedelta() for target in found.values()):
        raise BadTargets(f"Only {', '.join(NEEDS)} have targets, and each is more than nothing.")
    return found
