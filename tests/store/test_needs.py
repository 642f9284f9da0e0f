"""What awaits a supporter, as it comes up at the desk; drafts, offers and handovers in the store."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Literal

import pytest

from bot.console.order import waiting
from bot.desk.offering import ACCEPT, DECLINE, answer_in, offer_to
from bot.desk.standing import moment
from bot.store.accounts import Accounts
from bot.store.console_tables import ClosedCase, Draft
from bot.store.conversations import Conversations
from bot.store.drafts import Decided, Drafts
from bot.store.handover import Handover, Held
from bot.store.messages import Inbound, Reply, now
from bot.store.queue import Queue, Row
from tests.store.test_danger_at_the_desk import away
from tests.store.test_desk import breaks, desk_with, echo

DANGER = "I want to kill myself"


def only(store: Conversations) -> Row:
    """The one row of the queue."""
    (row,) = Queue(store.database).rows()
    return row


def wanting(wants: Literal["person", "unsure"]) -> Any:
    """An agent whose answer says so."""

    async def answer(text: str) -> list[Reply]:
        return [Reply("ok", wants=wants)]

    return answer


@pytest.mark.parametrize(
    ("texts", "need"),
    [
        (["hello"], None),
        ([DANGER], "urgent"),
        (["everyone would be better off without me"], "check_in"),
        (["I have the pills in my hand and I'm going to take them now"], "immediate"),
        (["everyone would be better off without me", "yes"], "urgent"),
        ([DANGER, "hello"], "urgent"),
        (["this homework is killing me"], None),
    ],
)
async def test_danger_calls_a_supporter(store: Conversations, texts: list[str], need: str | None) -> None:
    """By the message itself, and by what it answers: a bare yes to the question is danger as well."""
    conversation, desk = store.open("web").id, desk_with(store, echo)
    for text in texts:
        await desk.receive(conversation, Inbound(text))
    assert [row.need for row in Queue(store.database).rows()] == ([need] if need else [])


async def test_the_row_says_why_with_rule_and_words(store: Conversations) -> None:
    """And which sentence came last."""
    conversation = store.open("web").id
    await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    row = only(store)
    assert row.rule
    assert "kill myself" in row.words
    assert (row.channel, row.said_by, row.sentence, row.holder) == ("web", "person", DANGER, None)


@pytest.mark.parametrize(("answer", "need"), [(wanting("person"), "person"), (wanting("unsure"), "unsure"), (breaks, "error"), (echo, None)])
async def test_asking_for_a_person_not_being_understood_and_failures_call_as_well(store: Conversations, answer: Any, need: str | None) -> None:
    """From what was answered."""
    conversation = store.open("web").id
    await desk_with(store, answer).receive(conversation, Inbound("hello"))
    assert [row.need for row in Queue(store.database).rows()] == ([need] if need else [])


async def test_a_need_only_grows_graver_and_keeps_its_time(store: Conversations) -> None:
    """What comes after it does not hide it."""
    conversation = store.open("web").id
    await desk_with(store, wanting("person")).receive(conversation, Inbound("can I talk to someone"))
    asked = only(store)
    await desk_with(store, breaks).receive(conversation, Inbound("hello"))
    assert (only(store).need, only(store).since) == ("person", asked.since)
    await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    assert only(store).need == "urgent"
    assert only(store).since > asked.since


async def test_danger_that_came_while_the_database_was_away_calls_when_it_is_back(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could see it before."""
    new, desk = store.open("web"), desk_with(store, echo)
    with away(store, monkeypatch):
        await desk.receive(new.id, Inbound(DANGER, "one"), new.secret)
        await desk.receive(new.id, Inbound("hello"), new.secret)
    await desk.replay()
    assert only(store).need == "urgent"


def account(store: Conversations, name: str = "ada") -> str:
    """A supporter's id."""
    return Accounts(store.database).add(name, "supporter", name.capitalize(), None).id


async def called(store: Conversations) -> str:
    """A conversation in danger."""
    conversation = store.open("web").id
    await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    return conversation


