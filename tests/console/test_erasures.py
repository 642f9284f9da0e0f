"""What a person may want and cannot do themselves: a copy, and an erasure by two supervisors; and transcripts without names."""

from __future__ import annotations

from typing import Callable

import pytest

from bot.console.terms import PilotTerms
from bot.console.visits import Parts
from bot.desk.standing import standing_reply
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.messages import Inbound
from tests.console.conftest import Browser, account, parts_of

WORDS = "Doctor Miller of Oakfield said I failed, <b>says the kingfisher</b>"


@pytest.fixture
def conversation(quick: Conversations) -> str:
    """One in which something was said."""
    name = quick.open("web").id
    quick.receive(name, Inbound(WORDS))
    return name


def test_one_supervisor_asks_and_another_erases(browser: Callable[..., Browser], quick: Conversations, conversation: str, parts: Parts) -> None:
    """Not the same one, and the audit keeps both and the reason."""
    ada, bea = browser("supervisor", "ada"), browser("supervisor", "bea")
    assert ada.post("/erasures", {"conversation": conversation, "reason": "they asked by letter"}).status_code == 303
    assert "another supervisor has to agree" in ada.http.get("/erasures").text
    assert ada.post(f"/erasures/{conversation}/agree").status_code == 409
    assert quick.exists(conversation)
    assert "Agree and erase for good" in bea.http.get("/erasures").text
    assert bea.post(f"/erasures/{conversation}/agree").status_code == 303
    assert not quick.exists(conversation)
    done = [(e.action, e.why) for e in Audit(parts.database).entries(subject=conversation)]
    assert done == [("erasure.agree", None), ("erasure.ask", "they asked by letter")]
    assert bea.post(f"/erasures/{conversation}/agree").status_code == 409


def test_an_erasure_that_is_taken_back_is_not_done(browser: Callable[..., Browser], quick: Conversations, conversation: str) -> None:
    """By any supervisor."""
    ada, bea = browser("supervisor", "ada"), browser("supervisor", "bea")
    ada.post("/erasures", {"conversation": conversation, "reason": "a mistake"})
    assert bea.post(f"/erasures/{conversation}/take-back").status_code == 303
    assert "Nothing waits" in ada.http.get("/erasures").text
    assert bea.post(f"/erasures/{conversation}/agree").status_code == 409
    assert quick.exists(conversation)


def test_a_reference_of_the_log_leads_to_its_conversation(browser: Callable[..., Browser], quick: Conversations, conversation: str) -> None:
    """Where the reason is asked for; an unknown one, or none, leads nowhere."""
    quick.reply(conversation, None, [standing_reply("failed", "ab12cd34")])
    ada = browser("supporter")
    assert ada.http.get("/queue/find?reference=ab12cd34").headers["location"] == f"/conversations/{conversation}"
    for unknown in ("ab12cd35", "", "%"):
        assert ada.http.get(f"/queue/find?reference={unknown}").status_code == 404


def test_without_a_reason_or_a_conversation_nothing_is_asked_for(browser: Callable[..., Browser], conversation: str) -> None:
    """In words."""
    ada = browser("supervisor")
    assert ada.post("/erasures", {"conversation": conversation, "reason": " "}).status_code == 422
    assert "no such conversation" in ada.post("/erasures", {"conversation": "nobody", "reason": "because"}).text


def test_a_copy_is_given_out_for_a_reason_and_noted(browser: Callable[..., Browser], conversation: str, parts: Parts) -> None:
    """As JSON and to read, in which nothing that was written is more than text."""
    ada = browser("supervisor")
    assert ada.http.get(f"/conversations/{conversation}/data").headers["location"] == f"/conversations/{conversation}"
    ada.post(f"/conversations/{conversation}/reason", {"reason": "a copy was asked for"})
    assert ada.http.get(f"/conversations/{conversation}/data").json()["messages"][0]["text"] == WORDS
    shown = ada.http.get(f"/conversations/{conversation}/data?format=html").text
    assert "&lt;b&gt;says the kingfisher" in shown
    assert [e.action for e in Audit(parts.database).entries(subject=conversation)] == ["conversation.data", "conversation.data", "conversation.reason"]


def test_the_transcript_without_names_is_for_those_who_may_read(browser: Callable[..., Browser], parts: Parts, conversation: str) -> None:
    """What takes names out is asked for each text; where nothing does, the page is not to be had."""
    ada = browser("supporter", "ada")
    assert ada.http.get(f"/conversations/{conversation}/redacted").headers["location"] == f"/conversations/{conversation}"
    ada.post(f"/conversations/{conversation}/reason", {"reason": "to talk about it"})
    assert ada.http.get(f"/conversations/{conversation}/redacted").status_code == 503
    pilot = PilotTerms(redact=lambda text: text.replace("Miller", "<NAME>"))
    knowing = Browser(parts_of(parts.database, pilot=pilot)).signed_in(account(parts, "bea", "supporter"))
    knowing.post(f"/conversations/{conversation}/reason", {"reason": "to talk about it"})
    shown = knowing.http.get(f"/conversations/{conversation}/redacted").text
    assert ("Miller" in shown, "Doctor &lt;NAME&gt; of Oakfield" in shown) == (False, True)
