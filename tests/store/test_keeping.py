"""How long things are kept, erasing, one's own data, and what researchers may get."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update

from bot.agent.trackers import SealedTrackers
from bot.desk.housekeeping import daily
from bot.desk.own_page import PRIVATE, page
from bot.desk.spool import Spooled
from bot.store.alarms import Alarms
from bot.store.audit import Audit, Deed
from bot.store.consents import Consents
from bot.store.console_tables import ClosedCase, Draft, ErasureRequest
from bot.store.conversations import Conversations
from bot.store.database import StoreAway
from bot.store.debriefs import Debriefs, Said
from bot.store.drafts import add_draft
from bot.store.erasure_requests import ErasureRequests, NotErased
from bot.store.erasures import hashed, reapply, tombstones
from bot.store.events import Event
from bot.store.messages import Finding, Inbound, Reply, Standing, now
from bot.store.own_data import own_data
from bot.store.research import NoExport, export
from bot.store.retention import Periods, Retention
from bot.store.reviews import Findings, Label, Reviews
from bot.store.sealed import EVENTS
from bot.store.tables import Arrival, Base, Conversation, Erasure
from bot.store.transcripts import Transcripts
from tests.store.console import account, closed
from tests.store.test_desk import desk_with, echo
from tests.store.test_messaging import running, said

PERIODS = Periods(text=30, urgent=60, complaint=90, conversation=180, withdrawn=1, delivery=30, erasure=730)


def filled(store: Conversations, tier: str = "none", country: str | None = None) -> str:
    """A conversation with something in every table that hangs on it, Rasa's included; returns its id."""
    conversation = store.open("web").id
    row = store.receive(conversation, Inbound("the heron", "one"))
    store.screened(row.number, Finding(tier, None, "1", ({"rule": "r", "tier": tier, "span": "heron", "lowered_by": None},)))
    store.reply(conversation, row.number, [Reply("said", ({"title": "heron", "payload": "/x"},))], Standing({"country": country, "plan": {}}))
    store.complain(conversation, "the heron was wrong")
    Consents(store.database).record(conversation, "keep", "agreed", "1")
    SealedTrackers(store.database.engine, store.database.sealer)  # makes Rasa's table
    at = now().timestamp()
    with store.database.unit() as session:
        for number, (kind, name) in enumerate([("slot", "memory"), ("user", None), ("slot", "memory"), ("slot", "crisis")]):
            event = Event(sender_id=conversation, type_name=kind, action_name=name, timestamp=at + number)
            EVENTS.put(session, event, json.dumps({"event": kind, "name": name, "value": {"takeaways": [f"heron {number}"]}}))
            session.add(event)
        session.add(Arrival(conversation_id=conversation, data=store.database.sealer.seal("the heron", "inbox"), aside=False))
    supported(store, conversation)
    return conversation


def supported(store: Conversations, conversation: str) -> None:
    """What supporters leave: a draft, a note, a case that was closed and reviewed, a wish to erase."""
    number, anna, ben = store.messages(conversation)[0].number, account(store, "anna"), account(store, "ben")
    closed(store, conversation, "anna", hands=("anna",))
    with store.database.unit() as session:
        add_draft(session, conversation, number, [Reply("about the heron")], timedelta())
        session.execute(update(Draft).where(Draft.conversation_id == conversation).values(state="discarded"))
        session.add(ErasureRequest(conversation_id=conversation, by=anna, at=now()))
        case = session.execute(select(ClosedCase.id).where(ClosedCase.conversation_id == conversation)).scalar_one()
    Transcripts(store.database).note(conversation, anna, "seems to like the heron")
    fine = Findings("best", "best", "best", "best", "best", note="the heron again", labels=(Label(number, "greet"),))
    Reviews(store.database).record(case, ben, fine)


