"""The pages of supporters: what they show, what they note, and that nothing is done by who does not hold a conversation."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Callable

import pytest
from sqlalchemy import update

from bot.console.visits import Parts
from bot.desk.standing import moment
from bot.store.accounts import Accounts
from bot.store.audit import Audit
from bot.store.console_tables import Account, Note
from bot.store.conversations import Conversations
from bot.store.drafts import Drafts
from bot.store.handover import Handover
from bot.store.messages import Inbound, Reply, now
from bot.store.tables import Conversation, Message
from bot.store.transcripts import Transcripts
from tests.console.conftest import Browser
from tests.store.test_desk import desk_with, echo

DANGER = "I want to kill myself"
EVIL = "<img src=x onerror=alert(1)>{{7*7}}"


async def in_danger(quick: Conversations, *texts: str) -> str:
    """A conversation that calls."""
    conversation, desk = quick.open("web").id, desk_with(quick, echo)
    for text in texts or (DANGER,):
        await desk.receive(conversation, Inbound(text))
    return conversation


def acted(browser: Browser, conversation: str, action: str, **fields: str) -> Any:
    """What a supporter does."""
    return browser.post(f"/conversations/{conversation}/{action}", fields)


def noted(parts: Parts, conversation: str) -> list[str]:
    """What the audit says about a conversation, oldest first."""
    return [e.action for e in reversed(Audit(parts.database).entries(subject=conversation))]


async def test_the_queue_shows_why_how_long_where_and_who(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """And that it was opened is noted."""
    conversation = await in_danger(quick, f"I'm in the UK. {DANGER} {EVIL}")
    parts.watcher.snapshot = parts.watcher.look()
    page = browser("supporter").http.get("/queue").text
    row = page[page.index(f'id="row-{conversation}"') :]
    for shown in ("Urgent", "waiting", "kill myself", "GB", "web", "Claim"):
        assert shown in row
    assert "<img src=x" not in page
    assert Audit(parts.database).entries()[0].action == "queue.read"


async def test_a_conversation_that_one_does_not_hold_is_opened_for_a_reason_only(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """It is asked, noted, and good for a while; each reading is noted as well."""
    conversation, ada = await in_danger(quick), browser("supporter")
    asked = ada.http.get(f"/conversations/{conversation}")
    assert "Why do you open" in asked.text
    assert "kill" not in asked.text
    assert acted(ada, conversation, "reason", reason=" ").status_code == 422
    acted(ada, conversation, "reason", reason="second opinion")
    assert "kill myself" in ada.http.get(f"/conversations/{conversation}").text
    assert noted(parts, conversation) == ["conversation.reason", "conversation.read"]
    assert "Why do you open" in browser("supporter", "bea").http.get(f"/conversations/{conversation}").text


async def test_the_conversation_shows_what_was_found_asked_and_given(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """Timeline with explanations, questions, help, plan, notices, notes; markup stays text."""
    conversation, ada = (
        await in_danger(quick, f"I'm in the UK. {DANGER} {EVIL}", "yes", "I want to make a safety plan", f"my sister {EVIL}"),
        browser("supporter"),
    )
    acted(ada, conversation, "claim")
    acted(ada, conversation, "note", note=f"called the team {EVIL}")
    page = ada.http.get(f"/conversations/{conversation}").text
    for shown in (
        "Risk over time",
        "kill myself",
        "Already asked",
        "Samaritans",
        "Safety plan",
        "my sister",
        "I&#39;m a program",
        "called the team",
        "version",
    ):
        assert shown in page, shown
    assert "<img src=x" not in page
    assert "49" not in re.findall(r"alert\(1\)&gt;(\S\S)", page)


async def test_what_a_supporter_does_is_noted_with_the_deed(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """From claim to close, in order."""
    conversation, ada = await in_danger(quick), browser("supporter")
    for action, fields in [("claim", {}), ("offer", {}), ("take", {}), ("say", {"text": "I'm here."}), ("hand-back", {}), ("close", {"cared_for": "yes"})]:
        assert acted(ada, conversation, action, **fields).status_code == 303, action
    wanted = ["claim", "offer_person", "take", "say", "hand_back", "cared_for", "close"]
    assert noted(parts, conversation) == [f"conversation.{name}" for name in wanted]
    said = [(m.author, m.speaker, m.text) for m in quick.messages(conversation)][-3:]
    assert said[1] == ("supporter", "Supporter", "I'm here.")
    assert said[0][2] == moment("joined").replace("{name}", "Supporter")
    assert said[2][2] == moment("handed_back").replace("{name}", "Supporter")


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        *((name, {}) for name in ("claim", "take", "approve", "typing", "hand-back", "offer", "close", "release")),
        ("say", {"text": "me"}),
        ("draft/discard", {"draft": "1"}),
    ],
)
async def test_nothing_is_done_in_a_conversation_that_another_holds(
    quick: Conversations, parts: Parts, browser: Callable[..., Browser], action: str, fields: dict[str, str]
) -> None:
    """It is refused, changes nothing, and leaves no entry of a deed."""
    conversation, ada, bea = await in_danger(quick), browser("supporter"), browser("supporter", "bea")
    acted(ada, conversation, "take")
    before, entries = Transcripts(parts.database).view(conversation), noted(parts, conversation)
    assert acted(bea, conversation, action, **fields).status_code in (409, 422)
    assert (Transcripts(parts.database).view(conversation), noted(parts, conversation)) == (before, entries)


async def test_nothing_is_closed_by_who_does_not_hold_it_and_noted_by_who_may_not_read(
    quick: Conversations, parts: Parts, browser: Callable[..., Browser]
) -> None:
    """Nobody holds it: it stays in the queue, and no note is kept."""
    conversation, ada = await in_danger(quick), browser("supporter")
    assert acted(ada, conversation, "close").status_code == 409
    assert acted(ada, conversation, "note", note="unread").headers["location"] == f"/conversations/{conversation}"
    view = Transcripts(parts.database).view(conversation)
    assert view is not None
    assert (view.need, view.notes) == ("urgent", ())


async def test_only_holders_and_supervisors_pass_on_and_only_to_supporters(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """And the person is told where one of them speaks."""
    conversation, ada, bea, boss = await in_danger(quick), browser("supporter"), browser("supporter", "bea"), browser("supervisor")
    browser("auditor")
    ids = {who.name: who.id for who in Accounts(parts.database).all()}
    acted(ada, conversation, "take")
    assert acted(bea, conversation, "pass", to=ids["bea"]).status_code == 403
    assert acted(boss, conversation, "pass", to=ids["auditor"]).status_code == 422
    assert acted(boss, conversation, "pass", to=ids["bea"]).status_code == 303
    assert "handing this conversation to Bea" in quick.messages(conversation)[-1].text
    assert acted(ada, conversation, "say", text="still me").status_code == 409
    assert acted(bea, conversation, "say", text="I'm Bea.").status_code == 303


async def test_a_draft_is_sent_as_it_is_edited_or_discarded(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """And which it was is noted, also where the browser only changed line ends."""
    conversation, ada, desk, drafts = quick.open("web").id, browser("supporter"), desk_with(quick, lines), Drafts(parts.database)
    acted(ada, conversation, "approve")
    for action, text in [("draft", "one\r\n\r\ntwo"), ("draft", "in other words"), ("draft/discard", "")]:
        await desk.receive(conversation, Inbound("I failed therapy"))
        (draft,) = drafts.waiting(conversation)
        assert acted(ada, conversation, action, draft=str(draft.id), text=text).status_code == 303
    assert noted(parts, conversation)[1:] == ["draft.sent", "draft.edited", "draft.discarded"]
    assert [m.text for m in quick.messages(conversation) if m.author == "bot"] == ["one\n\ntwo", "in other words"]


async def lines(text: str) -> list[Reply]:
    """An answer of several lines."""
    return [Reply("one\n\ntwo")]


async def test_a_claim_of_someone_gone_quiet_returns_and_it_is_noted(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """By the watcher; whoever moved a hand keeps theirs."""
    conversation, other, ada, bea = await in_danger(quick), await in_danger(quick), browser("supporter"), browser("supporter", "bea")
    acted(ada, conversation, "take")
    acted(bea, other, "claim")
    with parts.database.unit() as session:
        session.execute(update(Account).where(Account.name == "supporter").values(active_at=now() - timedelta(hours=1)))
        session.execute(update(Conversation).values(held_since=now() - timedelta(hours=1)))
    assert parts.watcher.return_claims() == 1
    entry = Audit(parts.database).entries(subject=conversation)[0]
    assert (entry.actor, entry.action) == ("system", "conversation.returned")
    assert quick.messages(conversation)[-1].text == moment("returned").replace("{name}", "Supporter")
    assert Transcripts(parts.database).holder(other) is not None


async def test_deleting_a_conversation_deletes_its_notes_and_the_audit_stays(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """And its page says that it is gone."""
    conversation, ada = await in_danger(quick), browser("supporter")
    acted(ada, conversation, "claim")
    acted(ada, conversation, "note", note="a note")
    acted(ada, conversation, "close")
    await desk_with(quick, echo).delete(conversation)
    with parts.database.unit() as session:
        assert session.query(Note).count() == 0
    assert ada.http.get(f"/conversations/{conversation}").status_code == 404
    assert noted(parts, conversation) == ["conversation.claim", "conversation.note", "conversation.close"]
    assert Audit(parts.database).verify()[0] == []


async def test_the_audit_page_shows_no_words_of_a_conversation(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """Auditors see who did what, and whether the chain holds."""
    conversation, ada = await in_danger(quick), browser("supporter")
    acted(ada, conversation, "take")
    acted(ada, conversation, "say", text="secret words")
    page = browser("auditor").http.get("/audit").text
    assert "conversation.say" in page
    assert "in order" in page
    assert "secret words" not in page
    assert "kill" not in page


def test_a_page_that_breaks_says_so_under_a_reference(parts: Parts, browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> None:
    """And shows nothing of the inside."""
    ada = browser("supporter")
    monkeypatch.setattr(type(parts.watcher), "snapshot", property(lambda self: 1 / 0), raising=False)
    answer = ada.http.get("/queue")
    assert (answer.status_code, "reference" in answer.text, "division" in answer.text) == (500, True, False)


async def test_taken_over_survives_silence_restart_and_a_new_session(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """The bot stays silent through a command, another desk, a second worker and a long silence, and danger is still seen."""
    conversation = quick.open("web").id
    Handover(parts.database).join(conversation, "a", "Ada", "Ada is here.")
    for text in ("/restart", "hello", "/session_start"):
        assert await desk_with(quick, echo).receive(conversation, Inbound(text)) == []
    with parts.database.unit() as session:
        session.execute(update(Message).values(created_at=now() - timedelta(hours=2)))
    assert await desk_with(quick, echo).receive(conversation, Inbound(DANGER)) == []
    view = Transcripts(parts.database).view(conversation)
    assert view is not None
    assert (view.mode, view.need, view.lines[-1].tier) == ("taken", "urgent", "urgent")
