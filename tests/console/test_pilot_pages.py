"""The pages for running a pilot: what they do, for whom, and that it is noted."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

import pytest

from bot.console.terms import PilotTerms
from bot.console.visits import Parts
from bot.store.alarms import Alarms
from bot.store.audit import Audit
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.duty import Duty
from bot.store.messages import PRACTICE, now
from bot.store.stopping import Stopping
from bot.store.tables import Conversation
from tests.console.conftest import Browser, account, parts_of
from tests.store.console import closed, said

PROBE = "<script>alert(1)</script>"
RATED = {"detect": "best", "confirm": "adequate", "guide": "best", "support": "best", "boundaries": "not_applicable"}


@pytest.fixture
def parts(quick: Conversations, tmp_path: Path) -> Parts:
    """The console's parts, with a file for corrections and something that redacts."""
    pilot = PilotTerms(corrections=tmp_path / "corrections.jsonl", redact=str.upper, intents=("resistant", "greet"), share=0, twice=0)
    return parts_of(quick.database, pilot=pilot)


def noted(database: Database, action: str) -> list[Any]:
    """The entries of the audit for an action."""
    return [entry for entry in Audit(database).entries() if entry.action == action]


def test_a_case_is_reviewed_by_another_and_not_by_who_closed_it(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """The closer is refused by page and by form; the colleague is not. Reading and reviewing are noted, and what was written is shown and not run."""
    anna, ben = browser("supporter", "anna"), browser("supporter", "ben")
    case = closed(quick, said(quick, "urgent", words=f"{PROBE} I am done"), "anna", "urgent")
    assert (anna.get(f"/reviews/{case}").status_code, anna.post(f"/reviews/{case}", RATED).status_code) == (409, 409)
    assert f"/reviews/{case}" not in anna.get("/reviews").text
    page = ben.get(f"/reviews/{case}")
    assert (page.status_code, PROBE in page.text, "&lt;script&gt;" in page.text) == (200, False, True)
    assert "The review is kept" in ben.post(f"/reviews/{case}", RATED).text
    assert "0 due in all" in ben.get("/reviews").text
    assert [e.detail for e in noted(quick.database, "review.add")] == [{"case": case}]
    assert [e.why for e in noted(quick.database, "conversation.read")] == ["review"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"detect": ""}, "A rating is missing"),
        ({"missed_crisis": "yes"}, "Which message was missed"),
        ({"false_alarm": "yes", "tier-N": "urgent", "category-N": "suicide"}, "Which message was a false alarm"),
        ({"tier-N": "check_in"}, "needs its category"),
        ({"intent-N": "no_such"}, "none of the intents"),
        ({"tier-N": "extreme"}, "none of the tiers"),
    ],
)
def test_a_review_that_says_too_little_is_not_kept(quick: Conversations, browser: Callable[..., Browser], fields: dict[str, str], told: str) -> None:
    """And it is said what is missing."""
    browser("supporter", "anna")
    conversation = said(quick, "urgent")
    number = str(quick.messages(conversation)[0].number)
    case = closed(quick, conversation, "anna", "urgent")
    answer = browser("supporter", "ben").post(f"/reviews/{case}", {**RATED, **{name.replace("N", number): value for name, value in fields.items()}})
    assert (answer.status_code, told in answer.text) == (422, True)
    assert noted(quick.database, "review.add") == []


