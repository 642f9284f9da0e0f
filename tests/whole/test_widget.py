"""The chat widget in Chromium, on its demo page and on a page with a strict policy, as someone would use it on a phone or a computer."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from bot.desk.consenting import NO, TAKE_BACK, YES
from bot.desk.standing import moment
from bot.reframing.loading import load
from bot.settings import ROOT
from bot.store import tables
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.handover import Handover
from bot.store.sealing import sealer_of
from tests.whole.conftest import RATES, Server, start, stop

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(os.environ.get("REFRAME_TEST_PICTURES", ROOT / "var" / "screenshots"))
"""Where the pictures of every state are kept."""
MOST_BYTES = 30_000
EVIL = "<img src=x onerror=alert(1)></script>[x](javascript:alert(1)) \u202egnp.exe javascript:alert(1)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium. Without it the tests are skipped, except where everything has to run."""
    if not shutil.which(CHROMIUM):
        (pytest.fail if os.environ.get("REFRAME_TEST_EVERYTHING") else pytest.skip)("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not ask for leave, so that each test is about its own matter; the last one asks."""
    running = start({"DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('widget') / 'reframe.db'}", "REFRAME_CONSENT": "false", **RATES})
    yield running
    stop(running)


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Any]:
    """Open a page as a new visitor; an error in a script, or anything that a policy stopped, fails the test."""
    contexts, errors = [], []

    def visiting(url: str = server.url, **more: Any) -> Page:
        context = browser.new_context(viewport=more.pop("viewport", PHONE), **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("dialog", lambda d: errors.append(f"dialog {d.message}") or d.dismiss())  # type: ignore[func-returns-value]
        page.goto(url)
        return page

    yield visiting
    for context in contexts:
        context.close()
    assert errors == []


def opened(page: Page, name: str = "Open the chat") -> Page:
    """With the chat open and greeted."""
    page.get_by_role("button", name=name).click()
    expect(page.locator(".message.bot").first).to_be_visible(timeout=15_000)
    return page


def say(page: Page, text: str) -> str:
    """Type, send, and wait for the answer."""
    before = page.locator(".message.bot").count()
    page.locator("textarea").fill(text)
    page.locator(".send").click()
    expect(page.locator(".message.bot")).not_to_have_count(before, timeout=30_000)
    return page.locator(".message.bot .words").last.inner_text()


def picture(page: Page, name: str) -> None:
    """Keep how it looks."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


def test_the_whole_conversation_with_reframe_and_crisis(visit: Any) -> None:
    """A reframe, then an answer to danger as a card with links, and people to call in the country that was named."""
    page = opened(visit())
    said = say(page, "I think I've failed therapy")
    assert any(line.text in " ".join(said.split()) for line in load().beliefs["failed_therapy"].reframes)
    say(page, "I'm in the UK and I want to kill myself")
    care = page.locator(".message.care").last
    assert care.locator(".service a[href='tel:116123']").count() == 1
    assert care.locator("a[href='tel:999']").count() == 1
    picture(page, "crisis-phone")


def test_a_reload_brings_everything_back_once_and_the_draft_too(visit: Any) -> None:
    """History, draft, country."""
    page = opened(visit())
    say(page, "hello there")
    page.locator("textarea").fill("half a sentence")
    page.get_by_role("button", name="Help now").click()
    page.get_by_label("Where are you?").select_option("IE")
    page.reload()
    opened(page)
    expect(page.locator(".message")).to_have_count(3)
    expect(page.locator("textarea")).to_have_value("half a sentence")
    page.get_by_role("button", name="Help now").click()
    expect(page.get_by_label("Where are you?")).to_have_value("IE")


def test_two_tabs_show_every_message_once_and_in_order(visit: Any) -> None:
    """What one writes, the other shows."""
    first = opened(visit())
    second = first.context.new_page()
    second.goto(first.url)
    opened(second)
    say(first, "hello there")
    expect(second.locator(".message")).to_have_count(3, timeout=10_000)
    say(second, "I failed therapy")
    expect(first.locator(".message")).to_have_count(5, timeout=10_000)
    assert first.locator(".message .words").all_inner_texts() == second.locator(".message .words").all_inner_texts()


def test_a_message_written_without_a_connection_is_sent_when_it_is_back(visit: Any) -> None:
    """It stays on the screen, the person is told, it survives a reload of the page, and is answered once."""
    page = opened(visit())
    page.context.set_offline(True)
    page.locator("textarea").fill("hello there")
    page.locator(".send").click()
    expect(page.locator(".message.waiting")).to_contain_text("Not sent yet")
    expect(page.locator(".status")).to_contain_text("kept here")
    page.context.set_offline(False)
    expect(page.locator(".message.bot")).to_have_count(2, timeout=30_000)
    expect(page.locator(".message.person")).to_have_count(1)
    expect(page.locator(".message.waiting")).to_have_count(0)


def test_the_server_is_killed_and_started_and_nothing_is_lost_or_doubled(visit: Any, tmp_path: Path) -> None:
    """As after a crash: what was written meanwhile is answered when it is back, by itself."""
    running = start({"DATABASE_URL": f"sqlite:///{tmp_path / 'one.db'}", "REFRAME_SPOOL": str(tmp_path / "spool"), "REFRAME_CONSENT": "false"})
    try:
        page = opened(visit(running.url))
        say(page, "hello there")
        running.process.kill()
        running.process.wait(30)
        page.locator("textarea").fill("I failed therapy")
        page.locator(".send").click()
        expect(page.locator(".message.waiting")).to_have_count(1)
        port = running.url.rsplit(":", 1)[1]
        running = start({**running.environment, "REFRAME_PORT": port})
        expect(page.locator(".message.bot")).to_have_count(3, timeout=60_000)
        expect(page.locator(".message.person")).to_have_count(2)
    finally:
        stop(running)


@pytest.mark.parametrize("way", ["button", "escape"])
def test_leaving_quickly_goes_away_and_leaves_nothing_behind(visit: Any, way: str) -> None:
    """One button, or Escape three times: another page, nothing in the browser, no way back to it."""
    page = visit()
    page.context.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="<p>elsewhere</p>", content_type="text/html"))
    opened(page)
    say(page, "hello there")
    home = page.url
    if way == "button":
        page.get_by_role("button", name="Leave quickly").click()
    else:
        for _ in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/**")
    page.go_back()
    assert page.url != home
    page.goto(home)
    assert page.evaluate("localStorage.length") == 0


def test_help_is_there_without_a_server_and_only_for_the_country_that_was_chosen(visit: Any) -> None:
    """The list is in the widget; no country is guessed."""
    page = opened(visit())
    page.context.set_offline(True)
    page.get_by_role("button", name="Help now").click()
    expect(page.locator(".cover .service")).to_have_count(1)
    expect(page.locator(".emergency")).to_contain_text("your local emergency number")
    page.get_by_label("Where are you?").select_option("GB")
    expect(page.locator(".cover a[href='tel:116123']")).to_have_count(1)
    expect(page.locator(".emergency a")).to_have_attribute("href", "tel:999")
    assert page.locator(".cover").get_by_text("988").count() == 0
    picture(page, "help-phone")


def test_what_is_written_is_shown_as_text_and_never_run(visit: Any) -> None:
    """Markup stays markup, no address but http becomes a link, and nothing turns the direction of an address."""
    page = opened(visit())
    say(page, f"{EVIL} https://example.org/a")
    own = page.locator(".message.person .words").last
    assert "<img src=x onerror=alert(1)></script>" in own.inner_text()
    assert page.locator(".log img, .log script").count() == 0
    assert own.locator("a").evaluate_all("links => links.map(a => a.href)") == ["https://example.org/a"]
    assert "\u202e" not in own.inner_text()


def test_long_words_emoji_and_4000_characters_fit_a_small_phone(visit: Any) -> None:
    """No sideways scrolling; the field, help and the way out stay in reach."""
    page = opened(visit())
    say(page, ("x" * 300 + " 😞 ") * 13)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name in ("Help now", "Leave quickly", "Send"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport()
    expect(page.locator("textarea")).to_be_in_viewport()


def test_deleting_asks_erases_on_the_server_and_says_so(visit: Any, server: Server) -> None:
    """Not before it was confirmed, and with nothing left behind the old key."""
    page = opened(visit())
    say(page, "private words")
    kept = page.evaluate(f"JSON.parse(localStorage['reframe:{server.url}']).credentials")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete the conversation").click()
    page.get_by_role("button", name="No, keep it").click()
    expect(page.get_by_text("private words")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete the conversation").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.locator(".status")).to_contain_text("Everything has been deleted")
    expect(page.get_by_text("private words")).to_have_count(0)
    answer = page.request.get(f"{server.url}/api/conversations/{kept['id']}/messages", headers={"Authorization": f"Bearer {kept['secret']}"})
    assert answer.status == 404


def test_a_supporter_joins_speaks_writes_and_leaves_and_it_is_always_said_who_speaks(visit: Any, server: Server) -> None:
    """Announced in the conversation, in the header and at each message; the program is silent meanwhile; a reload changes nothing."""
    page = opened(visit())
    say(page, "hello there")
    conversation = page.evaluate("JSON.parse(Object.values(localStorage)[0]).credentials.id")
    database = Database(server.environment["DATABASE_URL"], sealer_of(Path(server.environment["REFRAME_KEYS"])))
    hands, store = Handover(database), Conversations(database)
    expect(page.locator(".speaking")).to_have_text("A program, not a person")
    hands.join(conversation, "1", "Sam <b>", moment("joined").replace("{name}", "Sam <b>"))
    expect(page.locator(".speaking")).to_have_text("Sam <b>, a person", timeout=10_000)
    expect(page.locator(".message.bot .words").last).to_contain_text("Sam <b> has joined this conversation")
    hands.types(conversation, "1")
    expect(page.locator(".typing")).to_have_text("Sam <b> is writing", timeout=10_000)
    hands.say(conversation, "1", "Hello, I'm here now.")
    expect(page.locator(".message.supporter")).to_contain_text("Sam <b>, a person", timeout=10_000)
    page.locator("textarea").press_sequentially("I want to kill myself")
    picture(page, "supporter-phone")
    page.locator(".send").click()
    expect(page.locator(".message.person").last).to_contain_text("kill myself")
    expect(page.locator(".message.waiting")).to_have_count(0)
    assert store.messages(conversation)[-1].author == "person"
    page.reload()
    opened(page)
    expect(page.locator(".speaking")).to_have_text("Sam <b>, a person")
    assert page.locator(".message.person + .message.care").count() == 0
    assert faults(page) == []
    hands.hand_back(conversation, "1", moment("handed_back").replace("{name}", "Sam"))
    expect(page.locator(".speaking")).to_have_text("A program, not a person", timeout=10_000)
    with database.unit() as session:
        assert session.execute(select(tables.Conversation.person_typing_at).filter_by(id=conversation)).scalar() is not None
    database.engine.dispose()


def spoken(nodes: list[dict[str, Any]]) -> Iterator[str]:
    """Role and name of what a screen reader meets, in its order: depth first."""
    known = {node["nodeId"]: node for node in nodes}

    def below(node: dict[str, Any]) -> Iterator[str]:
        if not node["ignored"]:
            yield f"{node['role']['value']}: {node.get('name', {}).get('value', '')}"
        for child in node.get("childIds", []):
            if child in known:
                yield from below(known[child])

    return below(nodes[0])


def test_a_screen_reader_reads_in_the_order_of_the_page(visit: Any) -> None:
    """Who speaks, help and the way out, then the conversation, each message with its speaker, then the choices, then the field."""
    page = opened(visit())
    say(page, "hello there")
    say(page, "what can you do?")
    session = page.context.new_cdp_session(page)
    told = list(spoken(session.send("Accessibility.getFullAXTree")["nodes"]))
    wanted = [
        *("heading: Reframe", "StaticText: A program, not a person", "button: Help now", "button: Leave quickly", "log: Conversation"),
        *("StaticText: You", "StaticText: hello there", "StaticText: Program", "StaticText: what can you do?", "button: Looking back"),
        *("textbox: Your message", "button: Send"),
    ]
    at = 0
    for want in wanted:
        at = next((place for place in range(at, len(told)) if told[place].startswith(want)), -1)
        assert at >= 0, f"{want} comes too early or not at all: {told}"


def test_what_was_wrong_with_an_answer_can_be_said(visit: Any, server: Server) -> None:
    """It is kept for whoever looks after the chat, and said to be; it goes with its conversation."""
    page = opened(visit())
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Something was wrong with an answer").click()
    page.get_by_label("What was wrong?").fill("it did not hear me at all")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("It has been kept")).to_be_visible()
    assert "it did not hear me at all" in complaints(server)
    assert faults(page) == []
    page.get_by_role("button", name="Back to the chat").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete the conversation").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.locator(".status")).to_contain_text("Everything has been deleted")
    assert "it did not hear me at all" not in complaints(server)


def complaints(server: Server) -> str:
    """What the command prints."""
    command = [ROOT / ".venv" / "bin" / "reframe", "safety", "complaints"]
    return subprocess.run(command, env={**os.environ, **server.environment}, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_the_conversation_can_be_saved_as_a_file(visit: Any) -> None:
    """With who said what."""
    page = opened(visit())
    say(page, "hello there")
    page.get_by_role("button", name="More").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the conversation").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert re.search(r"You:\nhello there\n", saved)
    assert saved.count("Program:") == 2


def test_choices_are_buttons_that_work_and_go_away(visit: Any) -> None:
    """A reflection by touch."""
    page = opened(visit())
    say(page, "what can you do?")
    page.get_by_role("button", name=load().reflections["small_shifts"].title).click()
    expect(page.locator(".message.bot .words").last).to_contain_text(load().reflections["small_shifts"].opening)
    expect(page.locator(".choices")).to_have_count(0)


def test_news_while_it_is_closed_are_counted_on_the_button(visit: Any) -> None:
    """And counted as seen when it is opened."""
    page = opened(visit())
    other = page.context.new_page()
    other.goto(page.url)
    opened(other)
    page.get_by_role("button", name="Close the chat").click()
    say(other, "hello there")
    expect(page.locator(".badge")).to_have_text("1 new", timeout=10_000)
    page.get_by_role("button", name="Open the chat").click()
    page.get_by_role("button", name="Close the chat").click()
    expect(page.locator(".badge")).to_have_count(0)


def test_keyboard_alone_is_enough_and_focus_returns(visit: Any) -> None:
    """Open, write, send, close; the focus is in the field, and afterwards on the button again."""
    page = visit(viewport=DESK)
    page.get_by_role("button", name="Open the chat").focus()
    page.keyboard.press("Enter")
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator(".message.bot")).to_have_count(1, timeout=15_000)
    page.keyboard.type("hello there")
    page.keyboard.press("Enter")
    expect(page.locator(".message.bot")).to_have_count(2, timeout=30_000)
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()


def test_each_message_is_added_to_the_live_region_once(visit: Any) -> None:
    """A screen reader reads what is added; what was there is never drawn anew."""
    page = opened(visit())
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => { const log = document.querySelector("reframe-chat").shadowRoot.querySelector("[role=log]"); window.added = [];
        new MutationObserver(all => all.forEach(m => m.addedNodes.forEach(n => n.classList?.contains("message") && window.added.push(n.textContent))))
        .observe(log, {childList: true}); }"""
    )
    say(page, "hello there")
    page.wait_for_timeout(3500)
    assert len(page.evaluate("window.added")) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["closed", "chat", "crisis", "choices", "help", "more", "erase", "offline"])
