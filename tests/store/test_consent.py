"""Leave to keep what is written: asked for first, help before it, refused and taken back at any time, in every channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from sqlalchemy import select

from bot.desk.consenting import AGREE, DISAGREE, NO_RESEARCH, RESEARCH, WITHDRAW, Asked, Gate
from bot.desk.desk import Desk
from bot.desk.offering import offer_to
from bot.desk.oversight import Supervised
from bot.desk.standing import moment
from bot.store.consents import Consents
from bot.store.conversations import Conversations
from bot.store.database import StoreAway
from bot.store.handover import Handover
from bot.store.messages import Inbound, Stored
from bot.store.queue import Queue
from bot.store.stopping import Stopping
from bot.store.tables import Consent
from tests.store.console import account
from tests.store.test_desk import desk_with, echo
from tests.store.test_messaging import running, said

ASKED = Asked("May it be kept?", research=True)
DANGER = "I want to kill myself"


def asking(store: Conversations) -> Desk:
    """A desk that asks first."""
    return desk_with(store, echo, asked=ASKED)


async def begun(desk: Desk, *texts: str) -> str:
    """A conversation in which these were written; returns its id."""
    new, _ = await desk.open("web")
    for text in texts:
        await desk.receive(new.id, Inbound(text))
    return new.id


def written(store: Conversations, conversation: str) -> list[str]:
    """What of the person's is kept."""
    return [m.text for m in store.messages(conversation) if m.author == "person"]


def buttons(message: Stored) -> set[str]:
    """The payloads it offers."""
    return {button["payload"] for button in message.buttons}


async def test_the_first_message_asks_with_two_buttons(store: Conversations) -> None:
    """In the words whose version is logged."""
    _, (first,) = await asking(store).open("web")
    assert first.text == ASKED.words
    assert buttons(first) == {AGREE, DISAGREE}


async def test_what_is_written_before_the_yes_is_not_kept_and_is_answered_after_it(store: Conversations) -> None:
    """The thought that somebody began with is not lost to them."""
    desk = asking(store)
    conversation = await begun(desk)
    (again,) = await desk.receive(conversation, Inbound("I think I failed", "one"))
    assert again.text == moment("consent_again")
    assert written(store, conversation) == []
    assert desk.agent.heard == []
    answered = await desk.receive(conversation, Inbound("Yes, keep it", "two", AGREE))
    assert [m.text for m in answered] == [moment("agreed"), moment("research"), "heard I think I failed"]
    assert written(store, conversation) == ["Yes, keep it", "I think I failed"]


async def test_the_yes_is_logged_with_the_version_of_the_words(store: Conversations) -> None:
    """When, what and to which words."""
    conversation = await begun(asking(store), "I agree")
    with store.database.unit() as session:
        row = session.execute(select(Consent)).scalars().one()
        assert (row.conversation_id, row.purpose, row.answer, row.version) == (conversation, "keep", "agreed", ASKED.version)
    assert ASKED.version != Asked("May it be kept forever?").version


async def test_who_agrees_before_writing_anything_is_asked_where_to_begin(store: Conversations) -> None:
    """Thanks alone would leave them with nothing to answer; where research is asked about, that question stands."""
    for asked, last in ((replace(ASKED, research=False), "begin"), (replace(ASKED, research=True), "research")):
        desk = asking(store)
        desk.terms = replace(desk.terms, asked=asked)
        replies = await desk.receive(store.open("web").id, Inbound("Yes, keep it", payload=AGREE))
        assert [m.text for m in replies] == [moment("agreed"), moment(last)]


@pytest.mark.parametrize("text", ["yes", "Yes please", "ok", "I agree", "yes, I agree", "agreed", "sure"])
async def test_a_typed_yes_counts(store: Conversations, text: str) -> None:
    """For channels and people without buttons."""
    conversation = await begun(asking(store), text)
    assert Consents(store.database).answer(conversation, "keep") == "agreed"


@pytest.mark.parametrize(
    "text",
    [
        "yes but who reads this?",
        "yes I failed therapy",
        "okay so I quit therapy",
        "do I agree?",
        "I agree with my therapist that I'm broken and difficult",
        "hello",
        "",
        "I agree with her",
    ],
)
async def test_what_is_no_yes_is_not_taken_for_one(store: Conversations, text: str) -> None:
    """Consent is explicit."""
    conversation = await begun(asking(store), text)
    assert Consents(store.database).answer(conversation, "keep") is None
    assert written(store, conversation) == []


