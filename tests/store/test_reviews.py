"""A closed urgent case is reviewed by a second person, whatever the code above the database believes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.agent.corrections import Correction
from bot.pilot.corrections_file import CorrectionsFile, NoRedaction
from bot.store.conversations import Conversations, NoConversation
from bot.store.debriefs import Debriefs, Said
from bot.store.messages import Inbound
from bot.store.reviews import AlreadyClosed, Closed, Findings, Label, NotReviewed, Reviews, Tier

FINE = Findings("best", "best", "adequate", "best", "best")


def one_for_urgent(tier: Tier, case: str) -> int:
    """No sample."""
    return 1 if tier == "urgent" else 0


def said(store: Conversations, tier: Optional[str], conversation: Optional[str] = None, words: str = "hello") -> str:
    """A conversation in which a person wrote something of a tier."""
    conversation = conversation or store.open("web").id
    message = store.receive(conversation, Inbound(words))
    if tier:
        store.screened(message.number, tier, "suicide", "1")
    return conversation


@pytest.fixture
def reviews(store: Conversations) -> Reviews:
    """The reviews of a store."""
    return Reviews(store.database, one_for_urgent)


@pytest.fixture
def case(store: Conversations, reviews: Reviews) -> Closed:
    """An urgent case that anna closed and ben had a hand in."""
    return reviews.close(said(store, "urgent"), "anna", frozenset({"ben"}))


def run(store: Conversations, sql: str, **values: Any) -> None:
    """What somebody with the database's password, or a mistake in the code, might do."""
    with store.database.engine.begin() as connection:
        connection.execute(text(sql), values)


REVIEW = (
    "INSERT INTO review (closing_id, closed_by, reviewer, created_at, detect, confirm, guide, support, boundaries, missed_crisis, false_alarm, note)"
    " VALUES (:id, :closed_by, :reviewer, '2026-01-01 00:00:00', :detect, 'best', 'best', 'best', 'best', FALSE, FALSE, '')"
)


@pytest.mark.parametrize("reviewer", ["anna", "ben"])
def test_who_closed_a_case_or_had_a_hand_in_it_cannot_review_it(reviews: Reviews, case: Closed, reviewer: str) -> None:
    """And the case stays due."""
    with pytest.raises(NotReviewed, match="no hand in it"):
        reviews.record(case.id, reviewer, FINE)
    assert [c.id for c in reviews.due()] == [case.id]
    assert reviews.due(reviewer) == []


def test_a_second_person_reviews_it_once(reviews: Reviews, case: Closed) -> None:
    """Then it is no longer due."""
    assert [c.id for c in reviews.due("carol")] == [case.id]
    reviews.record(case.id, "carol", FINE)
    assert reviews.due() == []
    assert [(who, found) for who, _, found in reviews.of(case.id)] == [("carol", FINE)]
    with pytest.raises(NotReviewed):
        reviews.record(case.id, "carol", FINE)


@pytest.mark.parametrize(
    ("closed_by", "reviewer", "detect"),
    [("anna", "anna", "best"), ("anna", "ben", "best"), ("carol", "anna", "best"), ("anna", "carol", "splendid")],
    ids=["the closer", "one who had a hand in it", "the closer under another name", "no rating"],
)
def test_the_database_itself_refuses_a_review_that_is_none(store: Conversations, case: Closed, closed_by: str, reviewer: str, detect: str) -> None:
    """Past all of our code."""
    with pytest.raises(IntegrityError):
        run(store, REVIEW, id=case.id, closed_by=closed_by, reviewer=reviewer, detect=detect)


def test_the_database_takes_a_review_by_another(store: Conversations, reviews: Reviews, case: Closed) -> None:
    """So that the refusals above are refusals of the right thing."""
    run(store, REVIEW, id=case.id, closed_by="anna", reviewer="carol", detect="best")
    assert reviews.due() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE closing SET wanted = 0",
        "UPDATE closing SET tier = 'none', wanted = 0",
        "UPDATE closing SET closed_by = 'carol'",
        "DELETE FROM closing",
        "UPDATE hand SET account = 'dora'",
        "DELETE FROM hand",
        "INSERT INTO closing (conversation_id, upto, tier, closed_by, closed_at, wanted)"
        " SELECT conversation_id, upto + 9, 'urgent', 'anna', closed_at, 0 FROM closing",
    ],
)
def test_the_need_of_a_review_cannot_be_taken_away(store: Conversations, reviews: Reviews, case: Closed, sql: str) -> None:
    """Neither by changing the case nor by removing it."""
    with pytest.raises(IntegrityError):
        run(store, sql)
    assert [c.id for c in reviews.due()] == [case.id]


@pytest.mark.parametrize("sql", ["UPDATE review SET detect = 'harm'", "UPDATE review SET reviewer = 'dora'", "DELETE FROM review"])
def test_a_review_stays_as_it_was_given(store: Conversations, reviews: Reviews, case: Closed, sql: str) -> None:
    """By whoever."""
    reviews.record(case.id, "carol", FINE)
    with pytest.raises(IntegrityError):
        run(store, sql)


def test_an_urgent_case_cannot_be_closed_as_anything_else(store: Conversations) -> None:
    """The messages decide, not who closes."""
    conversation = said(store, "urgent")
    with pytest.raises(IntegrityError):
        run(
            store,
            "INSERT INTO closing (conversation_id, upto, tier, closed_by, closed_at, wanted)"
            " SELECT conversation_id, number, 'check_in', 'anna', created_at, 0 FROM message",
        )
    assert Reviews(store.database, one_for_urgent).close(conversation, "anna").tier == "urgent"