def test_axe_finds_nothing_in_any_state(visit: Any, state: str, theme: str) -> None:
    """WCAG 2.2 AA and its good practices, in both themes; the pictures are kept."""
    page = visit(viewport=DESK, color_scheme=theme)
    if state != "closed":
        opened(page)
    if state in ("crisis", "choices", "chat"):
        say(page, {"crisis": "I'm in the UK and I want to die", "choices": "what can you do?", "chat": "I failed therapy"}[state])
    if state == "offline":
        page.context.set_offline(True)
        page.locator("textarea").fill("hello")
        page.locator(".send").click()
        expect(page.locator(".status")).to_contain_text("kept here")
    if state == "help":
        page.get_by_role("button", name="Help now").click()
        page.get_by_label("Where are you?").select_option("US")
    if state in ("more", "erase"):
        page.get_by_role("button", name="More").click()
    if state == "erase":
        page.get_by_role("button", name="Delete the conversation").click()
    picture(page, f"{state}-{theme}")
    assert faults(page) == []


class Elsewhere:
    """A page of another origin, with headers of its own."""

    def __init__(self, folder: Path, headers: dict[str, str]) -> None:
        class Handler(http.server.SimpleHTTPRequestHandler):
            def end_headers(self) -> None:
                for name, value in headers.items():
                    self.send_header(name, value)
                super().end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"


