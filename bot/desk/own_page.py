"""What is kept of a person as a page to read."""

from __future__ import annotations

from html import escape
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
PRIVATE = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>What is kept of you</title>'
    "<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}dt{{font-weight:600}}dd{{margin:0 0 .5rem 1rem;"
    "white-space:pre-wrap;overflow-wrap:anywhere}}</style><main><h1>What is kept of you</h1>{body}</main></html>"
)
NOTHING = "<em>nothing</em>"


def page(data: dict[str, Any]) -> str:
    """The same data that a program gets, as lists."""
    return PAGE.format(body=_shown(data))


def _shown(value: Any) -> str:
    if isinstance(value, dict) and value:
        return "<dl>" + "".join(f"<dt>{escape(str(name))}</dt><dd>{_shown(kept)}</dd>" for name, kept in value.items()) + "</dl>"
    if isinstance(value, list) and value:
        return "<ol>" + "".join(f"<li>{_shown(kept)}</li>" for kept in value) + "</ol>"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return NOTHING if value in (None, "", [], {}) else escape(str(value))
