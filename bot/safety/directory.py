"""People to turn to: which service is offered for a country, a topic and an hour. Every number comes from the two files, none from here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Optional, Union
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConstrainedStr, Extra, StrictStr, ValidationError

from bot.errors import ReframeError

CONTENT = Path(__file__).parent / "content"
INTERNATIONAL = "INT"
STALE = timedelta(days=180)
LOCAL = "call your local emergency number"
GENERAL = ("crisis", "suicide", "general")
"""Topics of the lines that are offered when none fits better, the fittest first. `general` is mental health at large."""
SPECIAL = ("self_harm", "abuse", "sexual_assault", "child", "medical", "eating_disorder", "substance", "lgbtq", "psychosis")
"""Topics that are offered only when asked for. `child` is for the young."""
TOPICS = frozenset((*GENERAL, *SPECIAL, "directory"))
"""What a service may be for. `directory` is a list of services that is none itself."""
OTHER_NAMES = {"child_safety": ("child",), "third_party": ("suicide",), "harm_to_others": ("crisis",)}
"""Categories of risk that the directory calls otherwise."""
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Channel = Literal["phone", "text"]


class DirectoryError(ReframeError):
    """The directory cannot be used; the message says which parts of which file."""


class Clock(ConstrainedStr):
    """A time of day as HH:MM, which YAML leaves alone only in quotes."""

    strict = True
    regex = re.compile(r"^(?:[01]\d|2[0-3]):[0-5]\d$")


class Country(ConstrainedStr):
    """ISO 3166 alpha-2, or INT."""

    strict = True
    regex = re.compile(r"^(?:[A-Z]{2}|INT)$")


class Id(ConstrainedStr):
    """A name in snake case."""

    strict = True
    regex = re.compile(r"^[a-z][a-z0-9_]*$")


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    class Config:
        extra = Extra.forbid
        frozen = True


class Period(Strict):
    """Hours of some days. A `close` earlier than `open` is on the day after."""

    days: tuple[Day, ...]
    open: Clock
    close: Clock

    def covers(self, local: datetime) -> bool:
        """Whether a local time lies in it. Opening counts as inside, closing does not; equal times cover nothing."""
        now = f"{local:%H:%M}"
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.open < self.close:
            return today in self.days and self.open <= now < self.close
        if self.open == self.close:
            return False
        return (today in self.days and now >= self.open) or (yesterday in self.days and now < self.close)

    def shown(self) -> str:
        """As a person would say it."""
        days = "daily" if set(self.days) == set(DAYS) else ", ".join(d.capitalize() for d in DAYS if d in self.days)
        return f"{days} {self.open} to {self.close}"


class Service(Strict):
    """One service. What has no hours, or an unknown time zone, counts as closed; `check` reports it."""

    id: Id
    country: Country
    region: Optional[StrictStr]
    name: StrictStr
    phone: Optional[StrictStr]
    sms: Optional[StrictStr]
    chat_url: Optional[StrictStr]
    url: StrictStr
    hours: Union[Literal["24/7"], tuple[Period, ...], None]
    timezone: Optional[StrictStr]
    languages: tuple[StrictStr, ...]
    topics: tuple[StrictStr, ...]
    cost: Literal["free", "unknown", "charged"]
    source: StrictStr
    trust: Literal["A", "B"]
    verified_on: Optional[date]
    verified_by: Optional[StrictStr]
    source_verified_on: Optional[date]

    def is_open(self, at: datetime) -> bool:
        """Whether someone answers at that moment. Raises ValueError for a time without a zone."""
        if at.utcoffset() is None:
            raise ValueError("The time must carry its zone.")
        zone = _zone(self.timezone)
        if self.hours == "24/7" or not self.hours or zone is None:
            return self.hours == "24/7"
        return any(period.covers(at.astimezone(zone)) for period in self.hours)

    def reachable(self, channel: Channel | None) -> bool:
        """Whether it can be used on a channel; None is any. Chat counts as text."""
        ways = {"phone": bool(self.phone), "text": bool(self.sms or self.chat_url)}
        return any(ways.values()) if channel is None else ways[channel]

    def shown(self) -> str:
        """One line for a reply: name, ways to reach it, hours unless always open. Plain text."""
        ways = [f"call {self.phone}"] if self.phone else []
        ways += [f"text {self.sms}"] if self.sms else []
        ways += [f"chat at {self.chat_url}"] if self.chat_url else []
        name = f"{self.name} ({self.region})" if self.region else self.name
        line = f"{name}: {', '.join(ways or [self.url])}"
        if self.hours and self.hours != "24/7":
            place = (self.timezone or "local").rsplit("/", 1)[-1].replace("_", " ")
            line += f" ({'; '.join(period.shown() for period in self.hours)}, {place} time)"
        return " ".join(line.split())

    def rank(self, topics: tuple[str, ...]) -> int | None:
        """How well it fits, lower is better: the topics asked for in their order, then the general ones. None when it is for something else."""
        return next((n for n, topic in enumerate((*topics, *GENERAL)) if topic in self.topics), None)

    @property
    def always_for_crisis(self) -> bool:
        """Whether anyone in the country can turn to it in a crisis at any hour."""
        return self.hours == "24/7" and not self.region and not {"crisis", "suicide"}.isdisjoint(self.topics) and self.reachable(None)


class Emergency(Strict):
    """A country's emergency number, or several with what each is for."""

    number: StrictStr
    source: StrictStr
    verified_on: Optional[date]
    verified_by: Optional[StrictStr]


