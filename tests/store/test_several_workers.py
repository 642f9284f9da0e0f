"""Several workers on one PostgreSQL: turns, the outbox, the inbox, and what each hears of the others. Each worker is a desk with connections of its own."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy import text

from bot.desk import courier as couriers
from bot.desk import desk as desks
from bot.desk import turns
from bot.desk.arrivals import Arrival, SharedInbox
from bot.desk.changes import Changes
from bot.desk.courier import Courier
from bot.desk.feed import Feed
from bot.desk.reception import Reception
from bot.safety.language import reading
from bot.safety.screening import assess
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.database import Database, StoreAway
from bot.store.handover import Handover
from bot.store.inbox import ArrivalQueue
from bot.store.locks import Locks
from bot.store.messages import Inbound, Reply, Standing
from bot.store.notifying import EVERYTHING, changes
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from tests.store.test_desk import Answer, desk_with, echo
from tests.store.test_messaging import KEYS, Platform, said

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(scope="module", autouse=True)
def word_lists() -> None:
    """Read before, as a server does with its model before it listens."""
    reading("hello")
    assess("hello")


@pytest.fixture
def another(store: Conversations) -> Iterator[Callable[[], Conversations]]:
    """The same store as another worker has it."""
    made: list[Database] = []

    def opened() -> Conversations:
        made.append(Database(store.database.engine.url.render_as_string(hide_password=False), store.database.sealer))
        return Conversations(made[-1])

    yield opened
    for database in made:
        database.engine.dispose()


async def until(done: Callable[[], bool], what: object = "") -> None:
    """Wait until something is so. Fails after some seconds, with what is there instead."""
    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"never came: {what}")


def break_lines(store: Conversations, query: str) -> None:
    """As a new start of the database does, to those lines of this database that last asked this."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE :query"
    with store.database.unit() as session:
        session.execute(text(end), {"query": query})


# -- locks ---------------------------------------------------------------------------------------------------------


async def test_what_one_process_holds_no_other_gets_until_it_is_given_up_or_the_process_ends(
    store: Conversations, another: Callable[[], Conversations]
) -> None:
    """Alone or beside others; and a process does not get what it holds itself a second time."""
    one, other = Locks(store.database), Locks(another().database)
    assert one.take("a")
    assert not one.take("a")
    assert not other.take("a")
    assert not other.share("a")
    assert other.anybody("a")
    one.free("a")
    assert other.share("a")
    assert one.share("a")
    assert one.anybody("a")
    one.close()
    assert one.anybody("a")
    other.close()
    await until(lambda: not one.anybody("a"))


def test_a_line_that_broke_is_opened_again_and_what_was_held_is_held_again(store: Conversations, another: Callable[[], Conversations]) -> None:
    """As after a new start of the database."""
    one, other = Locks(store.database), Locks(another().database)
    assert one.take("a")
    assert one.share("b")
    break_lines(store, "%lock%")
    one.refresh()
    assert not other.take("a")
    assert other.anybody("b")


async def test_one_worker_does_the_work_for_all_and_another_when_it_ends(store: Conversations, another: Callable[[], Conversations]) -> None:
    """However often they ask."""
    one, other = Locks(store.database), Locks(another().database)
    assert [one.lead("sweep"), one.lead("sweep"), other.lead("sweep")] == [True, True, False]
    one.close()
    await until(lambda: other.lead("sweep"))
    assert not one.lead("sweep")


# -- turns ---------------------------------------------------------------------------------------------------------


async def test_one_turn_at_a_time_whichever_worker_serves_it_and_in_the_order_of_the_messages(
    store: Conversations, another: Callable[[], Conversations]
) -> None:
    """Many messages of one conversation to two workers at once."""
    under_way, most = 0, 0

    async def slow(text: str) -> list[Reply]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1
        return [Reply(f"heard {text}")]

    workers = [desk_with(store, slow), desk_with(another(), slow)]
    conversation = store.open("web").id
    await asyncio.gather(*(workers[n % 2].receive(conversation, Inbound(f"m{n}", f"m{n}")) for n in range(8)))
    answers = [m.answers for m in store.messages(conversation) if m.answers]
    assert most == 1
    assert answers == sorted(answers)
    assert len(set(answers)) == len(answers) == 8