def rows(store: Conversations, conversation: str) -> dict[str, int]:
    """How many rows each table holds of a conversation."""
    counts = {}
    with store.database.unit() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.c:
                if column.name == "conversation_id" or (table.name == "conversation" and column.name == "id"):
                    counts[table.name] = session.execute(select(func.count()).select_from(table).where(column == conversation)).scalar_one()
        counts["events"] = session.execute(text("SELECT COUNT(*) FROM events WHERE sender_id = :id"), {"id": conversation}).scalar_one()
    return counts


def texts(store: Conversations, conversation: str) -> list[str]:
    """What is read of it."""
    return [m.text for m in store.messages(conversation)]


def test_within_its_period_nothing_is_erased(store: Conversations) -> None:
    """And a dry run changes nothing either."""
    conversation = filled(store)
    retention = Retention(store.database, PERIODS)
    assert set(retention.due().values()) == {0}
    assert set(retention.run(now() + timedelta(days=29)).values()) == {0}
    assert retention.due(now() + timedelta(days=31))["texts"] == 2
    assert texts(store, conversation) == ["the heron", "said"]


def test_after_its_period_a_text_is_erased_and_the_counts_stay(store: Conversations) -> None:
    """Buttons too, and Rasa's events but for the newest of each slot, which hold what the person kept on purpose."""
    conversation = filled(store)
    done = Retention(store.database, PERIODS).run(now() + timedelta(days=31))
    assert (done["texts"], done["events"], done["urgent"], done["conversations"]) == (2, 2, 0, 0)
    assert texts(store, conversation) == []
    left = {"conversation": 1, "message": 2, "complaint": 1, "consent": 1, "events": 2, "closed_case": 1, "hand": 1, "erasure_request": 1}
    left["arrival"] = 1  # it is still to be answered
    assert {table: count for table, count in rows(store, conversation).items() if count} == left
    assert Transcripts(store.database).view(conversation).lines[0].evidence == ()  # type: ignore[union-attr]  # it is there
    assert store.standing(conversation, 99).crisis == {"country": None, "plan": {}}
    store.receive(conversation, Inbound("back again"))
    assert texts(store, conversation) == ["back again"]


def test_what_supporters_wrote_goes_with_the_texts_and_the_rest_after_its_own_period(store: Conversations) -> None:
    """Notes and drafts (not one that waits) by the policy of their conversation; debriefs, and alarms that are over."""
    calm, urgent = filled(store), filled(store, "urgent")
    Debriefs(store.database).keep(account(store, "anna"), Said(2, text="heavy"))
    alarms = Alarms(store.database)
    alarms.settle({"late": "somebody waits"}, now())
    alarms.settle({}, now())
    with store.database.unit() as session:
        add_draft(session, calm, store.receive(calm, Inbound("and now")).number, [Reply("waits")], timedelta())
    done = Retention(store.database, PERIODS).run(now() + timedelta(days=31))
    assert (done["notes"], done["drafts"], done["urgent_notes"], done["urgent_drafts"], done["debriefs"], done["alarms"]) == (1, 1, 0, 0, 0, 0)
    assert (rows(store, calm)["draft"], rows(store, urgent)["note"]) == (1, 1)
    done = Retention(store.database, PERIODS).run(now() + timedelta(days=366))
    assert (done["debriefs"], done["alarms"]) == (1, 1)


def test_where_somebody_was_in_danger_the_period_of_the_policy_holds(store: Conversations) -> None:
    """For all texts of that conversation, and its events."""
    urgent, other = filled(store, "urgent"), filled(store)
    Retention(store.database, PERIODS).run(now() + timedelta(days=31))
    assert (len(texts(store, urgent)), len(texts(store, other))) == (2, 0)
    Retention(store.database, PERIODS).run(now() + timedelta(days=61))
    assert texts(store, urgent) == []


def test_a_silent_conversation_goes_whole(store: Conversations) -> None:
    """With everything that hangs on it, and that it did is remembered."""
    conversation = filled(store)
    done = Retention(store.database, PERIODS).run(now() + timedelta(days=181))
    assert done["conversations"] == 1
    assert set(rows(store, conversation).values()) == {0}
    assert [(name, reason) for name, reason, _ in tombstones(store.database)] == [(hashed(conversation), "period")]


