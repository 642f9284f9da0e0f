"""Which other pages' scripts may talk to the interface: an allow-list, no credentials, nothing for anyone else."""

from __future__ import annotations

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty

ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
}


def allow(app: Sanic, origins: frozenset[str]) -> None:
    """Answer preflight requests and mark answers, for the listed origins and the server's own."""

    def headers(request: Request) -> dict[str, str]:
        origin = request.headers.get("origin", "")
        return {**ALLOWED, "Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin in origins else {"Vary": "Origin"}

    @app.on_request
    async def preflight(request: Request) -> HTTPResponse | None:
        asked = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        return empty(headers=headers(request)) if asked else None

    @app.on_response
    async def mark(request: Request, response: HTTPResponse) -> None:
        if "origin" in request.headers:
            response.headers.update(headers(request))