async def test_danger_is_answered_before_any_yes_and_of_the_words_nothing_is_kept(store: Conversations) -> None:
    """Help first, then one plain sentence about consent; the state of risk holds on, also for another process."""
    desk = asking(store)
    conversation = await begun(desk)
    care, ask = await desk.receive(conversation, Inbound(DANGER))
    assert care.author == "crisis"
    assert "emergency number" in care.text
    assert (ask.text, buttons(ask)) == (moment("consent_in_danger"), {AGREE, DISAGREE})
    assert written(store, conversation) == []
    assert store.standing(conversation, 0).crisis["state"] != "none"  # type: ignore[index]  # there is one
    assert store.referrals() == {care.at.year: 1}
    later = await asking(store).receive(conversation, Inbound("I think I've failed therapy"))
    assert later[0].author == "crisis"


async def test_danger_before_the_yes_calls_a_supporter_who_reads_nothing_of_it(store: Conversations) -> None:
    """The queue shows that there is danger; nobody is said to read along; a handover that is offered is no question of consent."""
    desk = asking(store)
    conversation = await begun(desk, DANGER)
    (row,) = Queue(store.database).rows()
    assert (row.conversation_id, row.need) == (conversation, "urgent")
    assert "kill" not in str(row)
    anna = account(store, "anna")
    Handover(store.database).claim(conversation, anna, "Anna")
    Handover(store.database).offer(conversation, anna, "person", offer_to("Anna", "person"))
    await desk.receive(conversation, Inbound("ok"))
    assert Consents(store.database).answer(conversation, "keep") is None


async def test_a_handover_that_is_offered_is_not_answered_by_a_yes_to_keep(store: Conversations) -> None:
    """A bare yes may be meant for either, so it is leave for nothing; “I agree” is."""
    desk = asking(store)
    conversation, anna = await begun(desk), account(store, "anna")
    Handover(store.database).claim(conversation, anna, "Anna")
    Handover(store.database).offer(conversation, anna, "person", offer_to("Anna", "person"))
    await desk.receive(conversation, Inbound("yes"))
    assert Consents(store.database).answer(conversation, "keep") is None
    await desk.receive(conversation, Inbound("I agree"))
    assert Consents(store.database).answer(conversation, "keep") == "agreed"


async def test_while_replies_are_stopped_the_static_help_says_that_nothing_was_kept(store: Conversations) -> None:
    """In danger or not, and the question stays."""
    desk = asking(store)
    conversation = await begun(desk)
    desk.oversight = Supervised(store.database)
    Stopping(store.database).stop(account(store, "anna"), "a trial", lambda _: "static")
    for words in ("hello", DANGER):
        helped, ask = await desk.receive(conversation, Inbound(words))
        assert "switched off for now. What you wrote just now was not kept" in helped.text
        assert buttons(ask) == {AGREE, DISAGREE}
    assert written(store, conversation) == []


async def test_who_begins_with_danger_in_a_messaging_app_is_answered_before_being_asked(store: Conversations) -> None:
    """The answer to danger first, then the whole question; anybody else is asked first."""
    async with running(store) as house:
        house.desk.terms = type(house.desk.terms)(**{**vars(house.desk.terms), "asked": ASKED})
        house.desk.gate = Gate(house.desk, ASKED)
        await house.reception.take([said(DANGER, 1), said("hello", 2, "bob")])
        ann, bob = (house.reception.sealer.pseudonym("telegram", person) for person in ("ann", "bob"))
        await house.until(lambda: len(store.messages(ann)) == len(store.messages(bob)) == 2)
        care, asked = store.messages(ann)
        assert (care.author, asked.text, buttons(asked)) == ("crisis", ASKED.words, {AGREE, DISAGREE})
        assert [m.text for m in store.messages(bob)] == [ASKED.words, moment("consent_again")]


async def test_a_bare_yes_in_a_conversation_in_risk_answers_the_question_of_danger(store: Conversations) -> None:
    """It is no leave to keep anything; the button and “I agree” are."""
    desk = asking(store)
    conversation = await begun(desk, DANGER)
    for bare in ("yes", "no"):
        replies = await desk.receive(conversation, Inbound(bare))
        assert replies[0].author == "crisis"
    assert Consents(store.database).answer(conversation, "keep") is None
    replies = await desk.receive(conversation, Inbound("Yes, keep it", payload=AGREE))
    assert [m.author for m in replies][:2] == ["crisis", "standing"]
    assert replies[1].text == moment("agreed")
    assert written(store, conversation) == ["Yes, keep it"]
    assert (await desk.receive(conversation, Inbound("hello")))[0].author == "crisis"


async def test_a_safety_plan_before_the_yes_is_not_kept(store: Conversations) -> None:
    """It can be made all the same."""
    desk = asking(store)
    conversation = await begun(desk, DANGER, "make a safety plan")
    await desk.receive(conversation, Inbound("the heron stands still"))
    assert store.standing(conversation, 0).crisis["plan"]["answers"] == {}  # type: ignore[index]  # there is one
    assert desk.remembered(conversation).plan.answers  # type: ignore[union-attr]  # it is in risk


