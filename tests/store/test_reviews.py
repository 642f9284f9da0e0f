"""A closed urgent case is reviewed by a second person, whatever the code above the database believes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.agent.corrections import Correction
from bot.pilot.corrections_file import CorrectionsFile, NoRedaction
from bot.pilot.sampling import Sampling
from bot.store.conversations import Conversations
from bot.store.debriefs import Debriefs, Said
from bot.store.messages import PRACTICE
from bot.store.reviews import Findings, Label, NotReviewed, Reviews
from tests.store.console import account, closed, said

FINE = Findings("best", "best", "adequate", "best", "best")


@pytest.fixture
def reviews(store: Conversations) -> Reviews:
    """The reviews of a store."""
    return Reviews(store.database)


@pytest.fixture
def case(store: Conversations) -> int:
    """An urgent case that anna closed and ben had a hand in."""
    return closed(store, said(store, "urgent"), "anna", "urgent", ("ben",))


def due(reviews: Reviews, reviewer: Optional[str] = None) -> list[int]:
    """The cases that are."""
    return [c.id for c in reviews.due(reviewer)]


def run(store: Conversations, sql: str, **values: Any) -> None:
    """What somebody with the database's password, or a mistake in the code, might do."""
    with store.database.engine.begin() as connection:
        connection.execute(text(sql), values)


REVIEW = (
    "INSERT INTO review (case_id, closed_by, reviewer, created_at, detect, confirm, guide, support, boundaries, missed_crisis, false_alarm, note)"
    " VALUES (:id, :closed_by, :reviewer, '2026-01-01 00:00:00', :detect, 'best', 'best', 'best', 'best', FALSE, FALSE, '')"
)


@pytest.mark.parametrize("reviewer", ["anna", "ben"])
def test_who_closed_a_case_or_had_a_hand_in_it_cannot_review_it(store: Conversations, reviews: Reviews, case: int, reviewer: str) -> None:
    """And the case stays due."""
    with pytest.raises(NotReviewed, match="no hand in it"):
        reviews.record(case, account(store, reviewer), FINE)
    assert due(reviews) == [case]
    assert due(reviews, account(store, reviewer)) == []


def test_a_second_person_reviews_it_once(store: Conversations, reviews: Reviews, case: int) -> None:
    """Then it is no longer due."""
    carol = account(store, "carol")
    assert due(reviews, carol) == [case]
    reviews.record(case, carol, FINE)
    assert due(reviews) == []
    assert [(who, found) for who, _, found in reviews.of(case)] == [(carol, FINE)]
    with pytest.raises(NotReviewed):
        reviews.record(case, carol, FINE)


@pytest.mark.parametrize(
    ("closed_by", "reviewer", "detect"),
    [("anna", "anna", "best"), ("anna", "ben", "best"), ("carol", "anna", "best"), ("anna", "carol", "splendid")],
    ids=["the closer", "one who had a hand in it", "the closer under another name", "no rating"],
)
def test_the_database_itself_refuses_a_review_that_is_none(store: Conversations, case: int, closed_by: str, reviewer: str, detect: str) -> None:
    """Past all of our code."""
    who = {"closed_by": account(store, closed_by), "reviewer": account(store, reviewer)}
    with pytest.raises(IntegrityError):
        run(store, REVIEW, id=case, detect=detect, **who)


def test_the_database_takes_a_review_by_another(store: Conversations, reviews: Reviews, case: int) -> None:
    """So that the refusals above are refusals of the right thing."""
    run(store, REVIEW, id=case, closed_by=account(store, "anna"), reviewer=account(store, "carol"), detect="best")
    assert due(reviews) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE review_owed SET wanted = 0",
        "UPDATE review_owed SET urgent = FALSE",
        "UPDATE review_owed SET closed_by = 'somebody'",
        "DELETE FROM review_owed",
        "UPDATE closed_case SET need = 'unsure'",
        "UPDATE closed_case SET closed_by = (SELECT MAX(id) FROM account)",
        "DELETE FROM closed_case",
        "UPDATE hand SET account = 'somebody'",
        "UPDATE hand SET case_id = NULL",
        "DELETE FROM hand",
    ],
)
def test_the_need_of_a_review_cannot_be_taken_away(store: Conversations, reviews: Reviews, case: int, sql: str) -> None:
    """Neither by changing the case nor by removing it."""
    with pytest.raises(IntegrityError):
        run(store, sql)
    assert due(reviews) == [case]


