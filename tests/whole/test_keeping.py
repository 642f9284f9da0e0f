"""What a server keeps, logs and gives back, looked at from outside: in its files, on its streams and over its interface."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url

from bot.settings import ROOT
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.messages import Finding
from bot.store.sealing import sealer_of
from bot.store.stopping import Stopping
from tests.store.test_sealing import PLANTED as SUPPORTERS
from tests.store.test_sealing import fill_console
from tests.whole.conftest import REFRAME, Person, Server, start, stop

PLANTED = ("zephyrine quokka", "marmalade lighthouse", "velvet tuning fork", "crimson abacus", SUPPORTERS)


def talked(server: Server) -> Person:
    """Someone who left planted words in a thought, a take-away, a safety plan and a complaint."""
    person = Person(server)
    person.say(f"I think I've failed therapy, says the {PLANTED[0]}")
    person.say("I want to keep a sentence")
    person.say(f"I did not fail, I was tired, {PLANTED[1]}")
    person.say("make a safety plan")
    person.say(f"when the {PLANTED[2]} is quiet")
    person.http.post(f"/{person.id}/complaints", json={"text": f"that was about the {PLANTED[3]}"}).raise_for_status()
    return person


def environment(database_url: str, folder: Path) -> dict[str, str]:
    """Everything of one installation in a folder, beside its database."""
    return {"DATABASE_URL": database_url, **{f"REFRAME_{name.upper()}": str(folder / name) for name in ("keys", "spool", "inbox")}}


def command(given: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the program in an installation."""
    return subprocess.run([REFRAME, *words], env={**os.environ, **given}, cwd=ROOT, capture_output=True, text=True, check=False)


def planted_in(data: bytes) -> list[str]:
    """Which of the planted words stand in bytes."""
    return [words for words in PLANTED if words.encode() in data]


def supported(database_url: str, folder: Path, person: Person) -> None:
    """As the console does beside the server: notes, drafts, remarks, reasons, evidence, with words of their own."""
    store = Conversations(Database(database_url, sealer_of(folder / "keys")))
    number = next(m["number"] for m in person.read() if m["from"] == "person")
    store.screened(number, Finding("urgent", "suicide", "1", ({"rule": "r", "tier": "urgent", "span": PLANTED[4], "lowered_by": None},), "urgent"))
    fill_console(store, person.id, number)
    Stopping(store.database).resume()
    store.database.engine.dispose()


def unpacked(archive: Path) -> bytes:
    """The contents of an archive."""
    with tarfile.open(archive) as opened:
        return b"".join(opened.extractfile(member).read() for member in opened if member.isfile())  # type: ignore[union-attr]  # a file