HOST = """<!doctype html><html lang="{lang}" dir="{dir}"><meta charset="utf-8"><title>Host</title>
<link rel="stylesheet" href="host.css"><main><h1>Host</h1></main>
<script src="{server}/widget.js" data-lang="{lang}" {more}></script></html>"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A strict host page of another origin, which the server allows: German, Arabic, and with a theme of its own."""
    folder = tmp_path_factory.mktemp("host")
    with_server: dict[str, str] = {}
    page = Elsewhere(folder, with_server)
    running = start(
        {"DATABASE_URL": f"sqlite:///{folder / 'reframe.db'}", "REFRAME_ORIGINS": page.url, "REFRAME_RATE_MESSAGES": "3/minute", "REFRAME_CONSENT": "false"}
    )
    bot = running.url
    with_server["Content-Security-Policy"] = f"default-src 'none'; script-src {bot}; style-src 'self'; connect-src {bot}; img-src 'self'"
    loud = "* { color: red !important; font-size: 40px !important } p, button { display: none !important }"
    (folder / "host.css").write_text(f"{loud} :root {{ --reframe-accent: #4b2e83 }}")
    for lang, direction in (("de", "ltr"), ("ar", "rtl"), ("en", "ltr")):
        (folder / f"{lang}.html").write_text(HOST.format(lang=lang, dir=direction, server=running.url, more='data-theme="light"'), encoding="utf-8")
    (folder / "favicon.ico").write_bytes(b"")
    yield running, page.url
    stop(running)
    page.http.shutdown()