@pytest.mark.parametrize("sql", ["UPDATE review SET detect = 'harm'", "UPDATE review SET note = 'x'", "DELETE FROM review"])
def test_a_review_stays_as_it_was_given(store: Conversations, reviews: Reviews, case: int, sql: str) -> None:
    """By whoever."""
    reviews.record(case, account(store, "carol"), FINE)
    with pytest.raises(IntegrityError):
        run(store, sql)


@pytest.mark.parametrize(
    ("need", "tier", "owed"),
    [("immediate", None, True), ("urgent", None, True), ("person", "urgent", True), ("check_in", "check_in", False), ("person", None, False)],
)
def test_a_case_is_urgent_by_its_need_or_by_any_of_its_messages(store: Conversations, reviews: Reviews, need: str, tier: Optional[str], owed: bool) -> None:
    """So that nobody closes an urgent case as something else."""
    conversation = said(store, tier)
    said(store, "none", conversation)
    case = closed(store, conversation, "anna", need)
    assert due(reviews) == ([case] if owed else [])


def test_who_had_a_hand_in_an_earlier_case_may_review_a_later_one(store: Conversations, reviews: Reviews) -> None:
    """Each case has its own hands."""
    conversation = said(store, "urgent")
    first = closed(store, conversation, "anna", "urgent", ("ben",))
    said(store, "urgent", conversation)
    second = closed(store, conversation, "anna", "urgent", ("carol",))
    assert (due(reviews, account(store, "ben")), due(reviews, account(store, "carol"))) == ([second], [first])


def test_erasing_the_conversation_erases_case_and_reviews(store: Conversations, reviews: Reviews, case: int) -> None:
    """The refusals do not stand in the way of what a person may ask for; the supporter's own words stay."""
    found = reviews.case(case)
    reviews.record(case, account(store, "carol"), replace(FINE, missed_crisis=True, labels=(Label(found.first, tier="urgent", category="suicide"),)))
    Debriefs(store.database).keep(account(store, "anna"), Said(2), case)
    store.delete(found.conversation_id)
    assert (due(reviews), reviews.of(case), reviews.unwritten()) == ([], [], [])
    assert [heard.account for heard in Debriefs(store.database).all()] == ["anna"]
    with pytest.raises(NotReviewed):
        reviews.record(case, account(store, "dora"), FINE)
    with pytest.raises(NotReviewed):
        reviews.case(case)


def test_the_draw_asks_for_more_and_only_once(store: Conversations, reviews: Reviews, case: int) -> None:
    """A case is drawn when it is first looked at; another share later changes nothing, and never takes away what an urgent case owes."""
    calm = closed(store, said(store, "none"), "anna", "person")
    assert reviews.draw(Sampling(str, share=1, twice=0)) == 2
    assert due(reviews) == [case, calm]
    assert reviews.draw(Sampling(str, share=0, twice=0)) == 0
    assert due(reviews) == [case, calm]
    with pytest.raises(IntegrityError):
        run(store, "UPDATE review_owed SET wanted = 2")


def test_a_case_that_wants_two_reviews_gets_them_from_two_people(store: Conversations, reviews: Reviews, case: int) -> None:
    """And both count for agreement, the first before the second."""
    reviews.draw(Sampling(str, share=0, twice=1))
    reviews.record(case, account(store, "carol"), FINE)
    assert (due(reviews, account(store, "dora")), due(reviews, account(store, "carol"))) == ([case], [])
    reviews.record(case, account(store, "dora"), replace(FINE, detect="harm", missed_crisis=True))
    assert due(reviews) == []
    assert reviews.pairs()["detect"] == [("best", "harm")]
    assert reviews.pairs()["missed_crisis"] == [(False, True)]


