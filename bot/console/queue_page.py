"""The queue: what awaits a supporter, in the order in which it is to be taken, live."""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response

from bot.console import order
from bot.console.streaming import Fragments, stream
from bot.console.visits import Page, Refused, Visit
from bot.store.messages import now
from bot.store.needs import NEEDS
from bot.store.transcripts import Transcripts

REFRESH_SECONDS = 10.0
"""The queue is drawn anew at least this often, for the times in it."""
LABELS = {
    "immediate": "Immediate danger",
    "urgent": "Urgent",
    "check_in": "Check in",
    "person": "Asked for a person",
    "unsure": "Not understood twice",
    "error": "Something failed",
}


def queue(visit: Visit) -> Response:
    """The page. That it was opened is noted, since it shows sentences."""
    visit.parts.audit.note(visit.noting("queue.read").deed)
    return visit.page("queue.html", **_shown(visit))


async def events(visit: Visit) -> Response:
    """The queue as it changes."""
    watcher, seen = visit.parts.watcher, [-1]

    def look() -> Fragments:
        seen[0] = watcher.version
        return {"queue": visit.written("queue_rows.html", **_shown(visit))}

    return stream(visit, look, lambda: watcher.changed(seen[0], REFRESH_SECONDS))


def find(visit: Visit) -> Response:
    """The conversation of a reference that stands in the log, or that somebody reports; it asks why before it opens."""
    reference = visit.request.query_params.get("reference", "").strip()[:16]
    conversation = Transcripts(visit.parts.database).by_reference(reference) if reference else None
    if conversation is None:
        raise Refused(404, "There is no conversation with this reference; it may have been erased.")
    return RedirectResponse(f"/conversations/{conversation}", 303)


def _shown(visit: Visit) -> dict[str, Any]:
    """What the templates need, in order."""
    snapshot, targets, at = visit.parts.watcher.snapshot, visit.parts.terms.targets, now()
    rows = list(snapshot.rows)
    return {
        "waiting": order.waiting(rows, targets, at),
        "held": order.held(rows),
        "others": snapshot.others,
        "late": {breach.conversation_id for breach in order.breaches(rows, targets, at)},
        "away": snapshot.away,
        "at": at,
        "targets": targets,
        "labels": LABELS,
        "needs": NEEDS,
        "waited": order.waited,
    }


PAGES = (
    Page("GET", "/queue", "queue", queue),
    Page("GET", "/queue/events", "queue.events", events),
    Page("GET", "/queue/find", "queue.find", find),
)
