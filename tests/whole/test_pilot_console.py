"""Running a pilot in Chromium: the console alone, with no bot beside it, as its own process over a database of its own."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Download, Page, expect

from bot.console.passwords import hashed
from bot.console.visits import COOKIE
from bot.desk.oversight import Supervised
from bot.settings import ROOT
from bot.store.accounts import Accounts, Role
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.messages import HELP, Inbound
from bot.store.sealing import sealer_of
from bot.store.sign_ins import Lifetimes, SignIns
from tests.store.test_desk import desk_with, echo
from tests.whole.conftest import REFRAME
from tests.whole.test_widget import AXE, DESK, browser, faults, picture  # noqa: F401  # a fixture

SOON = 20_000


@dataclass
class Console:
    """A running console and whoever is signed in to it."""

    url: str
    database: Database
    browser: Browser
    contexts: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def signed_in(self, name: str, role: Role) -> Page:
        """A page of somebody new, in a browser of their own."""
        accounts = Accounts(self.database)
        who = accounts.by_name(name) or accounts.add(name, role, name.title(), hashed("several quiet words " + name))
        accounts.change(who.id, must_change=False)
        context = self.browser.new_context(viewport=DESK)
        context.add_cookies([{"name": COOKIE, "value": SignIns(self.database, Lifetimes()).begin(who.id, "full"), "url": self.url}])
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None)
        page.goto(self.url)
        return page


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Database]]:
    """A console that answers."""
    folder = tmp_path_factory.mktemp("pilot")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    named = {"DATABASE_URL": f"sqlite:///{folder / 'reframe.db'}", "REFRAME_KEYS": str(folder / "keys"), "REFRAME_SPOOL": str(folder / "spool")}
    given = {**os.environ, **named, "REFRAME_CONSOLE_PORT": port, "REFRAME_CORRECTIONS": str(folder / "corrections.jsonl"), "REFRAME_REVIEW_TWICE": "0"}
    process = subprocess.Popen([REFRAME, "console", "serve"], env=given, cwd=ROOT)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
            break
        except httpx.TransportError:
            time.sleep(0.2)
    yield url, Database(named["DATABASE_URL"], sealer_of(folder / "keys"))
    process.terminate()
    process.wait(20)


@pytest.fixture
def console(running: tuple[str, Database], browser: Browser) -> Iterator[Console]:  # noqa: F811  # the fixture that was imported
    """The console; an error in a script, or anything that a policy stopped, fails the test."""
    made = Console(*running, browser)
    yield made
    for context in made.contexts:
        context.close()
    assert made.errors == []


def practised(console: Console, supervisor: Page, title: str) -> str:
    """A practice case that a supervisor begins; returns its conversation."""
    supervisor.goto(f"{console.url}/practice")
    supervisor.get_by_role("button", name=title).click()
    supervisor.wait_for_url("**/practice/*")
    return supervisor.url.rsplit("/", 1)[-1]


def test_a_practice_case_is_closed_by_one_and_reviewed_by_another(console: Console) -> None:
    """It is marked wherever it shows; who closed it is refused as its reviewer; the colleague's review is kept, and the audit is in order."""
    sue, ada, bea = console.signed_in("sue", "supervisor"), console.signed_in("ada", "supporter"), console.signed_in("bea", "supporter")
    conversation = practised(console, sue, "Present danger")
    ada.goto(f"{console.url}/queue")
    card = ada.locator(f"[id='row-{conversation}']")
    expect(card).to_contain_text("PRACTICE", timeout=SOON)
    card.get_by_role("button", name="Claim").click()
    expect(ada.locator("#who-speaks[data-mine=yes]")).to_be_visible(timeout=SOON)  # or going on would break the claim off
    expect(ada.locator(".practice-banner")).to_contain_text("made up")
    picture(ada, "console-practice")
    ada.get_by_role("button", name="Close", exact=True).click()
    ada.wait_for_url("**/queue")
    bea.goto(f"{console.url}/reviews")
    link = bea.get_by_role("link", name=re.compile(r"^Case \d+$")).last
    path = str(link.get_attribute("href"))
    ada.goto(f"{console.url}{path}")
    expect(ada.get_by_role("heading", name="That is not possible")).to_be_visible()
    link.click()
    expect(bea.locator(".practice-banner")).to_be_visible()
    for name in ("Detect", "Confirm", "Guide", "Support", "Boundaries"):
        bea.get_by_role("group", name=re.compile(f"^{name}")).get_by_role("radio").first.check()
    picture(bea, "console-review")
    bea.get_by_role("button", name="Keep the review").click()
    expect(bea.get_by_role("heading", name="The review is kept")).to_be_visible()
    bea.goto(f"{console.url}{path}")
    expect(bea.get_by_role("heading", name="That is not possible")).to_be_visible()
    assert Audit(console.database).verify()[0] == []