class Directory(Strict):
    """All services and emergency numbers."""

    services: tuple[Service, ...]
    emergencies: dict[Country, Emergency]

    def choose(self, country: str | None, topics: tuple[str, ...], at: datetime, channel: Channel | None = None, limit: int = 2) -> list[Service]:
        """At most `limit` services that are open at `at`, the one to start with first.

        Those of the country that fit a topic, then its general crisis lines, then the international directory, which also stands alone for an unknown
        country. Never another country's. Unknown topics fit nothing. Raises ValueError for a time without a zone.
        """
        code = _code(country)
        fitting = [
            (rank, service.trust, place, service)
            for place, service in enumerate(self.services)
            if service.country == code != INTERNATIONAL and service.is_open(at) and service.reachable(channel) and (rank := service.rank(topics)) is not None
        ]
        local = [service for *_, service in sorted(fitting, key=lambda entry: entry[:3])]
        return [*local, *(s for s in self.services if s.country == INTERNATIONAL)][: max(limit, 1)]

    def emergency(self, country: str | None) -> str:
        """What to do in danger, without a capital or full stop, so that it fits into a sentence."""
        found = self.emergencies.get(Country(_code(country)))
        return f"call {found.number}" if found else LOCAL

    def pending(self) -> list[str]:
        """What no person has checked yet, one line each. No fault of the entry, so `check` leaves it out."""
        waiting = [str(s.id) for s in self.services if s.verified_by is None]
        waiting += [f"emergency number {country}" for country, e in sorted(self.emergencies.items()) if e.verified_by is None]
        return [f"{what}: no person has checked it yet" for what in waiting]

    def check(self, today: date, served: tuple[str, ...]) -> list[str]:
        """Everything wrong on a day, one line each; empty is good. `served` are the countries that must have a crisis service at every hour."""
        found = [f"{s.id}: {what}" for s in self.services for what in (*_incomplete(s), *_wrong(s), *_dates(s, today))]
        found += [f"emergency number {country}: {what}" for country, e in sorted(self.emergencies.items()) for what in _dates(e, today)]
        found += _clashes(self.services)
        if not any(s.country == INTERNATIONAL for s in self.services):
            found.append("there is no international directory to fall back on")
        covered = {str(s.country) for s in self.services if s.always_for_crisis}
        return found + [f"{c}: served, but has no crisis service for the whole country at every hour" for c in served if _code(c) not in covered]


