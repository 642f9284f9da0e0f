"""The directory as the widget carries it, so that help can be shown without a server: every service with links to call, to text, to chat."""

from __future__ import annotations

import re
from typing import Any, Iterator
from urllib.parse import quote

from bot.safety.directory import Directory, Service

SHORT = 6
"""Numbers of so many digits or fewer work only inside their country."""


def exported(directory: Directory) -> dict[str, Any]:
    """Plain data: services in the order of the file, emergency numbers by country."""
    return {
        "services": [
            {"country": str(s.country), "name": s.name, "line": s.shown(), "topics": list(s.topics), "ways": list(_ways(s))} for s in directory.services
        ],
        "checked": not directory.pending(),
        "emergencies": {str(country): entry.number for country, entry in sorted(directory.emergencies.items())},
    }


def _ways(service: Service) -> Iterator[dict[str, Any]]:
    for number in re.split(r"\s*(?:\bor\b|/|,)\s*", service.phone or ""):
        if digits := re.sub(r"[^\d+]", "", number):
            yield {"kind": "call", "label": number, "href": f"tel:{digits}", "short": len(digits) <= SHORT}
    word, _, number = (service.sms or "").rpartition(" to ")
    if digits := re.sub(r"[^\d+]", "", number):
        yield {"kind": "text", "label": service.sms, "href": f"sms:{digits}{f'?&body={quote(word)}' if word else ''}", "short": len(digits) <= SHORT}
    if service.chat_url:
        yield {"kind": "chat", "label": service.chat_url, "href": service.chat_url, "short": False}
    yield {"kind": "web", "label": re.sub(r"^https?://(?:www\.)?|/$", "", service.url), "href": service.url, "short": False}
