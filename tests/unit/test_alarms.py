"""Alarms on their way: sent to real servers on this machine, again until somebody acknowledges, and never with anything of a person."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Iterator

import pytest
from sqlalchemy import text

from bot.pilot.alerting import Alerting, Lines
from bot.pilot.phrase_file import check, faults, shipped
from bot.pilot.practice import scenarios
from bot.pilot.senders import BadAddress, Mail, MailServer, Notice, NotSent, SlackWebhook, Webhook, senders_of
from bot.store.accounts import Accounts
from bot.store.alarms import Alarms
from bot.store.database import Database
from bot.store.duty import Duty
from bot.store.phrases import Approved, PhraseProblem, Phrases
from tests.conftest import keys

AT = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Late:
    """Something that waits for too long."""

    conversation_id: str
    need: str
    practice: bool = False
    waited: timedelta = timedelta(minutes=3)
    target: timedelta = timedelta(minutes=2)


@dataclass
class Known:
    """Breaches as a test sets them."""

    late: list[Late] = field(default_factory=list)

    def breaches(self, at: datetime) -> list[Late]:
        """Them."""
        return self.late


class Hook:
    """A server for webhooks that keeps what it is sent."""

    def __init__(self, status: int = 200) -> None:
        self.got: list[dict[str, object]] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # as the library names it
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:  # say nothing
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Mailbox:
    """A server for e-mail, as far as smtplib speaks with it without TLS."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        async def serve() -> None:
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            started.set()

        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(serve(), self.loop)
        assert started.wait(10)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode():
            verb = line[:4].upper().strip()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.got.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 fine\r\n")
            if verb == "QUIT":
                break
        writer.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A migrated one."""
    made = Database(f"sqlite:///{tmp_path / 'alarms.db'}", keys())
    made.migrate()
    yield made
    made.engine.dispose()


@pytest.fixture
def hooks() -> tuple[Hook, Hook]:
    """The first and the second line."""
    return Hook(), Hook()


def alerting(database: Database, known: Known, hooks: tuple[Hook, Hook]) -> Alerting:
    """What looks, with a line of each."""
    lines = Lines((Webhook(hooks[0].url),), (SlackWebhook(hooks[1].url),), EVERY, "https://console.example.org")
    return Alerting(known, Duty(database), Alarms(database), lines)


def test_a_missed_target_is_told_at_once_and_without_anything_of_a_person(database: Database, hooks: tuple[Hook, Hook]) -> None:
    """What it needs, the target, and where to look; not which conversation."""
    alerts = alerting(database, Known([Late("conversation-4711", "check_in")]), hooks)
    assert (alerts.look(AT), alerts.look(AT)) == (1, 0)
    assert hooks[0].got == [
        {
            "subject": "Reframe: somebody is waiting",
            "text": "A conversation (check in) waits for longer than its target of 2 minutes.\n"
            "Open the console and acknowledge: https://console.example.org/alarms",
            "times": 1,
        }
    ]
    assert hooks[1].got == []
    with database.unit() as session:
        assert "4711" not in str(session.execute(text("SELECT * FROM alarm")).all())


def test_it_is_repeated_to_a_second_line_until_somebody_acknowledges(database: Database, hooks: tuple[Hook, Hook]) -> None:
    """Then it is quiet, though the conversation still waits."""
    alerts, alarms = alerting(database, Known([Late("c", "urgent")]), hooks), Alarms(database)
    for minutes in (0, 4, 5, 9, 10):
        alerts.look(AT + timedelta(minutes=minutes))
    assert ([got["times"] for got in hooks[0].got], len(hooks[1].got)) == ([1, 2, 3], 2)
    sue = Accounts(database).add("sue", "supervisor", "Sue", None).id
    alarms.acknowledge(alarms.open()[0].id, sue, AT)
    assert alerts.look(AT + timedelta(minutes=30)) == 0
    assert alarms.open()[0].acknowledged_by == sue


def test_what_is_over_is_no_longer_told_and_may_come_again(database: Database, hooks: tuple[Hook, Hook]) -> None:
    """As another alarm."""
    known = Known([Late("c", "urgent")])
    alerts = alerting(database, known, hooks)
    alerts.look(AT)
    known.late = []
    alerts.look(AT + EVERY)
    assert Alarms(database).open() == []
    known.late = [Late("c", "urgent")]
    alerts.look(AT + 2 * EVERY)
    assert [got["times"] for got in hooks[0].got] == [1, 1]


def test_a_practice_case_says_that_it_is_one(database: Database, hooks: tuple[Hook, Hook]) -> None:
    """First of all."""
    alerting(database, Known([Late("c", "urgent", practice=True)]), hooks).look(AT)
    assert str(hooks[0].got[0]["text"]).startswith("Practice: ")


def test_when_nobody_can_be_reached_it_is_tried_again_at_the_next_look(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """And does not count as told; the log names no address."""
    broken = Hook(500)
    alerts = alerting(database, Known([Late("c", "urgent")]), (broken, broken))
    assert (alerts.look(AT), alerts.look(AT)) == (0, 0)
    assert len(broken.got) == 2
    assert "500" in caplog.text
    assert broken.url not in caplog.text


def test_of_two_processes_one_tells(database: Database, hooks: tuple[Hook, Hook]) -> None:
    """Also when both have seen it due."""
    alarms = Alarms(database)
    alarms.settle({"c": "late"}, AT)
    (due,) = alarms.due(AT, EVERY)
    assert (alarms.claim(due, AT), alarms.claim(due, AT)) == (True, False)


def test_mail_goes_out_in_plain_text() -> None:
    """To the mailbox, with the subject."""
    box = Mailbox()
    Mail("team@example.org", MailServer("127.0.0.1", box.port, "reframe@example.org", tls=False)).send(Notice("Waiting", "Somebody waits.", 1))
    assert "To: team@example.org" in box.got[0]
    assert "Somebody waits." in box.got[0]


def test_mail_that_cannot_be_handed_in_is_said_so() -> None:
    """Nothing listens there; and a server without TLS gets nothing where TLS is asked for."""
    box = Mailbox()
    for server in (MailServer("127.0.0.1", 1, "a@example.org", tls=False), MailServer("127.0.0.1", box.port, "a@example.org")):
        with pytest.raises(NotSent):
            Mail("team@example.org", server).send(Notice("Waiting", "Somebody waits.", 1))
    assert box.got == []


@pytest.mark.parametrize("given", ["ftp://x.example", "nonsense", "mailto:nobody", "https://", "mailto:a@example.org"])
def test_an_address_that_cannot_be_used_stops_the_start(given: str) -> None:
    """The last one for want of a mail server."""
    with pytest.raises(BadAddress):
        senders_of(given, None)


def test_addresses_say_their_way() -> None:
    """Parted by commas."""
    server = MailServer("localhost", 25, "a@example.org")
    found = senders_of("https://a.example/x, slack+https://b.example/y ,mailto:t@example.org,", server)
    assert found == [Webhook("https://a.example/x"), SlackWebhook("https://b.example/y"), Mail("t@example.org", server)]


def test_shipped_phrases_are_in_order() -> None:
    """Each by the rules of voice and of the crisis wording, with an id of its own."""
    assert check() == []
    assert len({phrase.id for phrase in shipped()}) == len(shipped()) >= 25


@pytest.mark.parametrize("said", ["You should call someone now", "I promise it gets better", "Call 999 right now please", "Don't do it!", "Hi"])
def test_a_phrase_that_may_not_be_said_is_found(said: str) -> None:
    """A command, a promise, a number of its own, an exclamation mark, nothing."""
    assert list(faults(said))


def test_phrases_are_found_by_every_word_and_by_nothing_that_is_a_pattern(database: Database) -> None:
    """In topic or text, whatever the case; those withdrawn are not offered; the shipped ones come once."""
    phrases = Phrases(database)
    assert (phrases.seed(shipped()), phrases.seed(shipped())) == (len(shipped()), 0)
    assert [p.id for p in phrases.find("PLAINLY killing")] == ["ask_suicide"]
    assert phrases.find("%") == phrases.find("_") == []
    phrases.offer("ask_suicide", False)
    assert phrases.find("plainly killing") == []
    assert any(p.id == "ask_suicide" and not p.active for p in phrases.all())
    with pytest.raises(PhraseProblem):
        phrases.add(Approved("hello", "beginning", "Hello again, I'm here."))
    with pytest.raises(PhraseProblem):
        phrases.offer("nothing", True)


def test_practice_cases_have_ids_of_their_own() -> None:
    """And say something."""
    assert len({s.id for s in scenarios()}) == len(scenarios()) >= 5
    assert all(s.says for s in scenarios())
