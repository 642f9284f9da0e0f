"""The chat page in Chromium, as someone would use it on a phone."""

from __future__ import annotations

import os
import shutil
from typing import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.reframing.loading import load
from tests.whole.conftest import Server

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PHONE = {"width": 360, "height": 640}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """One Chromium. Without it the tests are skipped, except where everything has to run."""
    if not shutil.which(CHROMIUM):
        (pytest.fail if os.environ.get("REFRAME_TEST_EVERYTHING") else pytest.skip)("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: object, server: Server) -> Iterator[Page]:
    """A new visitor on a phone; an error in the page's own script fails the test."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[attr-defined]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(server.url)
    expect(page.locator("main .bot")).to_have_count(1)
    yield page
    context.close()
    assert errors == []


def say(page: Page, text: str) -> str:
    """Type, send, and wait for the answer."""
    before = page.locator("main .bot").count()
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main .bot")).not_to_have_count(before, timeout=30_000)
    return page.locator("main .bot").last.inner_text()


def test_a_sentence_gets_a_reframe_and_survives_a_reload(page: Page) -> None:
    """Nothing has to be written twice."""
    said = say(page, "I think I've failed therapy")
    assert any(line.text in said for line in load().beliefs["failed_therapy"].reframes)
    page.reload()
    expect(page.locator("main p")).to_have_count(3)


def test_a_reflection_can_be_chosen_by_touch(page: Page) -> None:
    """The buttons are offered, work, and go away."""
    say(page, "what can you do?")
    page.get_by_role("button", name=load().reflections["small_shifts"].title).click()
    expect(page.locator("main .bot").last).to_contain_text(load().reflections["small_shifts"].opening)
    expect(page.locator(".choices")).to_have_count(0)


def test_what_is_written_is_shown_as_text_and_never_run(page: Page) -> None:
    """Markup stays markup."""
    say(page, "<img src=x onerror=alert(1)><b>hi</b>")
    assert page.locator("main .person").last.inner_text() == "<img src=x onerror=alert(1)><b>hi</b>"
    assert page.locator("main img, main b").count() == 0


def test_a_message_written_without_a_connection_is_sent_when_it_is_back(page: Page) -> None:
    """It stays on the screen, the person is told, and it is answered once."""
    page.context.set_offline(True)
    page.get_by_label("Your message").fill("hello there")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("kept here")
    page.context.set_offline(False)
    expect(page.locator("main .bot")).to_have_count(2, timeout=30_000)
    expect(page.locator("main .person")).to_have_count(1)


def test_the_page_fits_a_small_phone_and_says_where_help_is(page: Page) -> None:
    """No sideways scrolling, the field in reach, help in sight."""
    say(page, "x" * 300)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_label("Your message")).to_be_in_viewport()
    expect(page.get_by_role("link", name="findahelpline.com")).to_be_in_viewport()


def test_deleting_empties_the_page_and_begins_anew(page: Page) -> None:
    """After a question whether it is meant."""
    say(page, "private words")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete this conversation").click()
    expect(page.locator("main p")).to_have_count(1)
    page.reload()
    expect(page.get_by_text("private words")).to_have_count(0)
