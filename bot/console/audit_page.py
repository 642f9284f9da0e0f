"""Auditors read the audit. They see no conversation; the audit holds none."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.visits import Page, Visit
from bot.store.accounts import Accounts

MOST = 100


def audit(visit: Visit) -> Response:
    """The newest entries, older ones by number, and whether the chain is in order."""
    before = visit.request.query_params.get("before", "")
    subject = visit.request.query_params.get("subject", "").strip()[:64]
    entries = visit.parts.audit.entries(int(before) if before.isdigit() and len(before) < 18 else None, MOST, subject or None)
    problems, count, end = visit.parts.audit.verify()
    names = {who.id: who.name for who in Accounts(visit.parts.database).all()}
    visit.parts.audit.note(visit.noting("audit.read", subject or None).deed)
    return visit.page("audit.html", entries=entries, names=names, problems=problems, count=count, end=end, subject=subject, more=len(entries) == MOST)


PAGES = (Page("GET", "/audit", "audit", audit),)