async def test_who_refuses_gets_the_directory_and_is_still_answered_in_danger(store: Conversations) -> None:
    """Nothing is kept, nothing is asked again and again, and the button stays."""
    desk = asking(store)
    conversation = await begun(desk)
    (refused,) = await desk.receive(conversation, Inbound("No", payload=DISAGREE))
    assert "findahelpline.com" in refused.text
    assert buttons(refused) == {AGREE}
    assert Consents(store.database).answer(conversation, "keep") == "refused"
    (unkept,) = await desk.receive(conversation, Inbound("so what now"))
    assert "findahelpline.com" in unkept.text
    assert (await desk.receive(conversation, Inbound(DANGER)))[0].author == "crisis"
    assert written(store, conversation) == []
    await desk.receive(conversation, Inbound("I agree after all", payload=AGREE))
    assert (await desk.receive(conversation, Inbound("what next")))[-1].author == "crisis"


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("I want to withdraw my consent", None),
        ("please stop keeping what I write", None),
        ("don't store anything I say", None),
        ("I take back my yes", None),
        ("Take my yes back", WITHDRAW),
    ],
)
async def test_a_yes_can_be_taken_back_by_a_sentence_or_the_button(store: Conversations, text: str, payload: Optional[str]) -> None:
    """From then on nothing is kept; erasing is offered."""
    desk = asking(store)
    conversation = await begun(desk, "I agree", "something")
    (said_,) = await desk.receive(conversation, Inbound(text, payload=payload))
    assert said_.text == moment("withdrawn").format(days="2")
    assert buttons(said_) == {"/erase", AGREE}
    await desk.receive(conversation, Inbound("later"))
    assert written(store, conversation) == ["I agree", "something"]
    assert Consents(store.database).answer(conversation, "research") in (None, "withdrawn")


@pytest.mark.parametrize("text", ["I withdraw from people", "I stopped keeping a diary", "should I cancel my therapy?", "I withdrew my complaint"])
async def test_what_takes_nothing_back_is_not_taken_for_it(store: Conversations, text: str) -> None:
    """It is answered."""
    desk = asking(store)
    conversation = await begun(desk, "I agree")
    assert [m.text for m in await desk.receive(conversation, Inbound(text))] == [f"heard {text}"]


async def test_leave_for_research_is_asked_for_apart(store: Conversations) -> None:
    """Yes, no, and no answer are three things."""
    desk, consents = asking(store), Consents(store.database)
    one, two, three = [await begun(desk, "I agree") for _ in range(3)]
    await desk.receive(one, Inbound("yes", payload=RESEARCH))
    await desk.receive(two, Inbound("no", payload=NO_RESEARCH))
    assert [consents.answer(c, "research") for c in (one, two, three)] == ["agreed", "refused", None]


async def test_sent_twice_before_the_yes_it_is_answered_once(store: Conversations) -> None:
    """As a client does that heard nothing."""
    desk = asking(store)
    conversation = await begun(desk)
    first, second = [await desk.receive(conversation, Inbound(DANGER, "one")) for _ in range(2)]
    assert first == second
    assert store.referrals() == {first[0].at.year: 1}


async def test_what_was_spooled_without_a_yes_never_reaches_the_database(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database was away nobody could know; who had agreed finds theirs again."""
    desk = asking(store)
    silent, agreed = await begun(desk), await begun(desk, "I agree")

    def away(*_: object) -> None:
        raise StoreAway("away")

    with monkeypatch.context() as gone:
        gone.setattr(Consents, "answer", away)
        for conversation in (silent, agreed):
            await desk.receive(conversation, Inbound("spooled"))
    await desk.replay()
    assert (written(store, silent), written(store, agreed)) == ([], ["I agree", "spooled"])


async def test_in_a_messaging_app_it_is_the_same(store: Conversations) -> None:
    """Asked by the first message, not kept before the yes, answered after it; a number chooses the button; a word of command keeps no text."""
    async with running(store) as house:
        house.desk.terms = type(house.desk.terms)(**{**vars(house.desk.terms), "asked": ASKED})
        house.desk.gate = Gate(house.desk, ASKED)
        await house.reception.take([said("I think I failed", 1)])
        await house.until(lambda: len(house.platform.got) == 2)
        assert [text for _, text in house.platform.got] == [ASKED.words, moment("consent_again")]
        await house.reception.take([said("/start secret words", 2, kind="began")])
        await house.reception.take([said("1", 3)])
        await house.until(lambda: "heard I think I failed" in house.platform.texts())
        name = house.reception.sealer.pseudonym("telegram", "ann")
        assert written(store, name) == ["", "Yes, keep it", "I think I failed"]
