"""The command line as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Iterator

import pytest

from bot.reframing.loading import load
from bot.settings import ROOT
from bot.store.correspondents import Correspondents
from bot.store.database import Database
from bot.store.messages import Reply, now
from bot.store.outbox import Outbox
from bot.store.sealing import sealer_of
from tests.telegram_bot_api import new_token
from tests.whole.conftest import REFRAME


def run(*words: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """One command."""
    return subprocess.run([REFRAME, *words], input=given, capture_output=True, cwd=ROOT, env={**os.environ, **environment}, timeout=200, check=False)


COMMANDS = [
    (),
    ("serve",),
    ("train",),
    ("chat",),
    ("assess",),
    ("evaluate",),
    ("learn",),
    ("content",),
    ("content", "check"),
    ("content", "coverage"),
    ("data",),
    ("data", "duplicates"),
    ("data", "cross-validate"),
    ("safety",),
    ("safety", "train"),
    ("safety", "fit"),
    ("safety", "card"),
    ("safety", "referrals"),
    ("safety", "complaints"),
    ("safety", "protocol"),
    ("privacy",),
    ("privacy", "redact"),
    ("privacy", "measure"),
    ("resources",),
    ("resources", "list"),
    ("resources", "check"),
    ("resources", "export"),
    ("channel",),
    ("channel", "check"),
    ("channel", "connect"),
    ("channel", "dead-letters"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_is_documented(words: tuple[str, ...]) -> None:
    """`--help` works without a model, and the README names the command."""
    result = run(*words, "--help", REFRAME_MODELS="/nowhere")
    assert result.returncode == 0
    assert b"Usage" in result.stdout
    assert f"reframe {' '.join(words)}".strip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_assess_answers_each_line_names_the_bad_ones_and_says_so_in_its_status(tmp_path: Path) -> None:
    """The good lines are processed all the same."""
    lines = [
        b'{"id": "a", "text": "I think I\'ve failed therapy"}',
        b"",
        b"{broken",
        b'{"id": "b"}',
        b'{"id": "c", "text": 3}',
        b'["d"]',
        b'{"id": 7, "text": "I want to kill myself"}',
        b'{"id": "e", "text": "\\ud800 \\u0000 hello"}',
        b'{"id": "f", "text": ""}',
        b'{"text": "no id"}',
        b"\xff\xfe",
        b'{"id": "g", "text": "what is the weather like tomorrow"}',
    ]
    result = run("assess", "-", given=b"\n".join(lines))
    assert result.returncode == 1
    rows = {row["id"]: row for row in map(json.loads, result.stdout.splitlines())}
    assert set(rows) == {"a", 7, "e", "f", "g"}
    assert set(rows["a"]) == {"id", "tier", "belief", "ranking", "category", "explanation"}
    assert (rows["a"]["tier"], rows["a"]["belief"]) == ("none", "failed_therapy")
    assert (rows[7]["tier"], rows[7]["category"]) == ("urgent", "suicide")
    assert rows["g"]["belief"] is None
    for number in (3, 4, 5, 6, 10, 11):
        assert f"line {number}:".encode() in result.stderr
    assert b"Traceback" not in result.stderr


def test_assess_reads_a_file_and_succeeds_when_all_is_well(tmp_path: Path) -> None:
    """Status 0, in the order of the lines."""
    path = tmp_path / "some.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": f"hello number {n}"}) + "\n" for n in range(150)), encoding="utf-8")
    result = run("assess", str(path))
    assert result.returncode == 0
    assert [json.loads(row)["id"] for row in result.stdout.splitlines()] == list(range(150))


@pytest.mark.parametrize(("words", "environment", "said"), [
    (("assess", "/no/such/file"), {}, "cannot be read"),
    (("assess", "-"), {"REFRAME_MODELS": "/nowhere"}, "make train"),
    (("chat",), {"REFRAME_PORT": "many"}, "REFRAME_PORT"),
    (("chat",), {"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
])  # fmt: skip
def test_a_mistake_is_one_sentence_that_says_what_to_do(words: tuple[str, ...], environment: dict[str, str], said: str) -> None:
    """Status 2 and no traceback."""
    result = run(*words, **environment)
    assert result.returncode == 2
    assert said in result.stderr.decode()
    assert b"Traceback" not in result.stderr


def test_fed_by_a_pipe_the_chat_prints_one_reply_a_line(tmp_path: Path) -> None:
    """Nothing else on standard output."""
    result = run("chat", given=b"I think I've failed therapy\nmy sleep, I guess\n\n/quit\nnever read\n", DATABASE_URL=f"sqlite:///{tmp_path / 'chat.db'}")
    assert result.returncode == 0
    first, second, third = result.stdout.decode().splitlines()
    belief = load().beliefs["failed_therapy"]
    assert any(line.text in first for line in belief.reframes)
    assert any(line.text in second for line in belief.deepen)
    assert third


def test_content_check_fails_on_a_broken_catalogue_and_names_the_line() -> None:
    """Status 1; the shipped one passes."""
    broken = run("content", "check", "--folder", str(ROOT / "tests" / "broken_catalogues" / "says_should"))
    assert broken.returncode == 1
    assert b"starting_over.yml:" in broken.stdout
    assert run("content", "check").returncode == 0
    assert run("content", "coverage").returncode == 0


def test_no_two_training_examples_are_nearly_the_same() -> None:
    """Within an intent or across."""
    assert run("data", "duplicates").returncode == 0


def test_evaluate_writes_its_figures_and_names_bad_lines(tmp_path: Path) -> None:
    """For any labelled file."""
    file = tmp_path / "some.jsonl"
    file.write_text('{"id": 1, "text": "I failed therapy", "beliefs": ["failed_therapy"], "tier": "none"}\nno\n', encoding="utf-8")
    result = run("evaluate", str(file), "--into", str(tmp_path / "out"))
    assert result.returncode == 1
    assert b"line 2: not JSON" in result.stderr
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["shares"]["belief_top1_accepted"]["value"] == 1.0
    assert "1 messages" in (tmp_path / "out" / "evaluation.md").read_text(encoding="utf-8")


def test_redact_passes_lines_on_with_placeholders() -> None:
    """So that they can go into `reframe learn`; what is no line is named."""
    result = run("privacy", "redact", given=b'{"id": "a", "text": "my therapist sarah said so", "intent": "resistant"}\nno\n')
    assert result.returncode == 1
    assert json.loads(result.stdout) == {"id": "a", "text": "my therapist <THERAPIST> said so", "intent": "resistant"}
    assert b"line 2: not JSON" in result.stderr


def test_learn_prints_a_patch_and_names_what_it_left_out(tmp_path: Path) -> None:
    """On separate outputs, so that the patch can be kept as it is."""
    file = tmp_path / "some.jsonl"
    file.write_text('{"id": "a", "text": "the lid stays on", "intent": "resistant"}\n{"id": "b", "text": "the lid", "intent": "nothing"}\n', encoding="utf-8")
    result = run("learn", str(file))
    assert result.returncode == 1
    assert result.stdout.startswith(b"--- ")
    assert b"+    - the lid stays on" in result.stdout
    assert b"b: there is no intent nothing" in result.stderr


@pytest.fixture
def telegram() -> Iterator[dict[str, str]]:
    """Settings for a server that stands in for Telegram: it takes any address, and knows no bot that asks for itself."""

    class Stand(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name the library calls
            known = self.path.endswith("/setWebhook")
            body = json.dumps({"ok": known, "result": True} if known else {"ok": False, "error_code": 401, "description": "Unauthorized"}).encode()
            self.send_response(200 if known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api, token = f"http://127.0.0.1:{server.server_port}", new_token()
    bot = {"REFRAME_TELEGRAM_API": api, "REFRAME_TELEGRAM_TOKEN": token, "REFRAME_TELEGRAM_SECRET": token.partition(":")[2]}
    yield {**bot, "REFRAME_PUBLIC_URL": "https://chat.example.org"}
    server.shutdown()


@pytest.mark.parametrize(
    ("command", "status", "words"), [("check", 1, b"does not accept the bot's token"), ("connect", 0, b"chat.example.org/webhooks/telegram")]
)
def test_a_messaging_app_is_checked_and_connected_in_words_without_secrets(telegram: dict[str, str], command: str, status: int, words: bytes) -> None:
    """The status says whether something is wrong; the token stands in each address that is called, and in no line."""
    result = run("channel", command, "telegram", **telegram)
    assert result.returncode == status
    assert words in result.stdout
    assert telegram["REFRAME_TELEGRAM_SECRET"].encode() not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        (("check", "telegram"), {}, b"No messaging app called telegram"),
        (("connect", "telegraph"), {}, b"No messaging app called telegraph"),
        (("check", "telegram"), {"REFRAME_TELEGRAM_SECRET": "a-secret"}, b"REFRAME_TELEGRAM_TOKEN is missing"),
    ],
)
def test_a_messaging_app_that_is_not_configured_is_named(words: tuple[str, ...], settings: dict[str, str], told: bytes) -> None:
    """With what to do, and status 2."""
    result = run("channel", *words, **settings)
    assert result.returncode == 2
    assert told in b" ".join(result.stderr.split())


def test_dead_letters_are_listed_without_what_was_written(tmp_path: Path) -> None:
    """As JSON Lines: id, channel, problem and time."""
    database = Database(f"sqlite:///{tmp_path / 'reframe.db'}", sealer_of(tmp_path / "keys"))
    database.migrate()
    outbox = Outbox(database)
    Correspondents(database).meet("anna", "telegram", "sealed", [Reply("a very private sentence")])
    outbox.dead(outbox.due(now())[0].id, "blocked")
    result = run("channel", "dead-letters", DATABASE_URL=f"sqlite:///{tmp_path / 'reframe.db'}", REFRAME_KEYS=str(tmp_path / "keys"))
    assert result.returncode == 0
    (letter,) = map(json.loads, result.stdout.splitlines())
    assert (letter["channel"], letter["problem"]) == ("telegram", "blocked")
    assert set(letter) == {"id", "channel", "problem", "at"}
    assert b"private" not in result.stdout + result.stderr