async def test_closing_keeps_what_it_was_and_takes_it_out_of_the_queue(store: Conversations) -> None:
    """A case for the review: what was needed, since when, which messages, by whom."""
    conversation, hands, ada = await called(store), Handover(store.database), account(store)
    hands.claim(conversation, ada, "Ada")
    hands.close(conversation, ada)
    assert Queue(store.database).rows() == []
    with store.database.unit() as session:
        (case,) = session.query(ClosedCase).all()
        assert (case.need, case.closed_by, case.held_since is not None, case.first_number <= case.last_number) == ("urgent", ada, True, True)


async def test_what_is_said_in_danger_after_closing_calls_again_until_it_was_looked_after(store: Conversations) -> None:
    """The conversation stays in risk; a supporter who knows that the person is cared for says so."""
    conversation, hands, ada = await called(store), Handover(store.database), account(store)
    hands.close(conversation, ada)
    await desk_with(store, echo).receive(conversation, Inbound("tonight"))
    assert only(store).need in ("urgent", "immediate")
    hands.claim(conversation, ada, "Ada")
    hands.cared_for(conversation, ada)
    hands.close(conversation, ada)
    (said,) = await desk_with(store, echo).receive(conversation, Inbound("thank you"))
    assert (said.text, Queue(store.database).rows()) == ("heard thank you", [])


async def test_a_conversation_is_not_closed_while_a_supporter_speaks_or_another_holds_it(store: Conversations) -> None:
    """Nor released."""
    conversation, hands, ada, bea = await called(store), Handover(store.database), account(store), account(store, "bea")
    hands.join(conversation, ada, "Ada", "Ada is here.")
    for refused in (lambda: hands.close(conversation, ada), lambda: hands.close(conversation, bea), lambda: hands.release(conversation, ada)):
        with pytest.raises(Held):
            refused()


@pytest.mark.parametrize("act", ["claim", "join", "approve_first"])
async def test_of_two_at_once_one_gets_it(store: Conversations, act: str) -> None:
    """The database decides, twenty times over."""
    hands, people = Handover(store.database), [account(store, name) for name in ("ada", "bea")]

    def tried(conversation: str, who: str) -> bool:
        try:
            getattr(hands, act)(conversation, who, who, *([] if act == "claim" else ["words"]))
        except Held:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            conversation = store.open("web").id
            assert sorted(pool.map(lambda who, c=conversation: tried(c, who), people)) == [False, True]


async def test_of_two_who_answer_at_once_only_the_holder_is_heard(store: Conversations) -> None:
    """And of one draft only one decision."""
    conversation, hands, ada, bea = await called(store), Handover(store.database), account(store), account(store, "bea")
    hands.join(conversation, ada, "Ada", "Ada is here.")
    with pytest.raises(Held):
        hands.say(conversation, bea, "me too")
    hands.pass_on(conversation, ada, bea, "Bea", "Bea comes.")
    with pytest.raises(Held):
        hands.say(conversation, ada, "still me")
    assert [m.speaker for m in store.messages(conversation) if m.author == "supporter"] == []
    hands.say(conversation, bea, "I'm Bea.")
    assert store.messages(conversation)[-1].speaker == "Bea"


# -- approve first -------------------------------------------------------------------------------------------------


async def approved(store: Conversations, text: str = "I failed therapy") -> tuple[str, str, Drafts]:
    """A conversation in which an answer waits for Ada."""
    conversation, ada = store.open("web").id, account(store)
    Handover(store.database).approve_first(conversation, ada, "Ada", "Ada reads along.")
    assert await desk_with(store, echo).receive(conversation, Inbound(text)) == []
    return conversation, ada, Drafts(store.database)


async def test_an_answer_waits_and_is_sent_edited_or_discarded_once(store: Conversations) -> None:
    """Each ends it."""
    conversation, ada, drafts = await approved(store)
    (draft,) = drafts.waiting(conversation)
    assert draft.text == "heard I failed therapy"
    drafts.send(conversation, draft.id, ada)
    assert [(m.author, m.text, m.answers) for m in store.messages(conversation)][-1] == ("bot", draft.text, draft.answers)
    for again in (lambda: drafts.send(conversation, draft.id, ada), lambda: drafts.discard(conversation, draft.id, ada)):
        with pytest.raises(Decided):
            again()
    await desk_with(store, echo).receive(conversation, Inbound("hello"))
    drafts.send(conversation, drafts.waiting(conversation)[0].id, ada, "in other words")
    assert store.messages(conversation)[-1].text == "in other words"
    await desk_with(store, echo).receive(conversation, Inbound("bye"))
    drafts.discard(conversation, drafts.waiting(conversation)[0].id, ada)
    assert (store.messages(conversation)[-1].text, drafts.waiting(conversation)) == ("bye", [])


