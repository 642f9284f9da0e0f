"""On duty is who has switched themselves on and is there; a plan watches over nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.desk.oversight import Supervised
from bot.desk.standing import moment
from bot.store.console_tables import Account
from bot.store.conversations import Conversations
from bot.store.duty import GRACE, Duty, Planned
from bot.store.messages import HELP, Inbound, Reply, now
from bot.store.outbox import Outbox
from bot.store.sealed import RISK
from bot.store.stopping import STOPPED, Stopping
from bot.store.tables import Conversation
from tests.store.console import account
from tests.store.test_desk import desk_with, echo

DANGER = "I want to kill myself"
STATIC = "automatic answers of this chat are switched off"


def moved(store: Conversations, name: str, ago: timedelta = timedelta(), **more: Any) -> str:
    """An account that moved a hand so long ago."""
    who = account(store, name)
    with store.database.unit() as session:
        session.execute(update(Account).where(Account.id == who).values(active_at=now() - ago, **more))
    return who


def test_nobody_is_on_duty_by_default(store: Conversations) -> None:
    """Neither because somebody has an account, nor because they are signed in."""
    moved(store, "anna")
    assert not Duty(store.database).attended(now())


@pytest.mark.parametrize(
    ("ago", "more", "there"),
    [
        (timedelta(), {}, True),
        (GRACE - timedelta(minutes=1), {}, True),
        (GRACE + timedelta(minutes=1), {}, False),
        (timedelta(), {"active": False}, False),
        (timedelta(), {"role": "auditor"}, False),
        (timedelta(), {"role": "supervisor"}, True),
    ],
    ids=["now", "a while ago", "too long ago", "shut out", "cannot answer", "a supervisor"],
)
def test_who_is_switched_on_counts_only_while_they_are_there(store: Conversations, ago: timedelta, more: dict[str, Any], there: bool) -> None:
    """Seen from when they last moved a hand."""
    duty, who = Duty(store.database), moved(store, "anna", ago, **more)
    duty.begin(who)
    duty.begin(who)
    assert (duty.attended(now()), [w.name for w in duty.on_duty(now())]) == (there, ["anna"] if there else [])


def test_switched_off_is_off(store: Conversations) -> None:
    """At once."""
    duty, who = Duty(store.database), moved(store, "anna")
    duty.begin(who)
    duty.end(who)
    assert not duty.attended(now())


def test_being_planned_is_not_being_there(store: Conversations) -> None:
    """The rota is kept, and says nothing about who watches."""
    duty, who = Duty(store.database), moved(store, "anna")
    duty.plan(Planned(who, now().date(), "00:00", "23:59", weekly=True, last_day=date(2030, 1, 1), zone="Europe/Dublin"))
    assert not duty.attended(now())
    (line,) = duty.rota()
    assert (line.account, line.weekly, line.zone) == (who, True, "Europe/Dublin")
    duty.cancel(line.id)
    assert duty.rota() == []


async def test_what_is_said_about_people_in_danger_is_true(store: Conversations) -> None:
    """Without anybody on duty nobody is said to read along; with somebody, it is said that they may; when they are gone, no longer."""
    duty, who = Duty(store.database), moved(store, "anna")
    desk = desk_with(store, echo)
    desk.oversight = Supervised(store.database)

    async def said_in_risk() -> str:
        conversation = store.open("web").id
        return "\n".join([m.text for text in (f"{DANGER}. I live in Ireland", "hm", "hm", "hm") for m in await desk.receive(conversation, Inbound(text))])

    alone = await said_in_risk()
    assert "nobody is watching" in alone or "No person is reading along" in alone
    assert "on duty" not in alone
    duty.begin(who)
    attended = await said_in_risk()
    assert "on duty" in attended or "able to read along" in attended
    assert "nobody is watching" not in attended
    duty.end(who)
    assert "on duty" not in await said_in_risk()


async def test_while_replies_are_stopped_everybody_gets_the_static_help(store: Conversations) -> None:
    """The directory of the person's country, in place of anything the program would work out; messages are kept and screened."""
    desk = desk_with(store, echo)
    desk.oversight = Supervised(store.database)
    conversation = store.open("web").id
    Stopping(store.database).stop(account(store, "sue"), "it says odd things", str)
    for text in ("hello", DANGER + ", I am in Ireland"):
        (said,) = await desk.receive(conversation, Inbound(text))
        assert said.author == HELP
        assert STATIC in said.text
    assert "112" in said.text or "999" in said.text
    assert desk.agent.heard == []
    with store.database.unit() as session:
        crisis = RISK.get(session.get(Conversation, conversation))
    assert (crisis["state"], crisis["country"]) == ("risk", "IE")
    assert sum(store.referrals().values()) == 1


