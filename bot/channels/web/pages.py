"""The pages beside the interface: the demo, the widget, the safety protocol, privacy, and whether the server lives."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Callable

from markdown import markdown
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, file, html
from sanic.response import json as answer

from bot.desk.desk import Desk
from bot.safety.protocol import protocol

PAGE = Path(__file__).parent.parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
PLAIN = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>{title}</title><link rel="stylesheet" href="/demo.css"><main class="plain">{words}</main></html>'
)
FILES = {"/": "index.html", "/demo.css": "demo.css", "/icon.svg": "icon.svg", "/widget.js": "widget.js"}


def pages(desk: Desk, privacy: str) -> Blueprint:
    """All of them. `privacy` is Markdown."""
    routes = Blueprint("pages")
    for path, name in FILES.items():
        routes.add_route(_serving(name), path, name=name)

    @routes.get("/safety-protocol")
    async def safety(_: Request) -> HTTPResponse:
        return _plain("Safety protocol", await asyncio.to_thread(protocol))

    @routes.get("/privacy")
    async def kept(_: Request) -> HTTPResponse:
        return _plain("What is kept", privacy)

    @routes.get("/healthz")
    async def lives(_: Request) -> HTTPResponse:
        return answer({"status": "ok"})

    @routes.get("/readyz")
    async def ready(_: Request) -> HTTPResponse:
        await desk.keep(_asking(desk))
        return answer({"status": "ready"})

    return routes


def _asking(desk: Desk) -> Callable[[], Any]:
    """Any question to the database; raises StoreAway when it does not answer."""
    return desk.store.referrals


def _plain(title: str, words: str) -> HTTPResponse:
    return html(PLAIN.format(title=title, words=markdown(words, extensions=["tables"])), headers=HEADERS)


def _serving(name: str) -> Any:
    async def serve(_: Request) -> HTTPResponse:
        return await file(PAGE / name, headers={**HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"} if name == "widget.js" else HEADERS)

    return serve
