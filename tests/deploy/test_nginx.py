"""deploy/nginx as it is, before two workers: a real nginx, TLS, streams that pass at once. Behind the workers is everything but the trained agent."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import ssl
import subprocess
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, AsyncIterator, Optional

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from prometheus_client import REGISTRY

from bot.bench.processes import free_port
from bot.channels.web import Site, web_app
from bot.safety.screening import assess
from bot.settings import ROOT
from bot.store.conversations import Conversations
from bot.store.database import Database, StoreAway
from tests.conftest import keys
from tests.store.test_desk import desk_with, echo

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""
CHAT, CONSOLE = "chat.test", "console.test"
MAIN = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{}}
http {{ include {folder}/reframe.conf; {temp} }}
"""
TEMP = " ".join(f"{name}_temp_path {{folder}}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

pytestmark = pytest.mark.skipif(not NGINX and not os.environ.get("REFRAME_TEST_EVERYTHING"), reason="nginx is not installed")


@dataclass
class Behind:
    """What stands behind nginx: its folder, its two ports, the workers' servers, and what the console was asked."""

    folder: Path
    http: int
    https: int
    workers: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    database: Optional[Database] = None
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def client(self, name: str = CHAT) -> httpx.AsyncClient:
        """A client that knows the certificate and comes to one of the names."""
        trusting = ssl.create_default_context(cafile=str(self.folder / "chat.crt"))
        return httpx.AsyncClient(base_url=f"https://127.0.0.1:{self.https}", verify=trusting, headers={"Host": name}, timeout=15)


def certificate(folder: Path) -> None:
    """One of its own making, for both names."""
    key, at = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, CHAT)])
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName(CHAT), x509.DNSName(CONSOLE)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1).add_extension(names, critical=False)
    signed = made.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=1)).sign(key, SHA256())
    for who in ("chat", "console"):
        (folder / f"{who}.crt").write_bytes(signed.public_bytes(Encoding.PEM))
        (folder / f"{who}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def configured(behind: Behind, workers: list[int], console: int) -> Path:
    """The template with names, ports and folders of the test in it, and nothing else changed."""
    template = (ROOT / "deploy/nginx/reframe.conf.template").read_text(encoding="utf-8")
    replaced = {
        "${REFRAME_CHAT_NAME}": CHAT,
        "${REFRAME_CONSOLE_NAME}": CONSOLE,
        "listen 8080": f"listen 127.0.0.1:{behind.http}",
        "listen 8443": f"listen 127.0.0.1:{behind.https}",
        "bot-1:5005": f"127.0.0.1:{workers[0]}",
        "bot-2:5005": f"127.0.0.1:{workers[1]}",
        "console:5006": f"127.0.0.1:{console}",
        "/etc/nginx/tls": str(behind.folder),
        "/dev/stdout": str(behind.folder / "access.log"),
    }
    for old, new in replaced.items():
        assert old in template
        template = template.replace(old, new)
    (behind.folder / "reframe.conf").write_text(template, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""
    main = behind.folder / "nginx.conf"
    main.write_text(MAIN.format(folder=behind.folder, user=user, temp=TEMP.format(folder=behind.folder)), encoding="utf-8")
    return main


async def worker(store: Conversations, port: int) -> Any:
    """A worker on a port."""
    app = web_app(desk_with(store, echo), Site(proxies=1))
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.start_serving()
    return server


async def gone(server: Any) -> None:
    """As if its process had been killed: it hears nothing more, and the lines it had are cut."""
    await server.close()
    for connection in list(server.connections):
        connection.transport.abort()


async def console(behind: Behind, port: int) -> asyncio.AbstractServer:
    """In place of the console: notes what it is asked, says a first word at once and the second only when it may."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        behind.asked.append({name.lower(): value for name, value in re.findall(r"^([A-Za-z-]+): (.*)\r$", head, re.MULTILINE)})
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: first\n\n")
        await writer.drain()
        await behind.more.wait()
        writer.write(b"data: second\n\n")
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Behind]:
    """All of it."""
    assess("")  # reads its word lists, as a server does before it listens
    behind, ports = Behind(folder, free_port(), free_port()), [free_port(), free_port(), free_port()]
    certificate(folder)
    main = configured(behind, ports[:2], ports[2])
    database = Database(f"sqlite:///{folder}/reframe.db", keys())
    database.migrate()
    behind.database = database
    await asyncio.to_thread(subprocess.run, [NGINX, "-t", "-q", "-c", main], check=True)
    async with AsyncExitStack() as stack:
        before = asyncio.all_tasks()
        behind.workers = [await worker(Conversations(database), port) for port in ports[:2]]
        stack.push_async_callback(_ended, before)
        other = await console(behind, ports[2])
        stack.callback(other.close)
        process = await asyncio.create_subprocess_exec(NGINX, "-c", main)
        stack.push_async_callback(process.wait)
        stack.callback(process.terminate)
        async with behind.client() as http:
            for _ in range(200):
                try:
                    await http.get("/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield behind
        for server in behind.workers:
            await gone(server)


async def _ended(before: set[asyncio.Task[Any]]) -> None:
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def begun(http: httpx.AsyncClient) -> str:
    """The path of a new conversation; its secret goes with the client from now on."""
    new = (await http.post("/api/conversations/")).json()
    http.headers["Authorization"] = f"Bearer {new['secret']}"
    return f"/api/conversations/{new['id']}"


async def test_a_stream_passes_at_once_and_goes_on(tmp_path: Path) -> None:
    """What is said beside it arrives in it while it is open, and it is counted as long as it is."""
    async with running(tmp_path) as behind, behind.client() as http:
        where = await begun(http)
        async with http.stream("GET", f"{where}/events") as stream:
            lines = stream.aiter_lines()
            await _until(lines, "event: current")
            assert REGISTRY.get_sample_value("reframe_open_streams") == 1
            assert (await http.post(f"{where}/messages", json={"text": "hello there"})).status_code == 200
            await _until(lines, "heard hello there")
        for _ in range(100):
            if REGISTRY.get_sample_value("reframe_open_streams") == 0:
                break
            await asyncio.sleep(0.1)
        assert REGISTRY.get_sample_value("reframe_open_streams") == 0


async def _until(lines: AsyncIterator[str], wanted: str) -> None:
    async def heard() -> None:
        async for line in lines:
            if wanted in line:
                return
        pytest.fail(f"the stream ended before {wanted}")

    await asyncio.wait_for(heard(), 10)


async def test_what_the_console_says_passes_at_once_and_nobody_can_claim_another_address(tmp_path: Path) -> None:
    """Also from a server that asks for nothing of the kind."""
    async with running(tmp_path) as behind, behind.client(CONSOLE) as http:
        async with http.stream("GET", "/queue/events", headers={"X-Forwarded-For": "192.0.2.7"}) as stream:
            lines = stream.aiter_lines()
            await _until(lines, "first")
            behind.more.set()
            await _until(lines, "second")
        assert behind.asked[0]["x-forwarded-for"] == "127.0.0.1"
        assert behind.asked[0]["host"] == CONSOLE


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [(CHAT, "/", 200), (CHAT, "/healthz", 200), (CHAT, "/privacy", 200), (CHAT, "/metrics", 404), (CHAT, "/readyz", 404), (CONSOLE, "/metrics", 404)],
)
async def test_people_see_pages_and_nobody_sees_the_inside(tmp_path: Path, name: str, path: str, status: int) -> None:
    """By TLS, which browsers are told to keep to."""
    async with running(tmp_path) as behind, behind.client(name) as http:
        answer = await http.get(path)
        assert answer.status_code == status
        assert "max-age" in answer.headers["Strict-Transport-Security"] or status == 404
        assert not re.search(r"\d", answer.headers["Server"])


async def test_who_comes_without_tls_is_sent_to_it(tmp_path: Path) -> None:
    """To the same page."""
    async with running(tmp_path) as behind, httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{behind.http}/privacy?x=1", headers={"Host": CHAT})
        assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{CHAT}/privacy?x=1")


async def test_when_a_worker_is_gone_the_other_answers_and_when_both_are_help_is_named(tmp_path: Path) -> None:
    """Nobody sees a page of nginx."""
    async with running(tmp_path) as behind, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(behind.client()) for _ in range(6)]
        where = [await begun(http) for http in people]
        await gone(behind.workers.pop())
        for http, path in zip(people, where):
            said = await http.post(f"{path}/messages", json={"text": "still there?"})
            assert said.json()["messages"][-1]["text"] == "heard still there?"
        await gone(behind.workers.pop())
        answer = await people[0].post(f"{where[0]}/messages", json={"text": "and now?"})
        assert answer.status_code == 503
        assert "emergency number" in answer.json()["error"]["message"]


async def test_while_the_database_is_away_danger_is_answered_however_many_reads_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker without a database is no worker that is gone."""

    def away() -> None:
        raise StoreAway("away")

    async with running(tmp_path) as behind, behind.client() as http:
        where = await begun(http)
        monkeypatch.setattr(behind.database, "unit", away)
        for _ in range(4):
            assert (await http.get(f"{where}/messages")).status_code == 503
        answer = await http.post(f"{where}/messages", json={"text": "I want to kill myself"})
        assert answer.status_code == 200
        assert "emergency number" in answer.json()["messages"][-1]["text"]


async def test_a_message_of_any_length_that_the_bot_takes_passes(tmp_path: Path) -> None:
    """And what is longer is refused."""
    async with running(tmp_path) as behind, behind.client() as http:
        where = await begun(http)
        assert (await http.post(f"{where}/messages", content=json.dumps({"text": "a " * 50_000}))).status_code == 200
        assert (await http.post(f"{where}/messages", content="x" * 1_200_000)).status_code == 413


async def test_what_is_written_down_tells_of_nobody(tmp_path: Path) -> None:
    """No address, no id of a conversation, no secret; that something was asked, and how long it took."""
    async with running(tmp_path) as behind, behind.client() as http:
        where = await begun(http)
        await http.post(f"{where}/messages", json={"text": "hello"})
    logged = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert "POST 200" in logged
    for secret in (where.rsplit("/", 1)[1], http.headers["Authorization"].split()[1], "127.0.0.1", "hello"):
        assert secret not in logged