async def test_a_conversation_that_begins_while_stopped_begins_with_it(store: Conversations) -> None:
    """And not with an invitation to talk."""
    desk = desk_with(store, echo)
    desk.oversight = Supervised(store.database)
    Stopping(store.database).stop(account(store, "sue"), "odd", str)
    _, said = await desk.open("web")
    assert [STATIC in m.text for m in said] == [True]


async def test_an_answer_under_way_when_it_is_stopped_is_not_given(store: Conversations) -> None:
    """The database decides, so it does not matter which process works it out."""
    stopping = Stopping(store.database)

    async def stopped_meanwhile(text: str) -> list[Reply]:
        stopping.stop(account(store, "sue"), "odd", str)
        return [Reply("what must not be said")]

    desk = desk_with(store, stopped_meanwhile)
    desk.oversight = Supervised(store.database)
    conversation = store.open("web").id
    (said,) = await desk.receive(conversation, Inbound("hello"))
    assert STATIC in said.text
    assert not any("must not" in m.text for m in store.messages(conversation))


async def test_when_it_is_resumed_the_conversation_goes_on(store: Conversations) -> None:
    """And who stopped it, when and why, can be seen until then."""
    desk, stopping = desk_with(store, echo), Stopping(store.database)
    desk.oversight = Supervised(store.database)
    sue = account(store, "sue")
    stopping.stop(sue, "odd", str)
    stopping.stop(account(store, "tom"), "again", str)
    assert (stopping.state().by, stopping.state().why) == (sue, "odd")
    stopping.resume()
    assert stopping.state() is None
    (said,) = await desk.receive(store.open("web").id, Inbound("hello"))
    assert said.text == "heard hello"


async def test_erasing_is_offered_also_while_stopped(store: Conversations) -> None:
    """It is a right."""
    desk = desk_with(store, echo)
    desk.oversight = Supervised(store.database)
    Stopping(store.database).stop(account(store, "sue"), "odd", str)
    said = await desk.receive(store.open("web").id, Inbound("delete my data"))
    assert [b["payload"] for b in said[-1].buttons] == ["/erase", "/keep"]


def test_what_waits_for_a_messaging_app_is_held_back_and_replaced(store: Conversations) -> None:
    """The static help goes out in its place; what a supporter wrote goes on its way."""
    conversation = store.open("telegram").id
    with store.database.unit() as session:
        row = session.get(Conversation, conversation)
        row.address = "sealed"
        RISK.put(session, row, {"country": "IE"})
    number = store.receive(conversation, Inbound("hello")).number
    store.reply(conversation, number, [Reply("worked out"), Reply("by a person", author="supporter")])
    Stopping(store.database).stop(account(store, "sue"), "odd", lambda country: f"help for {country}")
    outbox = Outbox(store.database)
    assert [(d[2].text, d[3]) for d in outbox.dead_letters()] == [("worked out", STOPPED)]
    waiting = []
    while due := outbox.due(now() + timedelta(seconds=1)):
        waiting += [d.message.text for d in due]
        outbox.sent(due[0].id)
    assert waiting == ["by a person", "help for IE"]


def test_the_words_of_the_stop_are_true_with_and_without_somebody_on_duty() -> None:
    """One says that somebody may answer, the other that nobody may be reading."""
    assert "nobody may be reading" in moment("stopped_unattended")
    assert "on duty" in moment("stopped_attended")
