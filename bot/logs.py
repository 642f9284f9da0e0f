"""What is logged: JSON lines that hold references, numbers and places in the code, and never what people write, nor names, tokens or addresses.

Nothing is searched for what it must not hold; only what is known to be harmless passes. Of a line of our own that is its wording, as it stands in the code,
with numbers, references and channels filled in. Of the lines of libraries it is that there was one, and where. Of exceptions it is their kinds and where
they were raised, for their messages may repeat what somebody wrote.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from typing import Any, Mapping, MutableMapping, Optional

import structlog
from structlog.stdlib import ProcessorFormatter

Event = MutableMapping[str, Any]
KEYS = ("timestamp", "level", "logger", "event", "exception", "reference", "message", "delivery", "channel", "count", "seconds")
"""All that a line may hold."""
OURS = ("bot", "actions")
WITHHELD = "…"
HARMLESS = re.compile(r"[0-9a-f]{8}|telegram|slack|sms|whatsapp|messenger|terminal|web|[a-z]+(?:_[a-z]+)*(?:\.[a-z_]+)+")
"""References, channels, and the dotted names that Rasa gives its events."""
QUIET = (
    *("py.warnings", "rasa", "rasa_sdk", "tensorflow", "transformers", "sanic", "alembic", "asyncio", "apscheduler", "matplotlib", "persistqueue"),
    *("presidio-analyzer", "httpx", "httpcore"),
)
"""Libraries of which only errors are logged."""


def configure(level: str) -> None:
    """From now on every line goes to standard error as JSON, also those of libraries and of exceptions that nobody caught."""
    handler = logging.StreamHandler(sys.stderr)
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)
    steps: list[Any] = [stamped, told, only_known, structlog.processors.JSONRenderer()]
    handler.setFormatter(ProcessorFormatter(processors=steps, pass_foreign_args=True, use_get_message=False))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    # Rasa's lines of structlog go the same way.
    structlog.configure(
        processors=[ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    sys.excepthook = lambda kind, error, place: logging.getLogger("bot").critical("the program broke", exc_info=(kind, error, place))
    threading.excepthook = lambda broken: logging.getLogger("bot").error("a thread broke", exc_info=broken.exc_value)


def told(_: Any, __: str, event: Event) -> Event:
    """A line from its record: who, how grave, in which words, and what was raised where."""
    record: logging.LogRecord = event["_record"]
    own = record.name.split(".")[0] in OURS
    raised = event.get("exc_info") or record.exc_info
    words = _filled(str(record.msg), event.get("positional_args")) if own and not event.get("_from_structlog") else _shown(event["event"])
    return {**event, "level": record.levelname.lower(), "logger": record.name, "event": words, "exception": _raised(raised)}


def only_known(_: Any, __: str, event: Event) -> Event:
    """What may be in a line, in its order; numbers and known words pass, the rest is withheld."""
    passed = {key: event[key] for key in KEYS if event.get(key) is not None}
    return {key: value if key in KEYS[:5] else _shown(value) for key, value in passed.items()}


def _filled(words: str, given: Any) -> str:
    """The wording with what is harmless filled in. Wording that is not as in the code, such as one with braces of format, stays as it is."""
    values = given if isinstance(given, tuple) else (given,) if given else ()
    if isinstance(given, Mapping):
        return re.sub(r"%\(\w+\)[-+.\d]*[a-z]", WITHHELD, words)
    shown = iter(values)
    return re.sub(r"%[-+.\d]*[a-z]", lambda _: str(_shown(next(shown, None))), words)


def _shown(value: object) -> object:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, BaseException):
        return type(value).__name__
    return value if isinstance(value, str) and HARMLESS.fullmatch(value) else WITHHELD


def _raised(given: Any) -> Optional[list[str]]:
    """The kinds of an exception and of those behind it, each with the places it came through; without their messages."""
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    lines: list[str] = []
    while isinstance(error, BaseException) and len(lines) < 8:
        places = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        lines.append(f"{type(error).__name__} at {' < '.join(reversed(places[-12:]))}")
        error = error.__cause__ or error.__context__
    return lines or None