def test_it_works_under_a_strict_policy_and_no_style_leaks_either_way(visit: Any, elsewhere: tuple[Server, str]) -> None:
    """No inline script or style is needed; the host's rules stop at the widget, its accent is taken over."""
    page = opened(visit(f"{elsewhere[1]}/en.html"))
    say(page, "hello there")
    send = page.locator(".send")
    assert send.evaluate("e => getComputedStyle(e).fontSize") == "16px"
    assert send.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(75, 46, 131)"
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    assert "secret" not in page.url


@pytest.mark.parametrize(("lang", "open_it", "direction"), [("de", "Chat öffnen", "ltr"), ("ar", "افتح المحادثة", "rtl")])
def test_other_languages_and_right_to_left(visit: Any, elsewhere: tuple[Server, str], lang: str, open_it: str, direction: str) -> None:
    """The interface speaks them, says that the conversation is English, and axe is content."""
    page = opened(visit(f"{elsewhere[1]}/{lang}.html"), open_it)
    root = page.locator("reframe-chat .root")
    assert (root.get_attribute("dir"), root.get_attribute("lang")) == (direction, lang)
    expect(page.locator(".notice")).to_contain_text({"de": "Englisch", "ar": "بالإنجليزية"}[lang])
    box, close = page.locator(".panel").bounding_box(), page.locator("header .icon").last.bounding_box()
    assert box is not None
    assert close is not None
    assert (close["x"] < box["x"] + box["width"] / 2) == (direction == "rtl")
    picture(page, f"language-{lang}")
    assert faults(page) == []


