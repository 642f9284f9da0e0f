"""The console in Chromium: a person in the widget, two supporters, and a bot that may die meanwhile."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.console import codes, passwords
from bot.settings import ROOT
from bot.store.accounts import Accounts, Role
from bot.store.alarms import Alarms
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.messages import Inbound, now
from bot.store.sealing import sealer_of
from tests.whole.conftest import REFRAME, Server, start, stop
from tests.whole.test_widget import DESK, EVIL, PHONE, browser, faults, opened, picture, say  # noqa: F401  # a fixture

SHORT = {"width": 800, "height": 900}
DANGER = "I want to kill myself"
SOON = 15_000
WITHIN_SECONDS = 2.0
"""So soon danger has to be in the queue after the person has been answered."""


@dataclass
class Place:
    """A bot and a console on one database."""

    bot: Server
    console: str
    database: Database
    folder: Path
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Both, as `make run` starts them."""
    folder = tmp_path_factory.mktemp("console")
    environment = {
        "DATABASE_URL": f"sqlite:///{folder / 'reframe.db'}",
        "REFRAME_KEYS": str(folder / "keys"),
        "REFRAME_SPOOL": str(folder / "spool"),
        "REFRAME_RATE_CONVERSATIONS": "10000/hour",
        "REFRAME_CONSENT": "false",  # so that each test is about its own matter
        "REFRAME_RATE_REQUESTS": "100000/minute",
    }
    bot = start(environment)
    console, process = started(environment)
    yield Place(bot, console, Database(environment["DATABASE_URL"], sealer_of(folder / "keys")), folder, process)
    process.terminate()
    process.wait(20)
    stop(bot)


def started(environment: dict[str, str]) -> tuple[str, subprocess.Popen[str]]:
    """A console that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen([REFRAME, "console", "serve"], env={**os.environ, **environment, "REFRAME_CONSOLE_PORT": port}, cwd=ROOT, text=True)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return url, process
    raise AssertionError("the console did not start")


class People:
    """Persons and supporters, each in a browser of their own; what a policy stopped or a script broke fails the test."""

    def __init__(self, chromium: Browser, place: Place) -> None:
        self.browser, self.place, self.contexts, self.errors = chromium, place, [], []

    def page(self, url: str, viewport: Any) -> Page:
        """A new browser on a page."""
        context = self.browser.new_context(viewport=viewport)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("dialog", lambda d: self.errors.append(f"dialog {d.message}") or d.dismiss())  # type: ignore[func-returns-value]
        page.goto(url)
        return page

    def person(self) -> Page:
        """Someone in the widget."""
        return opened(self.page(self.place.bot.url, PHONE))

    def supporter(self, shown: str, role: Role = "supporter", viewport: Any = DESK) -> Page:
        """Someone signed in to the console, by password and code."""
        name, password, secret = f"{shown.lower()}-{secrets.token_hex(3)}", passwords.one_time(), codes.new_secret()
        accounts = Accounts(self.place.database)
        who = accounts.add(name, role, shown, passwords.hashed(password))
        sealed = self.place.database.sealer.seal(secret, who.id)
        accounts.change(who.id, totp=sealed, totp_step=1, must_change=False)
        page = self.page(f"{self.place.console}/sign-in", viewport)
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("The six digits").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.wait_for_url(re.compile("/(queue|accounts|audit)$"))
        return page


@pytest.fixture
def people(browser: Browser, place: Place) -> Iterator[People]:  # noqa: F811  # the fixture that was imported
    """Whoever takes part."""
    taking = People(browser, place)
    yield taking
    for context in taking.contexts:
        context.close()
    assert taking.errors == []


def conversation_of(person: Page, place: Place) -> str:
    """The id of the person's conversation."""
    kept = person.evaluate(f"JSON.parse(localStorage['reframe:{place.bot.url}']).credentials")
    return str(kept["id"])


def card(supporter: Page, conversation: str) -> Any:
    """Its row in the queue."""
    return supporter.locator(f"[id='row-{conversation}']")


def claimed(supporter: Page, conversation: str) -> Page:
    """The conversation page, with the conversation held."""
    card(supporter, conversation).get_by_role("button", name="Claim").click()
    expect(supporter.locator("#who-speaks[data-mine=yes]")).to_be_visible(timeout=SOON)
    return supporter


def taken(supporter: Page) -> None:
    """The supporter speaks."""
    supporter.get_by_role("button", name="Take over").click()
    expect(supporter.locator("#who-speaks[data-mode=taken]")).to_be_visible(timeout=SOON)


def answer(supporter: Page, text: str) -> None:
    """As a supporter does."""
    expect(supporter.locator("#send")).to_be_enabled(timeout=SOON)
    supporter.locator("#text").fill(text)
    supporter.locator("#send").click()
    expect(supporter.locator(".line.supporter .said").last).to_have_text(text, timeout=SOON)