@pytest.mark.parametrize(("tiers", "tier"), [((None,), "none"), (("none", "check_in"), "check_in"), (("urgent", "none"), "urgent")])
def test_a_case_has_the_gravest_tier_of_its_messages(store: Conversations, reviews: Reviews, tiers: tuple[Optional[str], ...], tier: str) -> None:
    """Whatever came last."""
    conversation = store.open("web").id
    for met in tiers:
        said(store, met, conversation)
    assert reviews.close(conversation, "anna").tier == tier


def test_what_comes_after_a_closing_is_a_case_of_its_own(store: Conversations, reviews: Reviews, case: Closed) -> None:
    """It does not inherit the tier, and nothing new is no case."""
    with pytest.raises(AlreadyClosed):
        reviews.close(case.conversation_id, "anna")
    said(store, "none", case.conversation_id)
    later = reviews.close(case.conversation_id, "carol")
    assert (later.tier, later.wanted, later.after) == ("none", 0, case.upto)


def test_a_conversation_that_is_gone_cannot_be_closed(reviews: Reviews) -> None:
    """And says so."""
    with pytest.raises(NoConversation):
        reviews.close("nobody", "anna")


def test_erasing_the_conversation_erases_case_and_reviews(store: Conversations, reviews: Reviews, case: Closed) -> None:
    """The refusals do not stand in the way of what a person may ask for; the supporter's own words stay."""
    reviews.record(case.id, "carol", Findings("harm", "best", "best", "best", "best", True, labels=(Label(case.upto, tier="urgent", category="suicide"),)))
    Debriefs(store.database).keep("anna", Said(2), case.id)
    store.delete(case.conversation_id)
    assert (reviews.due(), reviews.of(case.id), reviews.unwritten()) == ([], [], [])
    assert [heard.account for heard in Debriefs(store.database).all()] == ["anna"]
    with pytest.raises(NotReviewed):
        reviews.record(case.id, "dora", FINE)


def test_a_case_that_wants_two_reviews_gets_them_from_two_people(store: Conversations) -> None:
    """And both count for agreement, the first before the second."""
    reviews = Reviews(store.database, lambda tier, name: 2)
    case = reviews.close(said(store, "none"), "anna")
    reviews.record(case.id, "carol", FINE)
    assert [c.id for c in reviews.due("dora")] == [case.id]
    assert reviews.due("carol") == []
    reviews.record(case.id, "dora", Findings("harm", "best", "adequate", "best", "best", missed_crisis=True))
    assert reviews.due() == []
    assert reviews.pairs()["detect"] == [("best", "harm")]
    assert reviews.pairs()["missed_crisis"] == [(False, True)]


@pytest.mark.parametrize("redact", [str.upper, lambda words: words.replace("Ann", "<NAME>")])
def test_corrections_are_written_redacted_once_and_in_the_form_of_reframe_learn(
    store: Conversations, reviews: Reviews, tmp_path: Path, redact: Callable[[str], str]
) -> None:
    """One line each, which the reader of the file takes."""
    conversation = said(store, "urgent", words="Ann says\nI am resistant")
    case = reviews.close(conversation, "anna")
    labels = (Label(case.upto, intent="resistant", tier="none", category="suicide"), Label(case.upto, tier="urgent", category="abuse"))
    reviews.record(case.id, "carol", Findings("best", "best", "best", "best", "best", labels=labels))
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


def test_without_redaction_nothing_is_written_and_nothing_lost(store: Conversations, reviews: Reviews, case: Closed, tmp_path: Path) -> None:
    """It waits until there is one."""
    path = tmp_path / "corrections.jsonl"
    assert CorrectionsFile(path, None).bring(reviews) == 0
    reviews.record(case.id, "carol", Findings("best", "best", "best", "best", "best", labels=(Label(case.upto, intent="resistant"),)))
    with pytest.raises(NoRedaction, match="are kept"):
        CorrectionsFile(path, None).bring(reviews)
    assert not path.exists()
    assert CorrectionsFile(path, str.upper).bring(reviews) == 1


def test_only_what_the_person_of_the_case_wrote_can_be_relabelled(store: Conversations, reviews: Reviews, case: Closed) -> None:
    """Not a message of someone else; and then nothing of the review is kept."""
    said(store, "none")
    with pytest.raises(NotReviewed, match="not one that the person"):
        reviews.record(case.id, "carol", Findings("best", "best", "best", "best", "best", labels=(Label(case.upto + 1, intent="greet"),)))
    assert reviews.of(case.id) == []


def test_debriefs_that_nobody_has_seen_come_first(store: Conversations) -> None:
    """And who saw one first is kept."""
    debriefs = Debriefs(store.database)
    debriefs.keep("anna", Said(1, needs_break=True, wants_to_talk=True, text="hard \ud800"))
    debriefs.keep("ben", Said(5))
    first = next(heard for heard in debriefs.all() if heard.account == "anna")
    assert (first.said.how, first.said.needs_break, first.said.text) == (1, True, "hard \ufffd")
    debriefs.seen(first.id, "sue")
    debriefs.seen(first.id, "tom")
    assert [(heard.account, heard.seen_by) for heard in debriefs.all()] == [("ben", None), ("anna", "sue")]


@pytest.mark.parametrize("how", [0, 6])
def test_a_debrief_off_the_scale_is_refused(store: Conversations, how: int) -> None:
    """From 1 to 5."""
    with pytest.raises(IntegrityError):
        Debriefs(store.database).keep("anna", Said(how))
