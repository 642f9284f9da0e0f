"""Two workers on one PostgreSQL and one Redis behind nginx: who is served by which makes no difference, and one may be killed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
import redis
from rasa.core.brokers.sql import SQLEventBroker
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bot.bench.chaos.judging import violations
from bot.bench.chaos.report import Storm
from bot.bench.chaos.running import LEAVING, _texts
from bot.bench.chaos.writers import DANGER, Writer
from bot.bench.processes import Program, free_port
from bot.bench.product import Product, ProductTalk, environment
from bot.bench.talking import line
from bot.settings import ROOT
from bot.store.console_tables import Account
from bot.store.database import Database
from bot.store.handover import Handover
from bot.store.messages import now
from bot.store.sealing import sealer_of
from tests.conftest import POSTGRES

NGINX, REDIS = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), shutil.which("redis-server")
WITHIN = 5.0
"""Seconds. It takes a fraction of one (docs/scaling.md), also on a busy machine less than this; what nobody is told of is found after thirty."""
LOAD = Storm(conversations=24, at_once=8, messages=5)

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not (POSTGRES and NGINX and REDIS) and "REFRAME_TEST_EVERYTHING" not in os.environ, reason="PostgreSQL, nginx and redis-server are needed"
    ),
]


class Front:
    """An address at which conversations are held: that of nginx, or of one worker."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    async def begin(self, http: httpx.AsyncClient) -> ProductTalk:
        """A new conversation."""
        return await Product.begin(self, http)  # type: ignore[arg-type]  # it needs no more than the address

    def same(self, talk: ProductTalk) -> ProductTalk:
        """A conversation that was begun elsewhere, held here."""
        return ProductTalk(talk.http, f"{self.url}{httpx.URL(talk.url).path}", talk.headers)