@pytest.mark.parametrize("redact", [str.upper, lambda words: words.replace("Ann", "<NAME>")])
def test_corrections_are_written_redacted_once_and_in_the_form_of_reframe_learn(
    store: Conversations, reviews: Reviews, tmp_path: Path, redact: Callable[[str], str]
) -> None:
    """One line each, which the reader of the file takes."""
    case = closed(store, said(store, "urgent", words="Ann says\nI am resistant"), "anna")
    number = reviews.case(case).first
    labels = (Label(number, intent="resistant", tier="none", category="suicide"), Label(number, tier="urgent", category="abuse"))
    reviews.record(case, account(store, "carol"), replace(FINE, labels=labels))
    file = CorrectionsFile(tmp_path / "new" / "corrections.jsonl", redact)
    assert (file.bring(reviews), file.bring(reviews)) == (2, 0)
    rows = [json.loads(line) for line in file.path.read_text().splitlines()]
    words = redact("Ann says I am resistant")
    assert [{k: v for k, v in row.items() if k != "id"} for row in rows] == [
        {"text": words, "intent": "resistant", "tier": "none"},
        {"text": words, "tier": "urgent", "category": "abuse"},
    ]
    assert [Correction.parse_obj(row).text for row in rows] == [words, words]
    assert file.path.stat().st_mode & 0o077 == 0


def test_without_redaction_nothing_is_written_and_nothing_lost(store: Conversations, reviews: Reviews, case: int, tmp_path: Path) -> None:
    """It waits until there is one."""
    path = tmp_path / "corrections.jsonl"
    assert CorrectionsFile(path, None).bring(reviews) == 0
    reviews.record(case, account(store, "carol"), replace(FINE, labels=(Label(reviews.case(case).first, intent="resistant"),)))
    with pytest.raises(NoRedaction, match="are kept"):
        CorrectionsFile(path, None).bring(reviews)
    assert not path.exists()
    assert CorrectionsFile(path, str.upper).bring(reviews) == 1


def test_practice_teaches_nothing(store: Conversations, reviews: Reviews) -> None:
    """Its corrections are kept with the review and never written."""
    conversation = said(store, "urgent", store.open(PRACTICE).id)
    case = closed(store, conversation, "anna")
    reviews.record(case, account(store, "carol"), replace(FINE, labels=(Label(reviews.case(case).first, tier="none"),)))
    assert reviews.of(case)[0][2].labels
    assert reviews.unwritten() == []


def test_only_what_the_person_of_the_case_wrote_can_be_relabelled(store: Conversations, reviews: Reviews, case: int) -> None:
    """Not a message of someone else; and then nothing of the review is kept."""
    other = store.messages(said(store, "none"))[0].number
    with pytest.raises(NotReviewed, match="not one that the person"):
        reviews.record(case, account(store, "carol"), replace(FINE, labels=(Label(other, intent="greet"),)))
    assert reviews.of(case) == []


def test_debriefs_that_nobody_has_seen_come_first(store: Conversations) -> None:
    """And who saw one first is kept."""
    debriefs = Debriefs(store.database)
    debriefs.keep(account(store, "anna"), Said(1, needs_break=True, wants_to_talk=True, text="hard \ud800"))
    debriefs.keep(account(store, "ben"), Said(5))
    first = next(heard for heard in debriefs.all() if heard.account == "anna")
    assert (first.said.how, first.said.needs_break, first.said.text) == (1, True, "hard \ufffd")
    debriefs.seen(first.id, "sue")
    debriefs.seen(first.id, "tom")
    assert [(heard.account, heard.seen_by) for heard in debriefs.all()] == [("ben", None), ("anna", "sue")]


@pytest.mark.parametrize("how", [0, 6])
def test_a_debrief_off_the_scale_is_refused(store: Conversations, how: int) -> None:
    """From 1 to 5."""
    with pytest.raises(IntegrityError):
        Debriefs(store.database).keep(account(store, "anna"), Said(how))


def test_all_triggers_are_there(store: Conversations) -> None:
    """A batch migration of SQLite drops those of its table without a word."""
    of = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'", "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"}
    with store.database.engine.connect() as connection:
        there = set(connection.execute(text(of[store.database.engine.dialect.name])).scalars())
    wanted = {"hand_taken", "case_owes_review", "case_not_changed", "case_not_deleted", "owed_not_less", "owed_not_deleted"}
    wanted |= {"hand_not_changed", "hand_not_deleted", "review_by_another", "review_not_changed", "review_not_deleted"}
    assert wanted <= there