def topics_of(category: str | None) -> tuple[str, ...]:
    """The topics to ask for when a risk of this category was found; empty when only the general lines fit."""
    if category in OTHER_NAMES:
        return OTHER_NAMES[category]
    return (category,) if category in TOPICS else ()


def read(folder: Path = CONTENT) -> Directory:
    """The directory under `folder`. Raises DirectoryError when a file is missing, unreadable or not of the right shape."""
    try:
        return Directory.parse_obj({"services": _parsed(folder / "resources.yml"), "emergencies": _parsed(folder / "emergency.yml")})
    except ValidationError as error:
        what = "\n".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DirectoryError(f"The directory of services has problems:\n{what}") from error


@lru_cache(maxsize=1)
def load() -> Directory:
    """The shipped directory, read once. Raises DirectoryError when it cannot be used."""
    return read()


def _parsed(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
        if twice := sorted(_twice(yaml.compose(text, Loader=yaml.SafeLoader))):
            raise DirectoryError(f"{path.name} says the same key twice: {', '.join(twice)}")
        return yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DirectoryError(f"{path.name} cannot be read: {error}") from error


def _twice(node: yaml.Node | None) -> Iterator[str]:
    """Keys that stand twice in one mapping, of which YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from {f"{key} (line {node.start_mark.line + 1})" for key in keys if keys.count(key) > 1}
    for child in node.value if isinstance(node, yaml.CollectionNode) else ():
        for part in child if isinstance(child, tuple) else (child,):
            yield from _twice(part)


def _code(country: str | None) -> str:
    """A country as the files write it; empty for none."""
    code = (country or "").strip().upper()
    return "GB" if code == "UK" else code


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _incomplete(service: Service) -> Iterator[str]:
    if not service.reachable(None) and "directory" not in service.topics:
        yield "no way to contact it"
    if not service.hours or any(not period.days for period in service.hours if isinstance(period, Period)):
        yield "no hours"
    elif service.hours != "24/7" and not service.timezone:
        yield "no time zone"
    if not service.topics:
        yield "no topics"


def _wrong(service: Service) -> Iterator[str]:
    if service.timezone and _zone(service.timezone) is None:
        yield f"unknown time zone {service.timezone}"
    for period in service.hours or ():
        if isinstance(period, Period) and period.open == period.close:
            yield f"opens and closes at {period.open}"
    for url in (service.url, service.chat_url, service.source):
        if url is not None and not _is_url(url):
            yield f"bad URL {url!r}"
    for topic in service.topics:
        if topic not in TOPICS:
            yield f"unknown topic {topic!r}"


def _dates(entry: Service | Emergency, today: date) -> Iterator[str]:
    if (entry.verified_on is None) != (entry.verified_by is None):
        yield "verified_on and verified_by belong together"
    if entry.verified_on and entry.verified_on > today:
        yield f"verified in the future, on {entry.verified_on}"
    if entry.verified_on and today - entry.verified_on > STALE:
        yield f"stale, last verified on {entry.verified_on}"


def _clashes(services: tuple[Service, ...]) -> list[str]:
    ids = [str(s.id) for s in services]
    found = [f"{name}: the same id twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    names: dict[tuple[str, str], set[str]] = {}
    for service in services:
        for phone in _phones(service):
            names.setdefault((service.country, phone), set()).add(service.name)
    return found + [f"{country}: {phone} under two names, {' and '.join(sorted(who))}" for (country, phone), who in sorted(names.items()) if len(who) > 1]


def _phones(service: Service) -> set[str]:
    """Each of its numbers by its digits only, since spacing is a matter of taste."""
    parts = re.split(r"\bor\b|[/,]", service.phone or "")
    return {digits for part in parts if (digits := re.sub(r"\D", "", part))}


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.hostname or "") is not None and not re.search(r"\s", text)
