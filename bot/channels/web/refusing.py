"""Every error as JSON that says what happened and what to do."""

from __future__ import annotations

import logging
from typing import Optional

from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as answer

from bot.desk.standing import reference
from bot.metrics.counted import FAILURES
from bot.store.conversations import NoConversation
from bot.store.database import StoreAway

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that cannot be served; `code` is for programs, the message for people, `retry_after` in seconds where waiting helps."""

    def __init__(self, status: int, code: str, message: str, retry_after: Optional[int] = None) -> None:
        self.status, self.code, self.retry_after = status, code, retry_after
        super().__init__(message)


async def failed(_: Request, error: Exception) -> HTTPResponse:
    """Any failure as JSON; what nobody foresaw is logged under a reference and not shown."""
    if isinstance(error, NoConversation):
        error = Refused(404, "no_conversation", str(error))
    if isinstance(error, StoreAway):
        error = Refused(
            503, "away", "The conversation cannot be read just now. Try again in a moment; if you are in danger, call your local emergency number.", 5
        )
    if isinstance(error, Refused):
        return _error(error.status, error.code, str(error), error.retry_after)
    if isinstance(error, SanicException) and error.status_code < 500:
        said = "That is too long to read at once. Send it in parts." if error.status_code == 413 else "This request cannot be served here."
        return _error(error.status_code, f"http_{error.status_code}", said)
    name = reference()
    log.error("request failed, reference %s", name, exc_info=error)
    FAILURES.labels("request").inc()
    return _error(500, "failed", f"Something broke on our side (reference {name}). Try again; if you are in danger, call your local emergency number.")


def _error(status: int, code: str, message: str, retry_after: Optional[int] = None) -> HTTPResponse:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return answer({"error": {"code": code, "message": message}}, status, headers=headers)