def test_danger_appears_is_claimed_taken_over_answered_handed_back_and_closed(people: People, place: Place) -> None:
    """The whole way, with a second supporter who sees who holds it, and the person told at each step."""
    ada, bea, person = people.supporter("Ada"), people.supporter("Bea"), people.person()
    say(person, DANGER)
    at, conversation = time.monotonic(), conversation_of(person, place)
    expect(card(ada, conversation)).to_be_visible(timeout=5_000)
    assert time.monotonic() - at < WITHIN_SECONDS
    expect(card(ada, conversation)).to_contain_text("Urgent")
    expect(card(ada, conversation)).to_contain_text("kill myself")
    expect(ada).to_have_title(re.compile(r"^\(\d+\) "))
    picture(ada, "console-queue")
    claimed(ada, conversation)
    expect(card(bea, conversation)).to_contain_text("held by Ada", timeout=SOON)
    taken(ada)
    expect(person.locator(".message.bot .words").last).to_contain_text("Ada has joined this conversation", timeout=SOON)
    ada.locator("#text").press_sequentially("Hello", delay=20)
    expect(person.locator(".typing")).to_contain_text("Ada", timeout=SOON)
    answer(ada, "Hello, I'm Ada and I'm reading what you write.")
    expect(person.locator(".message .words").last).to_contain_text("I'm Ada", timeout=SOON)
    person.locator("textarea").press_sequentially("it is", delay=30)
    expect(ada.locator(".typing")).to_contain_text("writing", timeout=SOON)
    person.locator("textarea").fill("it is hard tonight and I have a plan to kill myself")
    person.locator(".send").click()
    expect(ada.locator(".line.person .said").last).to_contain_text("hard tonight", timeout=SOON)
    expect(ada.locator(".line.person").last).to_contain_text("urgent", timeout=SOON)
    picture(ada, "console-conversation")
    ada.get_by_role("button", name="Hand back", exact=True).click()
    expect(person.locator(".message.bot .words").last).to_contain_text("Ada has left this conversation", timeout=SOON)
    ada.get_by_role("checkbox", name="people look after the danger now").check()
    ada.get_by_role("button", name="Close", exact=True).click()
    ada.wait_for_url("**/queue")
    expect(card(ada, conversation)).to_have_count(0, timeout=SOON)
    actions = {e.action for e in Audit(place.database).entries(subject=conversation)}
    wanted = ("read", "claim", "take", "say", "hand_back", "cared_for", "close")
    assert {f"conversation.{name}" for name in wanted} <= actions
    assert Audit(place.database).verify()[0] == []


def test_two_supporters_cannot_both_answer(people: People, place: Place) -> None:
    """Whoever has the page open beside is told, and the person hears one."""
    ada, bea, person = people.supporter("Ada"), people.supporter("Bea"), people.person()
    say(person, DANGER)
    conversation = conversation_of(person, place)
    for supporter in (ada, bea):
        expect(card(supporter, conversation)).to_be_visible(timeout=SOON)
    claimed(ada, conversation)
    assert bea.evaluate(f"post('/conversations/{conversation}/claim').then(answer => answer.status)") == 409
    bea.goto(f"{place.console}/conversations/{conversation}")
    expect(bea.get_by_role("heading", name="Why do you open this conversation?")).to_be_visible()
    bea.get_by_label("Reason").fill("Ada asked me to look")
    bea.get_by_role("button", name="Open it").click()
    expect(bea.locator(".line.person")).to_have_count(1)
    expect(bea.locator("#send")).to_be_disabled()
    assert "Ada asked me to look" in [e.why for e in Audit(place.database).entries(subject=conversation)]