def test_a_conversation_whose_yes_was_taken_back_goes_within_two_days(store: Conversations) -> None:
    """Unless it was given again."""
    gone, back = filled(store), filled(store)
    for conversation in (gone, back):
        Consents(store.database).record(conversation, "keep", "withdrawn", "1")
    Consents(store.database).record(back, "keep", "agreed", "1")
    assert Retention(store.database, PERIODS).run(now() + timedelta(hours=23))["withdrawn"] == 0
    assert Retention(store.database, PERIODS).run(now() + timedelta(hours=25))["withdrawn"] == 1
    assert (store.exists(gone), store.exists(back)) == (False, True)


def test_complaints_and_old_erasures_go_after_their_periods(store: Conversations) -> None:
    """Each after its own."""
    conversation = filled(store)
    assert Retention(store.database, PERIODS).run(now() + timedelta(days=91))["complaints"] == 1
    store.delete(conversation)
    assert Retention(store.database, PERIODS).run(now() + timedelta(days=731))["erasures"] == 1


async def test_the_daily_work_goes_on_after_a_failure(store: Conversations) -> None:
    """Also after one that nobody foresaw; while another process leads, nothing is done here."""
    calls: list[int] = []
    asked: list[int] = []
    enough = asyncio.Event()

    def work() -> dict[str, int]:
        calls.append(1)
        if len(calls) < 3:
            raise [StoreAway("away"), ValueError("odd")][len(calls) - 1]
        loop.call_soon_threadsafe(enough.set)
        return {"texts": 1}

    async def leads() -> bool:
        asked.append(1)
        assert len(asked) > 2 or not calls
        return len(asked) > 2

    loop = asyncio.get_running_loop()
    task = asyncio.create_task(daily(work, leads, day=60, soon=0))
    await asyncio.wait_for(enough.wait(), 20)
    task.cancel()
    assert len(calls) == 3


def test_erasing_leaves_nothing_in_any_table_and_touches_no_other(store: Conversations) -> None:
    """Every table that refers to a conversation, also those that are added later."""
    one, other = filled(store), filled(store)
    before = rows(store, other)
    assert all(count for table, count in rows(store, one).items() if table != "delivery")
    store.delete(one)
    assert set(rows(store, one).values()) == {0}
    assert rows(store, other) == before


async def test_what_waits_in_the_spool_is_erased_too(store: Conversations) -> None:
    """It does not come back when the spool is stored later."""
    desk, conversation = desk_with(store, echo), store.open("web").id
    desk.spool.keep(Spooled(conversation, None, "", False, Inbound("the heron", "one"), (Reply("away"),)))
    await desk.delete(conversation)
    assert desk.spool.queue.size == 0
    assert await desk.replay() == 0
    assert not store.exists(conversation)


async def test_what_an_agent_writes_after_the_erasure_is_erased_as_well(store: Conversations) -> None:
    """A turn that was under way."""

    async def erased_meanwhile(_: str) -> list[Reply]:
        store.delete(conversation)
        return [Reply("late")]

    conversation, desk = store.open("web").id, desk_with(store, erased_meanwhile)
    assert await desk.receive(conversation, Inbound("hello")) == []
    assert desk.agent.forgotten == [conversation]


async def test_what_waits_in_the_inbox_is_erased_too(store: Conversations) -> None:
    """Of this person only."""
    hold = asyncio.Event()

    async def slow(words: str) -> list[Reply]:
        await hold.wait()
        return await echo(words)

    async with running(store, slow) as house:
        await house.reception.take([said("first", 1)])
        await house.until(lambda: len(house.platform.got) == 1)
        for number, person in ((2, "ann"), (3, "bob")):  # put past `take`, so that nobody begins with them
            house.reception.inbox.put(said("waits", number, person))
        await house.desk.delete(house.reception.sealer.pseudonym("telegram", "ann"))
        _, left = house.reception.inbox.next()  # type: ignore[misc]  # one is there
        assert left.person == "bob"
        assert house.reception.inbox.next() is None
        hold.set()