def test_too_much_at_once_is_told_and_sent_later(visit: Any, elsewhere: tuple[Server, str]) -> None:
    """What was written stays, with the reason."""
    page = opened(visit(f"{elsewhere[1]}/en.html"))
    for n in range(4):
        page.locator("textarea").fill(f"hello {n}")
        page.locator(".send").click()
    expect(page.locator(".status")).to_contain_text("very much in a short time", timeout=30_000)
    expect(page.locator(".message.person")).to_have_count(4)
    expect(page.locator(".message.waiting")).to_have_count(1)


def test_without_javascript_the_page_says_where_help_is(visit: Any) -> None:
    """In plain words."""
    page = visit(java_script_enabled=False)
    expect(page.locator(".noscript")).to_contain_text("local emergency number")


def test_it_fits_at_200_percent_and_does_not_move_when_that_is_unwanted(visit: Any) -> None:
    """A zoom of 200 % is half the width."""
    page = opened(visit(viewport={"width": 640, "height": 400}, reduced_motion="reduce", forced_colors="active"))
    say(page, "hello there")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(page.locator("textarea")).to_be_in_viewport()
    picture(page, "zoomed-forced-colours")


def test_the_script_stays_within_its_budget() -> None:
    """All in, compressed."""
    assert len(gzip.compress((ROOT / "bot" / "channels" / "page" / "widget.js").read_bytes(), 9)) <= MOST_BYTES