def test_corrections_go_to_the_file_redacted(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """With the label that was chosen."""
    browser("supporter", "anna")
    conversation = said(quick, "none", words="they can all stop worrying")
    number = quick.messages(conversation)[0].number
    case = closed(quick, conversation, "anna", "urgent")
    given = {**RATED, "missed_crisis": "yes", f"tier-{number}": "check_in", f"category-{number}": "suicide"}
    assert "1 correction written" in browser("supporter", "ben").post(f"/reviews/{case}", given).text
    assert "THEY CAN ALL STOP WORRYING" in parts.terms.pilot.corrections.read_text()


def test_without_redaction_the_review_is_kept_and_it_is_said_that_nothing_was_written(quick: Conversations, parts: Parts) -> None:
    """Nothing personal leaves the database."""
    bare = replace(parts, terms=replace(parts.terms, pilot=replace(parts.terms.pilot, redact=None)))
    account(parts, "anna")
    conversation = said(quick, "urgent")
    case = closed(quick, conversation, "anna", "urgent")
    ben = Browser(bare).signed_in(account(parts, "ben"))
    number = quick.messages(conversation)[0].number
    assert "takes personal data out" in ben.post(f"/reviews/{case}", {**RATED, f"intent-{number}": "greet"}).text
    assert not parts.terms.pilot.corrections.exists()


def test_a_debrief_is_read_by_supervisors_only(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """Not by a colleague; and what it says does not run."""
    ben = browser("supporter", "ben")
    assert ben.post("/debrief", {"how": "1", "needs_break": "yes", "text": PROBE}).status_code == 200
    assert ben.post("/debrief", {"how": "9"}).status_code == 422
    assert ben.get("/debriefs").status_code == 403
    sue = browser("supervisor", "sue")
    page = sue.get("/debriefs").text
    assert ("very hard" in page, "Needs a break now" in page, PROBE in page) == (True, True, False)
    sue.post("/debriefs/1/seen")
    assert "Seen." in sue.get("/debriefs").text


def test_somebody_switches_themselves_on_and_off(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """And is there from then on, as long as they move a hand."""
    ben, duty = browser("supporter", "ben"), Duty(quick.database)
    assert "Nobody. People are told so." in ben.get("/duty").text
    ben.post("/duty/switch", {"on": "yes"})
    ben.post("/presence")
    assert [w.name for w in duty.on_duty(now())] == ["ben"]
    ben.post("/duty/switch", {"on": "no"})
    assert not duty.attended(now())
    assert (len(noted(quick.database, "duty.begin")), len(noted(quick.database, "duty.end"))) == (1, 1)


def test_the_rota_is_made_by_supervisors(quick: Conversations, parts: Parts, browser: Callable[..., Browser]) -> None:
    """A line is put on and taken off; one that makes no sense is refused."""
    sue, who = browser("supervisor", "sue"), account(parts, "ben").id
    line = {"account": who, "day": now().date().isoformat(), "starts": "00:00", "ends": "23:59", "weekly": "yes"}
    for wrong in ({"starts": "25:00"}, {"day": "soon"}, {"account": "nobody"}):
        assert sue.post("/duty/shifts", {**line, **wrong}).status_code == 422
    sue.post("/duty/shifts", line)
    assert "every week" in sue.get("/duty").text
    sue.post(f"/duty/shifts/{Duty(quick.database).rota()[0].id}/cancel")
    assert Duty(quick.database).rota() == []


def test_anybody_who_watches_may_stop_and_a_supervisor_starts_again(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """With a reason each, and it stands on every page meanwhile."""
    ben, sue, stopping = browser("supporter", "ben"), browser("supervisor", "sue"), Stopping(quick.database)
    assert ben.post("/stop").status_code == 422
    ben.post("/stop", {"why": "it says odd things"})
    assert stopping.state() is not None
    assert "Automatic replies are stopped." in sue.get("/duty").text
    assert ben.post("/stop/resume", {"why": "fine"}).status_code == 403
    sue.post("/stop/resume", {"why": "mended"})
    assert stopping.state() is None
    assert [e.why for e in noted(quick.database, "replies.stop")] == ["it says odd things"]


def test_a_practice_case_is_marked_and_written_on_only_as_one(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """The made-up person's side never reaches a real conversation."""
    sue = browser("supervisor", "sue")
    begun = sue.post("/practice", {"scenario": "present_danger"})
    conversation = begun.headers["location"].rsplit("/", 1)[-1]
    with quick.database.unit() as session:
        row = session.get(Conversation, conversation)
        assert (row.channel, row.need) == (PRACTICE, "urgent")
    assert "PRACTICE" in sue.get(f"/practice/{conversation}").text
    assert sue.post(f"/practice/{conversation}", {"text": "still here"}).status_code == 303
    real = quick.open("web").id
    assert sue.post(f"/practice/{real}", {"text": "I am the person"}).status_code == 409
    assert quick.messages(real) == []
    case = closed(quick, conversation, "sue", "urgent")
    assert "PRACTICE" in browser("supporter", "ben").get(f"/reviews/{case}").text


def test_an_alarm_is_acknowledged(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """By whoever looks after it, whose name is shown."""
    alarms, ben = Alarms(quick.database), browser("supporter", "ben")
    alarms.settle({"c": "A conversation waits."}, now())
    assert "A conversation waits." in ben.get("/alarms").text
    ben.post(f"/alarms/{alarms.open()[0].id}/acknowledge")
    assert "by ben" in ben.get("/alarms").text


def test_phrases_are_found_and_new_ones_follow_the_rules_of_voice(quick: Conversations, browser: Callable[..., Browser]) -> None:
    """A script gets the list alone, to put it beside a conversation."""
    ben, sue = browser("supporter", "ben"), browser("supervisor", "sue")
    alone = ben.get("/phrases?q=plainly", headers={"hx-request": "true"}).text
    assert ("thinking about killing yourself" in alone, "<html" in alone) == (True, False)
    for text, name in (("You should calm down", "odd"), ("Let's look at it slowly.", "Not A Name")):
        assert sue.post("/phrases", {"name": name, "topic": "listening", "text": text}).status_code == 422
    sue.post("/phrases", {"name": "slowly", "topic": "listening", "text": "Let's look at it slowly, one bit at a time."})
    assert "one bit at a time" in ben.get("/phrases?q=bit").text
    sue.post("/phrases/slowly/offer", {"active": "no"})
    assert "one bit at a time" not in ben.get("/phrases?q=bit", headers={"hx-request": "true"}).text


@pytest.mark.parametrize("role", ["supervisor", "auditor"])
def test_figures_are_shown_and_exported_without_small_counts(quick: Conversations, browser: Callable[..., Browser], role: str) -> None:
    """A picture for each group with its table, and the same in the CSV; the export is noted."""
    for tier in ["urgent"] * 3 + ["none"] * 9:
        said(quick, tier)
    reader = browser(role)
    page = reader.get("/figures").text
    assert (page.count("<svg") >= 4, "fewer than 5" in page, ">10<" in page) == (True, True, True)
    answer = reader.get("/figures.csv")
    rows = {tuple(row[:2]): row[2:] for row in csv.reader(io.StringIO(answer.text))}
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows["Conversations", "in which a person wrote"] == ["10"] * 3
    assert rows["Conversations", "with present danger"] == ["fewer than 5"] * 3
    assert len(noted(quick.database, "figures.export")) == 1