async def test_only_who_holds_the_conversation_decides(store: Conversations) -> None:
    """Not another, not for another conversation."""
    conversation, _, drafts = await approved(store)
    with pytest.raises(Decided):
        drafts.send(conversation, drafts.waiting(conversation)[0].id, account(store, "bea"))
    with pytest.raises(Decided):
        drafts.send(store.open("web").id, drafts.waiting(conversation)[0].id, "x")
    assert len(drafts.waiting(conversation)) == 1


async def test_a_draft_is_decided_once_by_two_windows_at_once(store: Conversations) -> None:
    """The person gets one answer."""
    conversation, ada, drafts = await approved(store)
    (draft,) = drafts.waiting(conversation)

    def tried(_: int) -> bool:
        try:
            drafts.send(conversation, draft.id, ada)
        except Decided:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tried, range(4))) == [False, False, False, True]
    assert [m.text for m in store.messages(conversation)].count(draft.text) == 1


async def test_an_answer_to_danger_never_waits_and_takes_what_waits_away(store: Conversations) -> None:
    """No reframe comes after it."""
    conversation, ada, drafts = await approved(store)
    old = drafts.waiting(conversation)[0]
    (said,) = await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    assert (said.author, drafts.waiting(conversation), only(store).need) == ("crisis", [], "urgent")
    with pytest.raises(Decided):
        drafts.send(conversation, old.id, ada)


async def test_what_waits_too_long_is_said_once_and_may_still_be_sent(store: Conversations) -> None:
    """By whichever process looks first."""
    conversation, ada, drafts = await approved(store)
    assert drafts.expire(now(), "wait") == []
    late = now() + store.draft_waits + timedelta(seconds=1)
    assert drafts.expire(late, moment("draft_late")) == [conversation]
    assert drafts.expire(late, moment("draft_late")) == []
    assert [m.text for m in store.messages(conversation)].count(moment("draft_late")) == 1
    drafts.send(conversation, drafts.waiting(conversation)[0].id, ada)
    assert store.messages(conversation)[-1].text == "heard I failed therapy"


async def test_the_desk_itself_says_that_it_takes_long(store: Conversations) -> None:
    """Also when no console runs."""
    store.draft_waits = timedelta(seconds=0.2)
    conversation, ada = store.open("web").id, account(store)
    Handover(store.database).approve_first(conversation, ada, "Ada", "Ada reads along.")
    desk = desk_with(store, echo)
    await desk.receive(conversation, Inbound("hello"))
    await asyncio.gather(*desk._watching)
    assert store.messages(conversation)[-1].text == moment("draft_late")


async def test_sent_twice_makes_one_draft_and_a_restart_does_not_answer_it(store: Conversations) -> None:
    """It is no message that was left unanswered."""
    conversation, ada = store.open("web").id, account(store)
    Handover(store.database).approve_first(conversation, ada, "Ada", "Ada reads along.")
    desk = desk_with(store, echo)
    await asyncio.gather(*(desk.receive(conversation, Inbound("hello", "one")) for _ in range(2)))
    assert (len(Drafts(store.database).waiting(conversation)), desk.agent.heard) == (1, ["hello"])
    assert await desk_with(store, echo).settle() == 0


async def test_handing_back_sends_what_waits_and_taking_over_does_not(store: Conversations) -> None:
    """Whoever speaks says what is said."""
    conversation, ada, drafts = await approved(store)
    Handover(store.database).hand_back(conversation, ada, "Ada leaves.")
    assert [m.text for m in store.messages(conversation)][-2:] == ["Ada leaves.", "heard I failed therapy"]
    Handover(store.database).approve_first(conversation, ada, "Ada", "Ada reads along.")
    await desk_with(store, echo).receive(conversation, Inbound("hello"))
    Handover(store.database).join(conversation, ada, "Ada", "Ada joins.")
    assert (store.messages(conversation)[-1].text, drafts.waiting(conversation)) == ("Ada joins.", [])