@dataclass
class House:
    """What runs, in one folder."""

    folder: Path
    database_url: str
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    redis_port: int = field(default_factory=free_port)
    nginx_port: int = field(default_factory=free_port)
    workers: dict[int, Program] = field(default_factory=dict)
    others: list[Program] = field(default_factory=list)

    def start_worker(self, port: int) -> None:
        """One more, with the same keys and folders as the other."""
        endpoints = self.folder / "endpoints.yml"
        SQLEventBroker(dialect="sqlite", db=str(self.folder / "events.db"))  # its table is made here, since two workers at once could not
        endpoints.write_text(f"event_broker:\n  type: SQL\n  dialect: sqlite\n  db: {self.folder / 'events.db'}\n", encoding="utf-8")
        shared = {"DATABASE_URL": self.database_url, "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0"}
        given = {**shared, "REFRAME_PROXIES": "1", "REFRAME_ENDPOINTS": str(endpoints)}
        self.workers[port] = Program(("reframe", "serve"), ROOT, self.folder / f"{port}.log", {**environment(self.folder, port), **given})

    def start_redis(self) -> None:
        """Nothing of it is kept on the disk."""
        words = (str(REDIS), "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.others.append(Program(words, self.folder, self.folder / "redis.log", {}))

    def start_nginx(self) -> None:
        """Before both workers."""
        given = {"FOLDER": str(self.folder), "FIRST": str(self.ports[0]), "SECOND": str(self.ports[1]), "PORT": str(self.nginx_port)}
        words = (ROOT / "tests" / "whole" / "nginx.conf").read_text(encoding="utf-8")
        for name, value in given.items():
            words = words.replace(name, value)
        (self.folder / "nginx.conf").write_text(words, encoding="utf-8")
        self.others.append(Program((str(NGINX), "-c", str(self.folder / "nginx.conf")), self.folder, self.folder / "nginx.out", {}))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two workers, nginx, Redis, and a database of its own."""
    assert POSTGRES, "REFRAME_TEST_POSTGRES names no server"
    assert NGINX, "nginx is needed"
    assert REDIS, "redis-server is needed"
    name = f"reframe_{uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", future=True)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = House(tmp_path_factory.mktemp("house"), make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    made.start_redis()
    made.start_nginx()
    for port in made.ports:
        made.start_worker(port)
    try:
        for port, worker in made.workers.items():
            worker.until(f"http://127.0.0.1:{port}/readyz")
        yield made
    finally:
        for worker in made.workers.values():
            worker.kill()
        for program in made.others:
            program.stop()  # nginx has to stop its own processes
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client."""
    async with line() as client:
        yield client


@dataclass
class Heard:
    """What a stream brought: the moment, the name of the event, its data."""

    events: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    async def listen(self, talk: ProductTalk) -> None:
        """Until cancelled."""
        name = ""
        async with talk.http.stream("GET", f"{talk.url}/events", headers=talk.headers, timeout=None) as response:
            async for row in response.aiter_lines():
                if row.startswith("event: "):
                    name = row.removeprefix("event: ")
                elif row.startswith("data: "):
                    self.events.append((time.monotonic(), name, json.loads(row.removeprefix("data: "))))

    async def until(self, name: str, **data: Any) -> float:
        """When an event with such data came, waiting for it for some seconds."""
        for _ in range(400):
            for at, what, came in self.events:
                if what == name and data.items() <= came.items():
                    return at
            await asyncio.sleep(0.025)
        pytest.fail(f"never came: {name} {data}; {self.events}")

    async def rests(self) -> None:
        """Until nothing more is shown as being on its way."""
        for _ in range(400):
            if not [False, *(data["typing"] for _, what, data in self.events if what == "typing")][-1]:
                return
            await asyncio.sleep(0.025)
        pytest.fail(f"an answer stays on its way: {self.events}")


async def test_a_worker_is_killed_under_load_and_nothing_is_lost_or_doubled(house: House, http: httpx.AsyncClient) -> None:
    """Each message kept once and answered once, in order, danger with help; also of those who closed the page and whose worker never came back."""
    front, writers = Front(house.nginx_port), [Writer(texts, stays=n % LEAVING != 0) for n, texts in enumerate(_texts(LOAD))]
    waiting = iter(writers)

    async def some() -> None:
        for writer in waiting:
            await writer.write(front, http)  # type: ignore[arg-type]

    async def kill() -> None:
        while sum(bool(m.shown) for w in writers for m in w.sent) < LOAD.conversations * LOAD.messages / 3:  # noqa: ASYNC110  # a count over all
            await asyncio.sleep(0.05)
        house.workers[house.ports[0]].process.send_signal(signal.SIGKILL)

    await asyncio.gather(kill(), *(some() for _ in range(LOAD.at_once)))
    assert house.workers[house.ports[0]].process.wait(10) == -signal.SIGKILL
    await asyncio.gather(*(writer.read() for writer in writers))
    try:
        assert [violation for writer in writers for violation in violations(writer)] == []
        sent = [message for writer in writers for message in writer.sent]
        assert sum(message.danger for message in sent) >= LOAD.conversations / 4
        assert all(any(reply["care"] for reply in message.shown) for message in sent if message.danger and message.shown)
    finally:
        house.start_worker(house.ports[0])
        await asyncio.to_thread(house.workers[house.ports[0]].until, f"http://127.0.0.1:{house.ports[0]}/readyz")


async def test_a_stream_at_one_worker_shows_what_another_and_the_console_write_soon(house: House, http: httpx.AsyncClient) -> None:
    """Messages, that a supporter writes and speaks; nobody needs to look for it."""
    here, there = Front(house.ports[0]), Front(house.ports[1])
    talk, heard = await here.begin(http), Heard()
    listening = asyncio.create_task(heard.listen(talk))
    await heard.until("current")
    said = (await there.same(talk).send({"text": "I failed therapy"}))["messages"]
    answered = time.monotonic()
    assert await heard.until("message", number=said[-1]["number"]) - answered < WITHIN
    console, holder = _supporter(house)
    conversation = talk.url.rsplit("/", 1)[1]
    began = time.monotonic()
    await asyncio.to_thread(console.join, conversation, holder, "Sam", "Sam is here now.")
    assert await heard.until("speaking", speaker="Sam") - began < WITHIN
    assert await heard.until("message", text="Sam is here now.") - began < WITHIN
    await heard.rests()
    began, before = time.monotonic(), len(heard.events)
    await asyncio.to_thread(console.types, conversation, holder)
    typed = [at for at in [await _typed_after(heard, before)] if at]
    assert typed[0] - began < WITHIN
    listening.cancel()


async def test_a_takeover_silences_every_worker_and_handing_back_ends_that(house: House, http: httpx.AsyncClient) -> None:
    """Whichever the next message comes to."""
    fronts, (console, holder) = [Front(port) for port in house.ports], _supporter(house)
    talk = await fronts[0].begin(http)
    conversation = talk.url.rsplit("/", 1)[1]
    console.join(conversation, holder, "Sam", "Sam is here now.")
    for front in fronts:
        assert (await front.same(talk).send({"text": "are you there?"}))["messages"] == []
    console.hand_back(conversation, holder, "The program answers again.")
    for front in fronts:
        assert (await front.same(talk).send({"text": "I failed therapy"}))["messages"] != []


async def test_the_same_message_to_both_workers_at_once_is_answered_once_with_the_same_words(house: House, http: httpx.AsyncClient) -> None:
    """As when a widget sends again what it has no answer to, and nginx chooses the other."""
    fronts = [Front(port) for port in house.ports]
    talk = await fronts[0].begin(http)
    for turn in range(4):
        body = {"text": "I failed therapy", "client_id": f"m{turn}"}
        one, other = await asyncio.gather(*(front.same(talk).send(body) for front in fronts))
        assert one["messages"] == other["messages"] != []
    answers = [row["answers"] for row in await talk.stored() if row["answers"]]
    assert len(set(answers)) == 4


async def test_of_two_messages_to_two_workers_the_answers_keep_the_order(house: House, http: httpx.AsyncClient) -> None:
    """One turn at a time, whichever worker has it."""
    fronts = [Front(port) for port in house.ports]
    talk = await fronts[0].begin(http)
    for turn in range(4):
        bodies = [{"text": "I failed therapy", "client_id": f"m{turn}-{n}"} for n in range(2)]
        await asyncio.gather(*(front.same(talk).send(body) for front, body in zip(fronts, bodies)))
    answers = [row["answers"] for row in await talk.stored() if row["answers"]]
    assert answers == sorted(answers)
    assert len(set(answers)) == 8


async def test_while_redis_is_away_everything_is_answered_and_kept_and_danger_at_once(house: House, http: httpx.AsyncClient) -> None:
    """Turns are agreed upon in the database; each worker counts rates for itself. When Redis is back it is used again."""
    line_to_redis = redis.Redis(port=house.redis_port)
    talk = await Front(house.nginx_port).begin(http)
    line_to_redis.config_set("save", "")
    line_to_redis.shutdown(nosave=True)
    began = time.monotonic()
    (danger,) = [m for m in (await talk.send({"text": DANGER}))["messages"] if m["care"]]
    assert time.monotonic() - began < 5
    for front in (Front(port) for port in house.ports):
        other = await front.begin(http)
        said = (await other.send({"text": "I failed therapy"}))["messages"]
        assert said
        assert "fault on my side" not in said[-1]["text"]
        assert [m["text"] for m in await other.stored()][-1] == said[-1]["text"]
    assert danger["number"] in [m["number"] for m in await talk.stored()]
    house.start_redis()
    for _ in range(200):
        await Front(house.nginx_port).begin(http)
        try:
            if line_to_redis.keys("*LIMITER*"):
                break
        except redis.ConnectionError:
            pass
        await asyncio.sleep(0.1)
    assert line_to_redis.keys("*LIMITER*")


async def test_rasas_events_reach_the_broker_that_endpoints_yml_names(house: House, http: httpx.AsyncClient) -> None:
    """From either worker."""
    for port in house.ports:
        talk = await Front(port).begin(http)
        await talk.send({"text": "I failed therapy"})
        query, conversation = "SELECT data FROM events WHERE sender_id = ?", talk.url.rsplit("/", 1)[1]
        for _ in range(100):
            with closing(sqlite3.connect(house.folder / "events.db")) as there:
                events = [json.loads(data)["event"] for (data,) in there.execute(query, (conversation,))]
            if {"user", "bot"} <= set(events):
                break
            await asyncio.sleep(0.05)
        assert {"user", "bot"} <= set(events)


def _supporter(house: House) -> tuple[Handover, str]:
    """The console's way into the database, and an account to hold conversations."""
    database, holder = Database(house.database_url, sealer_of(house.folder / "keys")), uuid4().hex
    with database.unit() as session:
        session.add(Account(id=holder, name=holder, shown="Sam", role="supporter", created_at=now(), active_at=now()))
    return Handover(database), holder


async def _typed_after(heard: Heard, count: int) -> float:
    for _ in range(100):
        for at, name, data in heard.events[count:]:
            if name == "typing" and data["typing"]:
                return at
        await asyncio.sleep(0.025)
    pytest.fail("nobody was seen writing")