async def said_by_the_bot(console: Console) -> str:
    """What another process answers to an ordinary message, on the same database. Its author and text."""
    desk = desk_with(Conversations(console.database), echo)
    desk.oversight = Supervised(console.database)
    (said,) = await desk.receive(desk.store.open("web").id, Inbound("hello"))
    return f"{said.author}: {said.text}"


def run(work: Any) -> Any:
    """A coroutine, beside Playwright's own loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_one_button_stops_automatic_replies_in_another_process(console: Console) -> None:
    """They are given again only by a supervisor; meanwhile it stands on every page."""
    sue, ada = console.signed_in("sue", "supervisor"), console.signed_in("ada", "supporter")
    assert run(said_by_the_bot(console)) == "bot: heard hello"
    ada.goto(f"{console.url}/stop")
    ada.get_by_label("Why").fill("it says odd things")
    ada.get_by_role("button", name="Stop all automatic replies").click()
    expect(ada.locator(".stopped")).to_contain_text("Automatic replies are stopped")
    assert run(said_by_the_bot(console)).startswith(f"{HELP}: The automatic answers of this chat are switched off")
    expect(ada.get_by_role("button", name="Give automatic replies again")).to_have_count(0)
    sue.goto(f"{console.url}/stop")
    sue.get_by_label("Why they may go on").fill("mended")
    sue.get_by_role("button", name="Give automatic replies again").click()
    expect(sue.locator(".stopped")).to_have_count(0)
    assert run(said_by_the_bot(console)) == "bot: heard hello"


def test_the_figures_can_be_taken_away_as_a_file_in_which_practice_is_not_counted(console: Console) -> None:
    """Six practice cases are none."""
    sue = console.signed_in("sue", "supervisor")
    for _ in range(6):
        practised(console, sue, "Present danger")
    sue.goto(f"{console.url}/figures")
    expect(sue.locator("svg.chart").first).to_be_visible()
    picture(sue, "console-figures")
    with sue.expect_download() as awaited:
        sue.get_by_role("link", name="As a table (CSV)").click()
    taken: Download = awaited.value
    rows = {tuple(row[:2]): row[2:] for row in csv.reader(io.StringIO(Path(str(taken.path())).read_text(encoding="utf-8")))}
    assert rows["Conversations", "with present danger"] == ["fewer than 5"] * 3


@pytest.mark.parametrize("path", ["reviews", "debrief", "debriefs", "duty", "stop", "practice", "alarms", "phrases", "figures"])
def test_the_pages_have_no_fault_that_axe_finds(console: Console, path: str) -> None:
    """In the browser, with its styles."""
    if not AXE.exists():
        (pytest.fail if os.environ.get("REFRAME_TEST_EVERYTHING") else pytest.skip)("axe-core is not installed")
    sue = console.signed_in("sue", "supervisor")
    sue.goto(f"{console.url}/{path}")
    assert faults(sue) == []


def test_an_approved_phrase_is_found_and_put_into_the_answer(console: Console) -> None:
    """By its words, beside the conversation, by keyboard alone."""
    sue, ada = console.signed_in("sue", "supervisor"), console.signed_in("ada", "supporter")
    conversation = practised(console, sue, "Asks for a person")
    ada.goto(f"{console.url}/queue")
    ada.locator(f"[id='row-{conversation}']").get_by_role("button", name="Claim").click()
    expect(ada.locator("#who-speaks[data-mine=yes]")).to_be_visible(timeout=SOON)  # or going on would break the claim off
    ada.get_by_role("button", name="Take over").click()
    ada.locator("summary", has_text="Approved phrases").focus()
    ada.keyboard.press("Enter")
    ada.locator("#phrase-words").press_sequentially("plainly killing", delay=20)
    found = ada.locator("#phrases button")
    expect(found).to_have_count(1, timeout=SOON)
    found.focus()
    ada.keyboard.press("Enter")
    expect(ada.locator("#text")).to_have_value(re.compile("thinking about killing yourself"))