def test_what_people_write_is_readable_in_no_file_and_no_log(database_url: str, tmp_path: Path) -> None:
    """Database, its WAL, spool, inbox, model archive, logs; of PostgreSQL the dump. And it is there again after a restart, and after a rotation of the keys."""
    given = environment(database_url, tmp_path)
    server = start(given)
    person = talked(server)
    assert len(planted_in("\n".join(m["text"] for m in person.read()).encode())) == 3
    supported(database_url, tmp_path, person)
    held = {path: planted_in(path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file()}
    assert not any(held.values()), held
    assert planted_in(b"".join(unpacked(path) for path in (ROOT / "models").glob("*.tar.gz"))) == []
    if make_url(database_url).get_backend_name() == "postgresql":
        dump = subprocess.run(["pg_dump", "--dbname", database_url], capture_output=True, check=True).stdout
        assert b"COPY public.events" in dump
        assert planted_in(dump) == []
    else:
        assert any(path.name.endswith("-wal") for path in held)
    rotated = command(given, "keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    assert PLANTED[2] in person.say("show my safety plan")
    person.say("stop")
    assert PLANTED[1] in person.say("what did I take away?")
    assert PLANTED[0] in str(person.read())
    stop(server)
    assert server.process.stdout
    log = server.process.stdout.read()
    assert planted_in((log + rotated.stdout + rotated.stderr).encode()) == []
    checked = command(given, "keys", "check")
    assert (checked.returncode, checked.stdout.split()[0]) == (0, "k2"), checked.stderr


def test_with_another_key_file_the_server_does_not_start_and_says_why(database_url: str, tmp_path: Path) -> None:
    """Without a traceback, and without a change."""
    given = environment(database_url, tmp_path)
    assert command(given, "keys", "check").returncode == 0
    (tmp_path / "keys").unlink()
    started = command(given, "serve")
    assert started.returncode == 2
    assert "does not belong to this database" in started.stderr
    assert "Traceback" not in started.stderr


def test_one_gets_ones_own_data_and_nobody_elses(server: Server) -> None:
    """As data and as a page on which nothing that was written can do anything."""
    person, other = talked(server), Person(server)
    data = person.http.get(f"/{person.id}/data").json()
    assert planted_in(str(data["messages"]).encode()) == list(PLANTED[:3])
    assert PLANTED[3] in data["complaints"][0]["text"]
    assert PLANTED[2] in str(data["risk"]["plan"])
    assert PLANTED[1] in str(data["remembered"]["memory"]["takeaways"])
    assert data["consent"][0]["answer"] == "agreed"
    person.say("<script>alert(1)</script> is what I feel")
    page = person.http.get(f"/{person.id}/data", params={"format": "html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "sandbox" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert other.http.get(f"/{person.id}/data").status_code == 404


def test_before_the_yes_nothing_is_kept_and_danger_is_answered(server: Server) -> None:
    """What was written is in no later reading; a complaint is refused with a code."""
    person = Person(server, agrees=False)
    assert "findahelpline.com" in person.say(f"I want to kill myself, says the {PLANTED[0]}")
    assert person.http.post(f"/{person.id}/complaints", json={"text": PLANTED[3]}).json()["error"]["code"] == "no_consent"
    assert planted_in(str(person.read()).encode()) == []
    assert planted_in(str(person.http.get(f"/{person.id}/data").json()).encode()) == []
    person.press("/agree")
    assert "findahelpline.com" in person.say("I think I've failed therapy")
    assert "erased" in person.say("delete my data")


def test_the_server_serves_nothing_of_rasas_own_interface(server: Server) -> None:
    """Neither trackers nor models nor its status."""
    for path in ("/conversations/x/tracker", "/conversations/x/messages", "/model", "/model/parse", "/model/train", "/status", "/version", "/domain"):
        for method in ("GET", "POST", "PUT"):
            assert httpx.request(method, server.url + path).status_code == 404, path


def test_a_backup_beside_the_running_server_is_restored_without_what_was_erased_since(database_url: str, tmp_path: Path) -> None:
    """The commands, as an operator uses them."""
    given = environment(database_url, tmp_path)
    server = start(given)
    stays, goes = talked(server), talked(server)
    made = command(given, "backup", str(tmp_path / "one.backup"))
    assert made.returncode == 0, made.stderr
    assert goes.http.delete(f"/{goes.id}").status_code == 204
    stays.say(f"later, the {PLANTED[3]}")
    stop(server)
    again = command(given, "restore", str(tmp_path / "one.backup"))
    assert again.returncode == 0, again.stderr
    assert "again: 1" in again.stderr
    server = start(given)
    http = httpx.Client(base_url=f"{server.url}/api/conversations", headers=dict(stays.http.headers), timeout=60)
    try:
        said = str(http.get(f"/{stays.id}/messages").json())
        assert PLANTED[0] in said
        assert PLANTED[3] not in said
        assert httpx.get(f"{server.url}/api/conversations/{goes.id}/messages", headers={"Authorization": f"Bearer {goes.secret}"}).status_code == 404
        assert http.post(f"/{stays.id}/messages", json={"text": "stop"}).status_code == 200
    finally:
        stop(server)
    assert planted_in((tmp_path / "one.backup").read_bytes()) == []
    dry = command(given, "retention", "run", "--dry-run")
    assert "texts 0" in dry.stdout
    exported = command(given, "research", "export", str(tmp_path / "out"))
    assert (exported.returncode, json.loads(exported.stdout)["conversations"]) == (0, 0)  # nobody was asked