def test_two_supervisors_erase_together_and_one_alone_cannot(store: Conversations) -> None:
    """One asks and another agrees; the audit keeps both with their reasons, and goes on being in order."""
    conversation, audit = filled(store), Audit(store.database)
    anna, ben = account(store, "anna"), account(store, "ben")
    with store.database.unit() as session:
        session.execute(delete(ErasureRequest))
    with pytest.raises(NotErased, match="Nobody asks"):
        ErasureRequests(store.database).agree(conversation, ben)
    ErasureRequests(audit.of(Deed(anna, "erasure.ask", conversation, "they asked for it"))).ask(conversation, anna)
    with pytest.raises(NotErased, match="Somebody else"):
        ErasureRequests(store.database).agree(conversation, anna)
    assert [(one.conversation_id, one.name) for one in ErasureRequests(store.database).waiting()] == [(conversation, "anna")]
    ErasureRequests(audit.of(Deed(ben, "erasure.agree", conversation))).agree(conversation, ben)
    assert set(rows(store, conversation).values()) == {0}
    assert tombstones(store.database)[0][1] == "supervisors"
    assert [(e.actor, e.action, e.why) for e in audit.entries(subject=conversation)] == [
        (ben, "erasure.agree", None),
        (anna, "erasure.ask", "they asked for it"),
    ]
    assert audit.verify()[0] == []
    with pytest.raises(NotErased, match="no such conversation"):
        ErasureRequests(store.database).ask(conversation, anna)


async def test_what_the_process_holds_is_forgotten_when_another_process_erases(store: Conversations) -> None:
    """Where a conversation in risk stands, for when the database is away; nothing of other conversations."""
    desk, gone, stays = desk_with(store, echo), store.open("web").id, store.open("web").id
    newest = await desk.heed(None)
    for conversation in (gone, stays):
        await desk.receive(conversation, Inbound("I want to kill myself"))
    store.delete(gone, "supervisors")
    assert await desk.heed(newest) == newest + 1
    assert (desk.remembered(gone), desk.remembered(stays) is not None) == (None, True)


def test_an_erasure_that_was_taken_back_is_not_done(store: Conversations) -> None:
    """Somebody has to ask anew."""
    conversation = filled(store)
    ErasureRequests(store.database).take_back(conversation)
    for late in (
        lambda: ErasureRequests(store.database).agree(conversation, account(store, "ben")),
        lambda: ErasureRequests(store.database).take_back(conversation),
    ):
        with pytest.raises(NotErased):
            late()
    assert store.exists(conversation)


def test_an_erasure_is_applied_again_to_what_a_backup_brought_back(store: Conversations) -> None:
    """A conversation of the same name that began later is another one and stays."""
    back, later, other = filled(store), filled(store), filled(store)
    with store.database.unit() as session:
        session.execute(update(Conversation).where(Conversation.id == later).values(created_at=now() + timedelta(hours=1)))
    remembered = [(hashed(name), "person", now()) for name in (back, later)]
    assert reapply(store.database, remembered) == 1  # type: ignore[arg-type]  # the reasons are right
    assert [store.exists(c) for c in (back, later, other)] == [False, True, True]
    assert set(rows(store, back).values()) == {0}
    assert reapply(store.database, remembered) == 0  # type: ignore[arg-type]


def test_what_is_remembered_of_an_erasure_tells_nobody(store: Conversations) -> None:
    """A hash, a reason, a moment."""
    conversation = filled(store)
    store.delete(conversation)
    with store.database.unit() as session:
        (row,) = session.execute(select(Erasure)).scalars()
        assert conversation not in str(vars(row))
        assert {c.name for c in Erasure.__table__.c} == {"id", "conversation_hash", "reason", "at"}


