"""What is logged holds references and numbers, and never what people write, names, tokens or addresses."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

import pytest

from bot.settings import ROOT

PLANTED = "kingfisher under the bridge"
PROGRAM = """
import logging, threading, structlog
from bot.logs import configure
configure("DEBUG")
log, planted = logging.getLogger("bot.desk.desk"), "kingfisher under the bridge"
{lines}
"""


def logged(lines: str, status: int = 0) -> tuple[str, list[dict[str, Any]]]:
    """What a program of its own writes to both streams, and its lines read."""
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(lines=lines)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr, [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_of_ours_holds_its_wording_numbers_references_and_channels() -> None:
    """So that an operator finds the message."""
    _, (line,) = logged('log.error("message %s got a standing reply, reference %s on %s after %.1f s", 12, "ab12cd34", "telegram", 2.25)')
    assert line["event"] == "message 12 got a standing reply, reference ab12cd34 on telegram after 2.25 s"
    assert (line["level"], line["logger"]) == ("error", "bot.desk.desk")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "lines",
    [
        'log.warning("heard %s", planted)',
        'log.warning("heard %(text)s", {"text": planted})',
        'log.warning("heard", extra={"text": planted, "event": planted, "reference": planted})',
        'log.warning("it broke: %s", ValueError(planted))',
        'log.error("sent to %s and %r", "+441632960961", ["mail@example.org", planted])',
        'try:\n    raise ValueError(planted)\nexcept ValueError:\n    log.exception("it broke")',
        'try:\n    int(planted)\nexcept ValueError as e:\n    error = KeyError(planted)\n    error.__cause__ = e\n    log.error("it broke", exc_info=error)',
        'logging.getLogger("rasa.core").error(f"cannot handle {planted}")',
        'logging.getLogger("somebody.elses").warning(planted)',
        'structlog.get_logger("rasa").error("processor.failed", text=planted, sender_id=planted, error=planted)',
        "structlog.get_logger().error(planted)",
        'try:\n    raise ValueError(planted)\nexcept ValueError:\n    structlog.get_logger().error("agent.failed", exc_info=True)',
        "import warnings; warnings.warn(planted)\nlog.error('x')",
        "thread = threading.Thread(target=lambda: int(planted))\nthread.start()\nthread.join()",
    ],
)
def test_what_was_planted_is_in_no_line(lines: str) -> None:
    """Neither as an argument, nor under another key, nor in an exception, nor by a library."""
    raw, read = logged(lines)
    assert read
    assert "kingfisher" not in raw
    assert "example.org" not in raw
    assert "441632" not in raw


def test_an_exception_that_nobody_caught_is_told_without_its_message() -> None:
    """By its kind and its places."""
    raw, (line,) = logged("def deep():\n    raise ValueError(planted)\ndeep()", status=1)
    assert line["exception"][0].startswith("ValueError at ")
    assert "deep" in line["exception"][0]
    assert "kingfisher" not in raw


def test_the_wording_of_every_line_of_ours_is_a_constant() -> None:
    """For only then can it pass as it stands."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "log":
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