@pytest.mark.parametrize(("path", "words"), [("/safety-protocol", "Safety"), ("/privacy", "What is kept")])
def test_the_pages_beside_it(visit: Any, server: Server, path: str, words: str) -> None:
    """Readable and without faults."""
    page = visit(f"{server.url}{path}")
    expect(page.locator("h1").first).to_contain_text(words)
    assert faults(page) == []


def test_leave_is_asked_for_with_two_buttons_and_danger_does_not_wait_for_it(visit: Any, tmp_path: Path) -> None:
    """Asked, answered in danger, refused, agreed; then what is kept can be seen and taken along."""
    asking = start({"DATABASE_URL": f"sqlite:///{tmp_path / 'reframe.db'}"})
    try:
        page = opened(visit(asking.url))
        expect(page.locator(".choices button")).to_have_text([YES["title"], NO["title"]])
        picture(page, "consent-phone")
        say(page, "I want to kill myself")
        expect(page.locator(".message.care")).to_have_count(1)
        expect(page.locator(".message.bot .words").last).to_contain_text(moment("consent_in_danger")[:40])
        page.get_by_role("button", name=YES["title"]).click()
        expect(page.locator(".choices button")).to_have_text([TAKE_BACK["title"]], timeout=30_000)
        page.reload()
        opened(page)
        expect(page.locator(".message.person")).to_have_count(1, timeout=10_000)
        page.get_by_role("button", name="More").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Save all that is kept of me").click()
        assert "What is kept of you" in Path(download.value.path()).read_text(encoding="utf-8")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save it for a program, as JSON").click()
        kept = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert [m["text"] for m in kept["messages"] if m["from"] == "person"] == [YES["title"]]
        page.get_by_role("button", name=TAKE_BACK["title"]).last.click()
        expect(page.locator(".message.bot .words").last).to_contain_text(moment("withdrawn")[:40], timeout=10_000)
    finally:
        stop(asking)