async def test_the_same_message_to_two_workers_is_answered_once_and_both_say_the_same(store: Conversations, another: Callable[[], Conversations]) -> None:
    """As when a client sends again."""
    workers = [desk_with(store, echo), desk_with(another(), echo)]
    conversation = store.open("web").id
    one, other = await asyncio.gather(*(worker.receive(conversation, Inbound("hello", "c1")) for worker in workers))
    assert [m.text for m in one] == ["heard hello"]
    assert one == other


def test_a_message_is_answered_once_also_without_any_lock(store: Conversations, another: Callable[[], Conversations]) -> None:
    """The store gives back what is kept already; what the second would have left of the conversation in risk is dropped."""
    conversation = store.open("web").id
    message = store.receive(conversation, Inbound("hello"))
    (first,) = store.reply(conversation, message.number, [Reply("one")], Standing({"state": "risk"}))
    assert another().reply(conversation, message.number, [Reply("two")], Standing({"state": "none"})) == [first]
    assert store.standing(conversation, 10**9).crisis == {"state": "risk"}


def test_an_answer_that_comes_after_that_to_a_later_message_leaves_the_conversation_in_risk_as_that_left_it(store: Conversations) -> None:
    """Danger is answered before a turn that takes long, and stays known."""
    conversation = store.open("web").id
    slow, danger = (store.receive(conversation, Inbound(text)) for text in ("slow", "danger"))
    store.reply(conversation, danger.number, [Reply("help", author="crisis")], Standing({"state": "risk"}))
    assert [m.text for m in store.reply(conversation, slow.number, [Reply("late")], Standing({"state": "none"}))] == ["late"]
    assert store.standing(conversation, 10**9).crisis == {"state": "risk"}


