"""One conversation, live: what is said, what was found in it, who speaks."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any, Optional

from starlette.responses import RedirectResponse, Response

from bot.console import reading
from bot.console.queue_page import LABELS
from bot.console.streaming import NOTHING, Fragments, stream
from bot.console.visits import Elsewhere, Page, Refused, Visit
from bot.desk.feed import Feed
from bot.safety.directory import load, topics_of
from bot.store.accounts import Accounts
from bot.store.drafts import Drafts
from bot.store.messages import now
from bot.store.transcripts import Transcripts, View

LOOK_SECONDS = 30.0
"""A stream looks when something in its conversation was written, and at least so often: leave to read ends with time alone."""
REST_SECONDS = 0.2
TYPING_LASTS = timedelta(seconds=6)
LATEST = 30
"""So many messages are looked at again, since an assessment comes after its message."""
TIERS = {"none": "no sign", "check_in": "check in", "urgent": "urgent"}
STATES = {
    "none": "no danger seen",
    "asked": "asked, not answered yet",
    "risk": "danger",
    "immediate": "danger now",
    "rechecking": "asked once more",
    "cared_for": "looked after by people",
}


def conversation(visit: Visit) -> Response:
    """The page, or the question why, for someone who does not hold it. Every reading is noted."""
    if not Transcripts(visit.parts.database).exists(visit.part):
        raise Refused(404, "This conversation is gone; the person may have deleted it.")
    if not reading.may_read(visit):
        return visit.page("reason.html")
    visit.parts.audit.note(visit.noting("conversation.read", visit.part).deed)
    view = reading.view_of(visit)
    shown: dict[str, Any] = {**_around(visit, view), **_fragments(visit, view)}
    return visit.page("conversation.html", view=view, lines=view.lines, **shown)


def reason(visit: Visit) -> Response:
    """Why someone who does not hold it wants to read."""
    if not Transcripts(visit.parts.database).exists(visit.part):
        raise Refused(404, "This conversation is gone; the person may have deleted it.")
    why = visit.given("reason", 300)
    visit.parts.audit.note(visit.noting("conversation.reason", visit.part, why).deed)
    return RedirectResponse(f"/conversations/{visit.part}", 303)


async def events(visit: Visit) -> Response:
    """What changes in it. Ends when it is gone, or who reads may not any more."""
    sent: dict[int, str] = {}
    topic = visit.parts.watcher.feed.topic(visit.part)
    seen = [topic.version]
    held: list[Optional[View]] = [None]
    drawn: list[Fragments] = [{}]
    given = visit.request.query_params.get("after", "")
    last = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0

    def look() -> Optional[Fragments]:
        seen[0] = topic.version
        before, view = held[0], Transcripts(visit.parts.database).view(visit.part) if reading.may_read(visit) else None
        held[0] = view
        if view is None:
            return None
        if view != before:  # drawing costs more than looking, and mostly nothing has changed
            drawn[0] = _fragments(visit, view)
        return {**drawn[0], "drafts": _drafts(visit, view), "typing": _typing(view)}

    async def wait() -> None:
        await asyncio.sleep(REST_SECONDS)  # a turn writes several times
        await Feed.wait(topic, seen[0], _typing_ends(held[0]) or LOOK_SECONDS)

    return stream(visit, look, wait, lambda: _added(visit, held[0], sent, last))


def helping(visit: Visit) -> Response:
    """Services of a country, to be put into an answer."""
    view = reading.view_of(visit)
    if not reading.may_read(visit):
        raise Elsewhere(f"/conversations/{visit.part}")
    chosen = visit.request.query_params.get("country", "")[:3] or reading.country(view, visit.parts.terms.country)
    topics = topics_of(view.crisis.get("category"))
    return visit.page("help.html", services=load().choose(chosen, topics, now(), limit=8), emergency=load().emergency(chosen))


def redacted(visit: Visit) -> Response:
    """The transcript with placeholders for personal data, to show or to talk about it; for those who may read it."""
    if not reading.may_read(visit):
        raise Elsewhere(f"/conversations/{visit.part}")
    redact = visit.parts.terms.pilot.redact
    if redact is None:
        raise Refused(503, "Nothing here takes personal data out of texts, so this view is not to be had.")
    visit.parts.audit.note(visit.noting("conversation.redacted", visit.part).deed)
    return visit.page("redacted.html", lines=[(line, redact(line.text)) for line in reading.view_of(visit).lines])


def _added(visit: Visit, view: Optional[View], sent: dict[int, str], last: int) -> list[str]:
    """Messages since the page was loaded, and those that have changed, as when an assessment came after its message. The page puts each in its place."""
    lines = view.lines if view else ()
    found = []
    for line in (line for n, line in enumerate(lines) if line.number > last or n >= len(lines) - LATEST):
        mark = hashlib.sha256(repr(line).encode()).hexdigest()
        if sent.get(line.number) != mark:
            sent[line.number] = mark
            found.append(visit.written("line.html", line=line, tiers=TIERS))
    return found


def _around(visit: Visit, view: View) -> dict[str, Any]:
    """What stands still around it."""
    countries = sorted({str(service.country) for service in load().services})
    return {"countries": countries, "country": reading.country(view, visit.parts.terms.country), "labels": LABELS, "tiers": TIERS}


def _fragments(visit: Visit, view: View) -> Fragments:
    """What moves beside the transcript."""
    mine = view.holder == visit.who.id
    colleagues = [a for a in Accounts(visit.parts.database).all() if a.active and a.role in ("supporter", "supervisor") and a.id != view.holder]
    beside = {
        "points": reading.timeline(view),
        "asked": reading.asked(view),
        "shown_help": reading.shown_help(view),
        "plan": reading.plan(view),
        "notices": reading.notices(view),
    }
    return {
        "state": visit.written("state.html", view=view, mine=mine, colleagues=colleagues, labels=LABELS, states=STATES),
        "drafts": _drafts(visit, view),
        "beside": visit.written("beside.html", view=view, tiers=TIERS, states=STATES, labels=LABELS, **beside),
        "typing": _typing(view),
    }


def _drafts(visit: Visit, view: View) -> str:
    """Answers that wait. One that is late changes without the conversation."""
    return visit.written("drafts.html", view=view, mine=view.holder == visit.who.id, drafts=Drafts(visit.parts.database).waiting(view.id))


def _typing(view: View) -> str:
    return "The person is writing …" if _typing_ends(view) else NOTHING


def _typing_ends(view: Optional[View]) -> float:
    """In how many seconds the person is no longer taken to be writing."""
    typed = view.typing_at if view else None
    return max(0.0, (typed + TYPING_LASTS - now()).total_seconds()) if typed else 0.0


PAGES = (
    Page("GET", "/conversations/{id}", "conversation", conversation),
    Page("POST", "/conversations/{id}/reason", "conversation.reason", reason),
    Page("GET", "/conversations/{id}/events", "conversation.events", events),
    Page("GET", "/conversations/{id}/redacted", "conversation.redacted", redacted),
    Page("GET", "/conversations/{id}/help", "conversation.help", helping),
)