async def test_handing_back_sends_a_late_answer_only_to_the_latest_message(store: Conversations) -> None:
    """What was overtaken by a newer message would come out of nowhere."""
    conversation, ada, drafts = await approved(store, "one")
    late = now() + store.draft_waits + timedelta(seconds=1)
    drafts.expire(late, "wait")
    await desk_with(store, echo).receive(conversation, Inbound("two"))
    drafts.expire(late + timedelta(minutes=1), "wait")
    Handover(store.database).hand_back(conversation, ada, "Ada leaves.")
    assert [m.text for m in store.messages(conversation) if m.author == "bot"] == ["heard two"]


async def test_deleting_a_conversation_deletes_its_drafts_and_cases(store: Conversations) -> None:
    """Whatever hangs on it."""
    conversation, _, _ = await approved(store)
    await desk_with(store, echo).delete(conversation)
    with store.database.unit() as session:
        assert session.query(Draft).count() == 0


# -- offers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inbound", "need", "words"),
    [
        (Inbound("Yes, please", payload=ACCEPT), "person", "offer_accepted"),
        (Inbound("No, stay as it is", payload=DECLINE), None, "offer_declined"),
        (Inbound("yes please"), "person", "offer_accepted"),
        (Inbound("no thanks"), None, "offer_declined"),
        (Inbound("yes but my sister says I failed"), None, None),
    ],
)
async def test_the_person_says_whether_a_supporter_may_join(store: Conversations, inbound: Inbound, need: str | None, words: str | None) -> None:
    """By a button or a word, and is told what happens; anything else is an ordinary message."""
    conversation, hands, ada, desk = store.open("web").id, Handover(store.database), account(store), desk_with(store, echo)
    hands.claim(conversation, ada, "Ada")
    hands.offer(conversation, ada, "person", offer_to("Ada", "person"))
    (said,) = await desk.receive(conversation, inbound)
    assert said.text == (moment(words).replace("{name}", "Ada") if words else f"heard {inbound.text}")
    assert (only(store).need, only(store).offer_answer) == (need, words.removeprefix("offer_") if words else None)


async def test_an_answer_to_no_offer_is_an_ordinary_message(store: Conversations) -> None:
    """A yes belongs to what the program asked."""
    (said,) = await desk_with(store, echo).receive(store.open("web").id, Inbound("yes"))
    assert said.text == "heard yes"
    assert answer_in(Inbound("yes"), offered=False) is None


async def test_danger_in_an_answer_to_an_offer_is_answered_as_danger(store: Conversations) -> None:
    """First."""
    conversation, ada = store.open("web").id, account(store)
    Handover(store.database).claim(conversation, ada, "Ada")
    Handover(store.database).offer(conversation, ada, "person", offer_to("Ada", "person"))
    (said,) = await desk_with(store, echo).receive(conversation, Inbound(DANGER))
    assert said.author == "crisis"


# -- going quiet ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "told"), [("automatic", False), ("approving", True), ("taken", True)])
async def test_what_somebody_gone_quiet_held_returns_and_the_person_is_told(store: Conversations, mode: str, told: bool) -> None:
    """Where they knew of the supporter; the program answers again and the need still stands."""
    conversation, hands, ada = await called(store), Handover(store.database), account(store)
    begins = {"automatic": ("claim", ()), "approving": ("approve_first", ("words",)), "taken": ("join", ("words",))}
    name, words = begins[mode]
    getattr(hands, name)(conversation, ada, "Ada", *words)
    assert hands.quiet(now() - timedelta(minutes=1)) == []
    later = now() + timedelta(minutes=1)
    assert hands.quiet(later) == [(conversation, ada, "Ada")]
    hands.return_quiet(conversation, ada, "back")
    row = only(store)
    assert (row.holder, row.mode, row.need, store.messages(conversation)[-1].text == "back") == (None, "automatic", "urgent", told)
    assert [r.conversation_id for r in waiting([row], {"urgent": timedelta(minutes=2)}, now())] == [conversation]  # type: ignore[dict-item]