def test_ones_own_data_are_all_there(store: Conversations) -> None:
    """Messages, risk, consent, complaints, what is remembered and what supporters wrote; no secret, no hash of it."""
    conversation = filled(store, "urgent", "IE")
    data = own_data(store.database, conversation)
    assert data is not None
    assert [m["text"] for m in data["messages"]] == ["the heron", "said"]
    assert (data["messages"][0]["risk"], data["messages"][0]["noticed"]) == ("urgent", [{"rule": "r", "words": "heron"}])
    assert data["messages"][1]["choices"] == ["heron"]
    assert (data["complaints"][0]["text"], data["consent"][0]["answer"], data["risk"]["country"]) == ("the heron was wrong", "agreed", "IE")
    assert data["remembered"] == {"memory": {"takeaways": ["heron 2"]}, "crisis": {"takeaways": ["heron 3"]}}
    supporters = data["by supporters"]
    assert (supporters["notes"][0]["text"], supporters["answers that waited"][0]["text"]) == ("seems to like the heron", "about the heron")
    assert (supporters["reviews"][0]["remark"], supporters["cases"][0]["because"]) == ("the heron again", "check_in")
    with store.database.unit() as session:
        assert session.get(Conversation, conversation).secret_hash not in json.dumps(data)
    assert own_data(store.database, "nobody") is None


def test_ones_own_data_can_be_read_as_a_page_that_runs_nothing(store: Conversations) -> None:
    """Whatever was written stands in it as text, and the policy forbids the rest."""
    conversation = store.open("web").id
    store.receive(conversation, Inbound("<script>alert(1)</script>"))
    shown = page(own_data(store.database, conversation) or {})
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script" not in shown
    assert "default-src 'none'" in PRIVATE["Content-Security-Policy"]


def test_only_who_agreed_to_research_is_exported_redacted_and_never_alone(store: Conversations, tmp_path: Path) -> None:
    """With a manifest whose hash fits; what fewer than k share is left out."""
    ids = [filled(store, country="IE") for _ in range(3)] + [filled(store, country="GB"), filled(store, country="IE"), filled(store, country="IE")]
    consents = Consents(store.database)
    for conversation in ids[:4]:
        consents.record(conversation, "research", "agreed", "1")
    consents.record(ids[4], "research", "refused", "1")
    consents.record(ids[0], "research", "agreed", "1")
    manifest = export(store.database, tmp_path / "out", lambda words: words.replace("heron", "[bird]"), k=3)
    data = (tmp_path / "out" / "conversations.jsonl").read_bytes()
    lines = [json.loads(line) for line in data.splitlines()]
    assert (manifest["conversations"], manifest["left_out"]) == (3, 1)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]["conversations.jsonl"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert {(line["country"], line["channel"], line["month"]) for line in lines} == {("IE", "web", now().strftime("%Y-%m"))}
    assert b"heron" not in data
    assert lines[0]["messages"][0]["text"] == "the [bird]"
    assert not any(conversation.encode() in data for conversation in ids)


def test_whoever_took_it_back_is_not_exported(store: Conversations, tmp_path: Path) -> None:
    """The last answer counts."""
    for conversation in [filled(store) for _ in range(2)]:
        Consents(store.database).record(conversation, "research", "agreed", "1")
        Consents(store.database).record(conversation, "research", "withdrawn", "1")
    assert export(store.database, tmp_path / "out", str.upper, k=2)["conversations"] == 0


def test_without_a_redactor_or_with_nobody_to_hide_among_nothing_is_exported(store: Conversations, tmp_path: Path) -> None:
    """Nor into a folder that is there already."""
    for redact, k, folder in ((None, 5, tmp_path / "a"), (str.upper, 1, tmp_path / "b"), (str.upper, 5, tmp_path)):
        with pytest.raises(NoExport):
            export(store.database, folder, redact, k)
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "reframe.db"], sorted(tmp_path.glob("reframe.db*")), list(tmp_path.glob("reframe.db*")))