def test_approve_first_holds_an_answer_back_until_it_is_sent_and_danger_never(people: People, place: Place) -> None:
    """Edited by the supporter; the person knows that somebody reads along."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, "hello there")
    conversation = conversation_of(person, place)
    ada.goto(f"{place.console}/conversations/{conversation}")
    ada.get_by_role("button", name="Claim it instead").click()
    ada.get_by_role("button", name="Approve first").click()
    expect(person.locator(".message.bot .words").last).to_contain_text("reads what the program wants to answer", timeout=SOON)
    before = person.locator(".message.bot").count()
    person.locator("textarea").fill("I think I've failed therapy")
    person.locator(".send").click()
    field = ada.locator(".draft textarea")
    expect(field).to_be_visible(timeout=30_000)
    assert person.locator(".message.bot").count() == before
    picture(ada, "console-approving")
    field.fill("Somebody has looked at this: it sounds like a lot to carry.")
    ada.locator(".draft").get_by_role("button", name="Send").click()
    expect(person.locator(".message.bot .words").last).to_contain_text("Somebody has looked at this", timeout=SOON)
    assert "wants to look" not in person.locator(".message.bot .words").last.inner_text()
    say(person, DANGER)
    expect(person.locator(".message.care")).to_have_count(1)
    expect(ada.locator(".draft")).to_have_count(0, timeout=SOON)


def test_a_handover_is_offered_accepted_and_offered_back(people: People, place: Place) -> None:
    """The person says yes by a button, both times."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, "hello there")
    ada.goto(f"{place.console}/conversations/{conversation_of(person, place)}")
    ada.get_by_role("button", name="Claim it instead").click()
    ada.get_by_role("button", name="Ask whether to join").click()
    person.get_by_role("button", name="Yes, please").click(timeout=SOON)
    expect(ada.locator("#state")).to_contain_text("the person said yes", timeout=SOON)
    expect(person.locator(".message.bot .words").last).to_contain_text("Ada is told now", timeout=SOON)
    taken(ada)
    answer(ada, "Here I am.")
    ada.get_by_role("button", name="Ask whether to hand back").click()
    person.get_by_role("button", name="Yes, please").last.click(timeout=SOON)
    expect(ada.locator("#state")).to_contain_text("the person said yes", timeout=SOON)
    ada.get_by_role("button", name="Hand back", exact=True).click()
    expect(person.locator(".message.bot .words").last).to_contain_text("Ada has left", timeout=SOON)


def test_asking_for_a_person_is_in_the_queue(people: People, place: Place) -> None:
    """As the trained model hears it."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, "can I talk to a real person please")
    expect(card(ada, conversation_of(person, place))).to_contain_text("Asked for a person", timeout=SOON)


def test_help_from_the_directory_is_put_into_the_answer(people: People, place: Place) -> None:
    """For the country that is chosen."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, DANGER)
    claimed(ada, conversation_of(person, place))
    taken(ada)
    ada.get_by_text("Insert from the directory of help").click()
    ada.get_by_label("Country").select_option("GB")
    expect(ada.locator("#services")).to_contain_text("Samaritans", timeout=SOON)
    ada.get_by_role("button", name="Insert").first.click()
    expect(ada.locator("#text")).to_have_value(re.compile("Samaritans|116 ?123"))


def test_the_bot_is_killed_and_the_console_lives(people: People, place: Place, tmp_path: Path) -> None:
    """The supporter reads and answers on; when the bot is back the person sees it, the supporter still speaks, and danger is still screened."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, DANGER)
    conversation = conversation_of(person, place)
    claimed(ada, conversation)
    taken(ada)
    place.bot.process.kill()
    place.bot.process.wait(30)
    answer(ada, "I am still here.")
    ada.reload()
    expect(ada.locator(".line.supporter .said").last).to_have_text("I am still here.")
    port = place.bot.url.rsplit(":", 1)[1]
    place.bot.process = start({**place.bot.environment, "REFRAME_PORT": port}).process
    expect(person.locator(".message .words").last).to_contain_text("I am still here.", timeout=60_000)
    person.locator("textarea").fill("I have the pills here and I will take them tonight")
    person.locator(".send").click()
    expect(ada.locator(".line.person .said").last).to_contain_text("pills", timeout=SOON)
    expect(ada.locator(".line.person .tag.tier-urgent").last).to_be_visible(timeout=SOON)
    assert Conversations(place.database).messages(conversation)[-1].author == "person"


def test_nothing_a_person_writes_is_run_or_shown_as_anything_but_text(people: People, place: Place) -> None:
    """In the queue, the transcript, the explanations, the plan, and complaints; by the widget and by what is below it."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, f"{DANGER} {EVIL}")
    conversation = conversation_of(person, place)
    expect(card(ada, conversation)).to_be_visible(timeout=SOON)
    claimed(ada, conversation)
    store = Conversations(place.database)
    probes = [EVIL, "<svg/onload=alert(1)>", "{{7*7}}", "<li id=m1 hx-get=/sign-out hx-trigger=load>", "data: x\n\nevent: ended\n\n", "\r\nevent: ended"]
    for probe in probes:
        store.receive(conversation, Inbound(f"{probe} I want to die", secrets.token_hex(8)))
    expect(ada.locator(".line.person")).to_have_count(1 + len(probes), timeout=SOON)
    said = ada.locator(".line.person .said").all_inner_texts()
    assert any("<svg/onload=alert(1)>" in text for text in said)
    assert any("{{7*7}}" in text for text in said)
    assert ada.locator(".lines img, .lines script, .lines [hx-get], .lines svg").count() == 0
    assert not any("\u202e" in text for text in said)
    for path in ("queue", f"conversations/{conversation}"):
        ada.goto(f"{place.console}/{path}")
        assert ada.locator("main img, main script").count() == 0