async def test_danger_does_not_wait_for_a_turn_that_hangs_here_or_at_another_worker(
    store: Conversations, another: Callable[[], Conversations], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ordinary message does; and the conversation stays in risk when the turn that hung ends."""
    monkeypatch.setattr(turns, "HURRY_SECONDS", 0.2)
    may_end = asyncio.Event()

    async def hangs(text: str) -> list[Reply]:
        await may_end.wait()
        return [Reply(f"heard {text}")]

    here, there = desk_with(store, hangs), desk_with(another(), echo)
    conversation = store.open("web").id
    hanging = asyncio.create_task(here.receive(conversation, Inbound("one", "m1")))
    await until(lambda: len(store.messages(conversation)) == 1)
    ordinary = asyncio.create_task(there.receive(conversation, Inbound("two", "m2")))
    await asyncio.sleep(0.6)
    assert not ordinary.done()
    for worker in (here, there):
        (help_,) = await asyncio.wait_for(worker.receive(conversation, Inbound("I want to kill myself tonight")), 2)
        assert help_.author == "crisis"
    may_end.set()
    assert [m.text for m in await hanging] == ["heard one"]
    await ordinary
    assert store.standing(conversation, 10**9).crisis["state"] != "none"


async def test_a_worker_that_starts_leaves_the_messages_of_a_living_one_alone(store: Conversations, another: Callable[[], Conversations]) -> None:
    """And answers those of one that is gone."""
    may_end = asyncio.Event()

    async def slow(text: str) -> list[Reply]:
        await may_end.wait()
        return [Reply(f"heard {text}")]

    gone = store.open("web").id
    store.receive(gone, Inbound("nobody has this in hand"))
    living, starting, conversation = desk_with(store, slow), desk_with(another(), echo), store.open("web").id
    answering = asyncio.create_task(living.receive(conversation, Inbound("hello")))
    await until(lambda: len(store.messages(conversation)) == 1)
    assert await starting.settle() == 1
    assert store.messages(gone)[-1].author == "standing"
    may_end.set()
    assert [m.text for m in await answering] == ["heard hello"]
    assert [m.text for m in store.messages(conversation)] == ["hello", "heard hello"]


async def test_what_a_killed_worker_left_unanswered_another_answers_without_a_new_start(
    store: Conversations, another: Callable[[], Conversations], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, danger with help; of the living ones only one looks."""
    monkeypatch.setattr(desks, "SWEEP_SECONDS", 0.1)

    async def never(text: str) -> list[Reply]:
        await asyncio.sleep(60)
        return []

    killed, conversation = desk_with(store, never), store.open("web").id
    hanging = asyncio.create_task(killed.receive(conversation, Inbound("hello")))
    await until(lambda: len(store.messages(conversation)) == 1)
    living = [desk_with(another(), echo) for _ in range(2)]
    sweeping = [asyncio.create_task(desk.sweep()) for desk in living]
    await asyncio.sleep(0.6)
    assert len(store.messages(conversation)) == 1
    killed.locks.close()  # as its end does
    await until(lambda: len(store.messages(conversation)) > 1)
    await asyncio.sleep(0.5)
    assert [m.author for m in store.messages(conversation)] == ["person", "standing"]
    assert [desk.locks.lead("sweep") for desk in living].count(True) == 1
    danger = store.receive(conversation, Inbound("I want to kill myself tonight"))
    await until(lambda: [m.author for m in store.replies_to(danger.number)] == ["crisis"])
    for task in (hanging, *sweeping):
        task.cancel()


async def test_while_the_database_is_away_nobody_waits_for_its_locks(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Danger is answered by the rules, and kept in the file."""
    desk, conversation = desk_with(store, echo), store.open("web").id

    def away(*_: object) -> bool:
        raise StoreAway("gone")

    monkeypatch.setattr(desk.locks, "take", away)
    monkeypatch.setattr(desk.locks, "share", away)
    (said_,) = await desk.receive(conversation, Inbound("I want to kill myself tonight"))
    assert said_.author == "crisis"
    assert desk.spool.queue.size == 1


# -- the outbox ----------------------------------------------------------------------------------------------------


async def test_two_couriers_send_each_reply_once_and_in_order(store: Conversations, another: Callable[[], Conversations]) -> None:
    """Of many conversations at once."""
    platform, sealer, people = Platform(), Sealer(KEYS), Correspondents(store.database)
    for person in range(12):
        name = f"p{person}"
        people.meet(name, "telegram", sealer.seal(f'{{"chat": "{name}"}}', name), [])
        for n in range(4):
            store.reply(name, None, [Reply(f"{n}")])
    working = []
    for owned in (store, another()):
        desk = desk_with(owned, echo)
        courier = Courier(Outbox(owned.database, desk.locks), Correspondents(owned.database), sealer, [platform], desk.keep)
        working.append(asyncio.create_task(courier.run()))
    await until(lambda: len(platform.got) >= 48)
    await asyncio.sleep(0.3)
    for task in working:
        task.cancel()
    assert len(platform.got) == 48
    assert all([text for chat, text in platform.got if chat == f"p{person}"] == ["0", "1", "2", "3"] for person in range(12))


@pytest.mark.parametrize(("author", "again"), [("bot", False), ("crisis", True)])
async def test_what_a_living_worker_is_sending_is_left_to_it_and_what_a_killed_one_was_is_settled(
    store: Conversations, another: Callable[[], Conversations], author: str, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer to danger is sent again, anything else shown to supervisors; also without a new start."""
    monkeypatch.setattr(couriers, "STRANDED_SECONDS", 0.1)
    monkeypatch.setattr(couriers, "LOOK_SECONDS", 0.1)
    sealer, outbox, platform = Sealer(KEYS), Outbox(store.database), Platform()
    Correspondents(store.database).meet("anna", "telegram", sealer.seal('{"chat": "ann"}', "anna"), [Reply("in the middle", author=author)])
    assert outbox.claim(outbox.due(couriers.now())[0].id)
    other = another()
    desk = desk_with(other, echo)
    working = asyncio.create_task(Courier(Outbox(other.database), Correspondents(other.database), sealer, [platform], desk.keep).run())
    await asyncio.sleep(0.6)
    assert platform.got == []
    assert outbox.dead_letters() == []
    outbox.locks.close()  # as the kill does
    await until(lambda: bool(platform.got) if again else bool(outbox.dead_letters()))
    working.cancel()
    assert bool(platform.got) is again


# -- the inbox -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def receptions(stores: list[Conversations], answer: Answer, platform: Platform) -> AsyncIterator[list[Reception]]:
    """Workers behind a platform, on one inbox."""
    made = [_reception(store, answer, platform) for store in stores]
    working = [asyncio.create_task(part()) for reception in made for part in (reception.run, reception.courier.run)]
    yield made
    for task in [*working, *(turn for reception in made for turn in reception.turns())]:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)


def _reception(store: Conversations, answer: Answer, platform: Platform) -> Reception:
    sealer, people, desk = Sealer(KEYS), Correspondents(store.database), desk_with(store, answer)
    inbox = SharedInbox(Path(tempfile.mkdtemp()), sealer, ArrivalQueue(store.database, desk.locks))
    return Reception(desk, people, inbox, Courier(Outbox(store.database, desk.locks), people, sealer, [platform], desk.keep), sealer)


async def test_arrivals_that_come_to_any_worker_are_answered_once_and_in_the_order_of_each_person(
    store: Conversations, another: Callable[[], Conversations]
) -> None:
    """Brought twice, to both."""
    platform, heard = Platform(), []

    async def slow(text: str) -> list[Reply]:
        heard.append(text)
        await asyncio.sleep(0.02)
        return [Reply(f"heard {text}")]

    async with receptions([store, another()], slow, platform) as (one, other):
        for n in range(5):
            for person in "abcd":
                for reception in (one, other):
                    await reception.take([said(f"{person}{n}", n, person)])
        await until(lambda: sum(text.startswith("heard") for text in platform.texts()) >= 20)
        await asyncio.sleep(0.3)
    assert len(heard) == 20
    assert all([text for chat, text in platform.got if chat == p][1:] == [f"heard {p}{n}" for n in range(5)] for p in "abcd")


async def test_what_a_killed_worker_had_taken_in_another_answers(store: Conversations, another: Callable[[], Conversations]) -> None:
    """In the order of the person, once."""
    platform = Platform()

    async def never(text: str) -> list[Reply]:
        await asyncio.sleep(60)
        return []

    async with receptions([store], never, platform) as (killed,):
        await killed.take([said("one"), said("two", 2)])
        await until(lambda: bool(killed.turns()))
        await asyncio.sleep(0.2)
    async with receptions([another()], echo, platform):
        await asyncio.sleep(0.3)
        assert platform.texts() == []
        killed.desk.locks.close()
        await until(lambda: platform.texts() == ["heard one", "heard two"])


async def test_an_arrival_that_cannot_be_handled_stands_in_nobodys_way_and_is_tried_again_after_the_next_start(store: Conversations) -> None:
    """The person is told meanwhile."""
    platform, broken = Platform(), True
    handled = Reception._handle

    async def perhaps(reception: Reception, name: str, arrival: Arrival) -> None:
        if broken and arrival.text == "one":
            raise RuntimeError("broke")
        await handled(reception, name, arrival)

    async with receptions([store], echo, platform) as (reception,):
        reception._handle = perhaps.__get__(reception)  # type: ignore[method-assign]
        await reception.take([said("one"), said("two", 2)])
        await until(lambda: "heard two" in platform.texts())
        assert "fault on my side" in platform.texts()[0]
        reception.desk.locks.close()
    broken = False
    async with receptions([store], echo, platform):
        await until(lambda: "heard one" in platform.texts())


async def test_while_the_database_is_away_arrivals_are_kept_in_the_file_and_answered_after_it(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is refused to the platform."""
    monkeypatch.setattr("bot.desk.reception.AWAY_SECONDS", 0.05)
    platform, away, unit = Platform(), True, store.database.unit

    def perhaps():  # type: ignore[no-untyped-def]  # as the unit's
        if away:
            raise StoreAway("gone")
        return unit()

    async with receptions([store], echo, platform) as (reception,):
        monkeypatch.setattr(store.database, "unit", perhaps)
        await reception.take([said("I want to kill myself tonight"), said("hello", 2, "ben")])
        await until(lambda: {chat for chat, _ in platform.got} == {"ann", "ben"}, platform.got)
        away = False
        await until(lambda: "heard hello" in platform.texts())


# -- what each hears of the others ---------------------------------------------------------------------------------


async def test_what_any_process_writes_is_heard_soon_also_after_the_line_broke(store: Conversations, another: Callable[[], Conversations]) -> None:
    """By the id of the conversation; after a break everything may have changed."""
    heard: list[tuple[float, set[str]]] = []

    async def listen() -> None:
        async for words in changes(store.database):
            heard.append((time.monotonic(), words))  # noqa: PERF401  # it never ends

    listening, other = asyncio.create_task(listen()), another()
    await until(lambda: any(EVERYTHING in words for _, words in heard))
    conversation, hands = other.open("web").id, Handover(other.database)
    writes: list[Callable[[], object]] = [
        lambda: other.receive(conversation, Inbound("hello")),
        lambda: other.person_types(conversation),
        lambda: hands.claim(conversation, "h", "Sam"),
        lambda: hands.join(conversation, "h", "Sam", "Sam is here"),
        lambda: hands.types(conversation, "h"),
        lambda: other.delete(conversation),
    ]
    for write in writes:
        await asyncio.sleep(0.3)
        heard.clear()
        began = time.monotonic()
        await asyncio.to_thread(write)
        await until(lambda: any(conversation in words for _, words in heard))
        assert heard[0][0] - began < 5  # seconds; without word of it, thirty
    break_lines(other, "LISTEN%")
    heard.clear()
    await until(lambda: any(EVERYTHING in words for _, words in heard))
    listening.cancel()


async def test_an_update_that_changes_nothing_is_not_told(store: Conversations) -> None:
    """As the lock on a conversation is one."""
    heard: list[set[str]] = []

    async def listen() -> None:
        async for words in changes(store.database):
            heard.append(words)  # noqa: PERF401  # it never ends

    conversation = store.open("web").id
    listening = asyncio.create_task(listen())
    await until(lambda: bool(heard))
    heard.clear()
    store.reply(conversation, None, [])
    await asyncio.sleep(0.4)
    assert heard == []
    listening.cancel()


async def test_that_an_answer_is_on_its_way_is_seen_at_the_other_workers(store: Conversations, another: Callable[[], Conversations]) -> None:
    """And that it no longer is."""
    desks_ = [desk_with(store, echo), desk_with(another(), echo)]
    conversation, working = store.open("web").id, [asyncio.create_task(Changes(desk).run()) for desk in desks_]
    topic = desks_[0].feed.topic(conversation)
    await asyncio.sleep(0.5)
    for typing in (True, False):
        desks_[1].feed.tell(conversation, typing=typing)
        await until(lambda: topic.typing is typing)  # noqa: B023  # it is called at once
    for task in working:
        task.cancel()


async def test_a_word_that_got_lost_is_made_up_for(store: Conversations, another: Callable[[], Conversations], monkeypatch: pytest.MonkeyPatch) -> None:
    """One look for all streams, and only those are woken that look otherwise."""
    monkeypatch.setattr("bot.store.notifying.SAFETY_SECONDS", 0.3)
    monkeypatch.setattr("bot.store.notifying._hear_server", lambda connection, heard, stop: stop.wait(60))
    desk, other = desk_with(store, echo), another()
    written, quiet = other.open("web").id, other.open("web").id
    topics = [desk.feed.topic(written), desk.feed.topic(quiet)]
    working = asyncio.create_task(Changes(desk).run())
    await asyncio.sleep(0.8)
    versions = [topic.version for topic in topics]
    other.receive(written, Inbound("hello"))
    assert await Feed.wait(topics[0], versions[0], 2)
    assert topics[1].version == versions[1]
    working.cancel()
