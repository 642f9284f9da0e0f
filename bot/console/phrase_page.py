"""Approved phrases: found by everybody who answers, looked after by supervisors."""

from __future__ import annotations

import re

from starlette.responses import HTMLResponse, Response

from bot.console.visits import Page, Refused, Visit
from bot.pilot.phrase_file import faults, shipped
from bot.store.phrases import Approved, Phrases

NAME = re.compile(r"[a-z][a-z0-9_]{1,47}")


def listed(visit: Visit) -> Response:
    """Those that hold the words; a script gets only the list, to put it beside a conversation."""
    words = visit.request.query_params.get("q", "").strip()[:100]
    phrases = Phrases(visit.parts.database)
    phrases.seed(shipped())
    if visit.by_script:
        return HTMLResponse(visit.written("phrase_list.html", phrases=phrases.find(words)))
    return visit.page("phrases.html", words=words, phrases=phrases.find(words), withdrawn=[p for p in phrases.all() if not p.active])


def add(visit: Visit) -> Response:
    """A new one, by the rules of voice."""
    name, topic, text = visit.given("name", 48), visit.given("topic", 48), visit.given("text", 400)
    if not NAME.fullmatch(name):
        raise Refused(422, "A name has small letters, digits and _ only, such as hello_again.")
    if found := list(faults(text)):
        raise Refused(422, f"This phrase cannot be approved: {'; '.join(found)}.")
    Phrases(visit.noting("phrase.add", name)).add(Approved(name, topic, text))
    return visit.done("/phrases")


def offer(visit: Visit) -> Response:
    """Offer it, or withdraw it."""
    active = visit.form.get("active") == "yes"
    Phrases(visit.noting("phrase.offer", visit.part[:48], active=active)).offer(visit.part, active)
    return visit.done("/phrases")


PAGES = (
    Page("GET", "/phrases", "phrases", listed),
    Page("POST", "/phrases", "phrases.add", add),
    Page("POST", "/phrases/{id}/offer", "phrases.offer", offer),
)