@pytest.mark.parametrize("viewport", [DESK, SHORT, PHONE], ids=["wide", "narrow", "phone"])
def test_the_pages_have_no_faults_that_axe_finds_and_fit_their_window(people: People, place: Place, viewport: Any) -> None:
    """Queue, reason, conversation, every page of every role's menu, sign-in."""
    ada, person = people.supporter("Ada", viewport=viewport), people.person()
    say(person, DANGER)
    say(person, "I'm in the UK")
    conversation = conversation_of(person, place)
    expect(card(ada, conversation)).to_be_visible(timeout=SOON)
    checked(ada)
    picture(ada, f"console-queue-{viewport['width']}")
    ada.goto(f"{place.console}/conversations/{conversation}")
    checked(ada)
    ada.get_by_role("button", name="Claim it instead").click()
    expect(ada.locator("#who-speaks[data-mine=yes]")).to_be_visible(timeout=SOON)
    taken(ada)
    ada.get_by_text("Insert from the directory of help").click()
    expect(ada.get_by_role("button", name="Insert").first).to_be_visible(timeout=SOON)
    checked(ada)
    picture(ada, f"console-conversation-{viewport['width']}")
    for role, shown in (("administrator", "Admin"), ("auditor", "Audra"), ("supervisor", "Svea")):
        other = people.supporter(shown, role, viewport)  # type: ignore[arg-type]
        picture(other, f"console-{role}-{viewport['width']}")
        for path in [link.get_attribute("href") for link in other.locator("nav a").all()]:
            Alarms(place.database).settle({conversation: "A conversation (urgent) waits for longer than its target of 2 minutes."}, now())
            other.goto(f"{place.console}{path}")
            checked(other)
    out = people.page(f"{place.console}/sign-in", viewport)
    checked(out)


def checked(page: Page) -> None:
    """No faults, no sideways scrolling."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert faults(page) == []


def test_everything_can_be_done_by_keyboard_alone(people: People, place: Place) -> None:
    """From the queue to an answer."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, DANGER)
    conversation = conversation_of(person, place)
    expect(card(ada, conversation)).to_be_visible(timeout=SOON)
    reached(ada, f"claim-{conversation}")
    ada.keyboard.press("Enter")
    expect(ada.locator("#who-speaks[data-mine=yes]")).to_be_visible(timeout=SOON)
    reached(ada, "act-take")
    ada.keyboard.press("Enter")
    expect(ada.locator("#send")).to_be_enabled(timeout=SOON)
    reached(ada, "text")
    ada.keyboard.type("By keyboard alone.")
    ada.keyboard.press("Control+Enter")
    expect(ada.locator(".line.supporter .said").last).to_have_text("By keyboard alone.", timeout=SOON)


def reached(page: Page, wanted: str) -> None:
    """Tab until an element has the focus, which can be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"{wanted} was not reached")


def test_a_conversation_that_the_person_deletes_is_gone_for_the_supporter(people: People, place: Place) -> None:
    """At once, and the audit stays."""
    ada, person = people.supporter("Ada"), people.person()
    say(person, DANGER)
    conversation = conversation_of(person, place)
    claimed(ada, conversation)
    kept = person.evaluate(f"JSON.parse(localStorage['reframe:{place.bot.url}']).credentials")
    httpx.delete(f"{place.bot.url}/api/conversations/{kept['id']}", headers={"Authorization": f"Bearer {kept['secret']}"}).raise_for_status()
    expect(ada.get_by_text("This conversation is gone")).to_be_visible(timeout=SOON)
    assert [e.action for e in Audit(place.database).entries(subject=conversation)][-1] == "conversation.claim"


def test_the_console_starts_without_rasa(tmp_path: Path) -> None:
    """Neither Rasa nor TensorFlow nor the model is loaded by it."""
    heavy = "[m for m in ('rasa', 'tensorflow', 'bot.agent.rasa', 'bot.nlu.encoder', 'spacy') if m in sys.modules]"
    program = f"import sys, bot.console.app, bot.console_wiring; print({heavy})"
    done = subprocess.run([ROOT / ".venv/bin/python", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_bot_and_the_console_may_make_the_database_at_the_same_time(tmp_path: Path) -> None:
    """As at the first `make run`."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    both = [subprocess.Popen([REFRAME, "audit", "verify"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(3)]
    assert [(process.wait(120), b"0 problem(s)" in process.communicate()[0]) for process in both] == [(0, True)] * 3


def test_an_account_is_added_on_the_command_line(tmp_path: Path) -> None:
    """It prints a one-time password; a role that is none, and a name that is taken, are said."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}

    def added(name: str, role: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([REFRAME, "console", "add-user", name, "--role", role], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    assert re.search(r"one-time password is: \S{20}", added("ada", "administrator").stdout)
    assert (added("bea", "boss").returncode, added("ada", "auditor").returncode) == (2, 2)
