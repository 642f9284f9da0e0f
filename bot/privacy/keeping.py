"""What is never taken: the services that the bot itself names, and methods of therapy of several words."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.privacy.words import words
from bot.safety.directory import load


@lru_cache(maxsize=1)
def _numbers() -> frozenset[str]:
    """Every number of the directory of help and the emergency numbers, as figures only."""
    directory = load()
    told = [way for service in directory.services for way in (service.phone, service.sms) if way] + [
        emergency.number for emergency in directory.emergencies.values()
    ]
    return frozenset(re.sub(r"\D", "", number) for way in told for number in re.findall(r"\+?\d[\d\s\-]*", way))


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    """Names and sites of the services, and methods."""
    directory = load()
    sites = [re.sub(r"^https?://(?:www\.)?|/$", "", url) for service in directory.services for url in (service.url, service.chat_url) if url]
    known = sorted({*sites, *words("kept_phrases"), *(service.name for service in directory.services)}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:https?://)?(?:www\.)?(?:{'|'.join(map(re.escape, known))})(?![\w@])/?", re.IGNORECASE)


def is_service_number(number: str) -> bool:
    """Whether a number is one that the bot itself gives out."""
    return re.sub(r"\D", "", number) in _numbers()


def kept_spans(text: str) -> list[tuple[int, int]]:
    """Where services and methods are named."""
    return [match.span() for match in _phrases().finditer(text)]
