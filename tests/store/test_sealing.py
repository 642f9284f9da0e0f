"""At rest: what people write is sealed to its row, keys can be rotated beside a running server, and a wrong key is noticed at the start."""

from __future__ import annotations

import json
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Iterator

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import JSON, String, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.agent.trackers import SealedTrackers
from bot.desk.arrivals import Arrival, Inbox
from bot.desk.own_folder import waiting_in
from bot.desk.spool import Spool, Spooled
from bot.store import resealing
from bot.store.audit import GENESIS, Audit, Deed, digest
from bot.store.console_tables import Account, AuditEntry, AuditHead, ClosedCase, Draft, Note
from bot.store.conversations import Conversations
from bot.store.database import Database
from bot.store.debriefs import Debriefs, Said
from bot.store.drafts import Drafts, add_draft
from bot.store.handover import Handover
from bot.store.messages import Finding, Inbound, Reply, Standing, now
from bot.store.pilot_tables import Stop
from bot.store.resealing import inventory, rotate, seal_plain, unlock
from bot.store.review_tables import Debrief, Review
from bot.store.reviews import Findings, Reviews
from bot.store.sealed import CODES, EVENTS, SEALED
from bot.store.sealing import KeyProblem, Sealer, keys_in, sealer_of, write_keys
from bot.store.stopping import Stopping
from bot.store.tables import Base, Complaint, Conversation, Message
from bot.store.transcripts import Transcripts
from tests.conftest import keys
from tests.store.console import account

PLANTED = "the kingfisher under the third bridge"
BUTTON = {"title": f"about {PLANTED}", "payload": "/more"}
COLUMNS = SEALED
WHO = {"name", "shown"}
HARMLESS = {
    "conversation": {"id", "secret_hash", "channel", "mode", "holder", "holder_name", "muted", "need", "offer", "offer_answer"},
    "message": {"conversation_id", "author", "speaker", "left_to", "mark", "payload", "client_id", "tier", "category", "screened_with", "reference"},
    "complaint": {"conversation_id", "mark"},
    "arrival": {"conversation_id"},
    "delivery": {"conversation_id", "state", "problem"},
    "rejection": {"channel"},
    "sealing_key": {"name", "known"},
    "consent": {"conversation_id", "purpose", "answer", "version"},
    "erasure": {"conversation_hash", "reason"},
    "account": {"id", "role", "password", "subject"} | WHO,
    "sign_in": {"token", "account_id", "stage", "form_token"},
    "audit": {"mark", "actor", "action", "subject", "detail", "previous", "hash"},
    "audit_head": {"hash"},
    "draft": {"conversation_id", "mark", "state", "decided_by"},
    "note": {"conversation_id", "mark", "account_id"},
    "closed_case": {"conversation_id", "need", "closed_by"},
    "erasure_request": {"conversation_id", "by"},
    "review_owed": {"closed_by"},
    "hand": {"conversation_id", "account"},
    "review": {"mark", "closed_by", "reviewer", "detect", "confirm", "guide", "support", "boundaries"},
    "relabelling": {"intent", "tier", "category"},
    "debrief": {"mark", "account", "seen_by"},
    "shift": {"account", "starts", "ends", "zone"},
    "on_duty": {"account"},
    "stop": {"mark", "by"},
    "alarm": {"subject", "words", "acknowledged_by"},  # the subject is hashed, and the words name a need and how long it waits
    "phrase": {"id", "topic", "text"},  # approved beforehand, of nobody
}
"""Columns of text that hold nothing that was written in a conversation or about it, and no name or address of a person. WHO are those who support."""


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Iterator[Conversations]:
    """A migrated store whose keys lie in a file, with a conversation that holds the planted words wherever it can."""
    database = Database(database_url, sealer_of(tmp_path / "keys"))
    database.migrate()
    unlock(database, COLUMNS)
    store = Conversations(database)
    fill(store)
    yield store
    database.engine.dispose()


def fill(store: Conversations) -> str:
    """A conversation with the planted words in every sealed column of our own; returns its id."""
    Stopping(store.database).resume()
    conversation = store.open("web").id
    row = store.receive(conversation, Inbound(PLANTED, "one"))
    store.reply(conversation, row.number, [Reply(f"You said {PLANTED}.", (BUTTON,))], Standing({"plan": {"answers": {"signs": PLANTED}}}))
    store.complain(conversation, PLANTED)
    evidence = ({"rule": "r", "tier": "urgent", "span": PLANTED, "lowered_by": None},)
    store.screened(row.number, Finding("urgent", "suicide", "1", evidence, "urgent"))
    fill_console(store, conversation, row.number)
    return conversation


def fill_console(store: Conversations, conversation: str, number: int) -> None:
    """The planted words in everything that those who support write."""
    anna, audit = account(store, "anna"), Audit(store.database)
    Handover(audit.of(Deed(anna, "conversation.close", conversation, PLANTED))).close(conversation, anna)
    with store.database.unit() as session:
        case = session.execute(select(func.max(ClosedCase.id))).scalar_one()
        add_draft(session, conversation, number, [Reply(PLANTED, (BUTTON,))], timedelta(minutes=9))
        CODES.put(session, session.get(Account, anna), PLANTED)
    Transcripts(store.database).note(conversation, anna, PLANTED)
    Reviews(store.database).record(case, account(store, "ben"), Findings("best", "best", "best", "best", "best", note=PLANTED))
    Debriefs(store.database).keep(anna, Said(1, text=PLANTED), case)
    Stopping(store.database).stop(anna, PLANTED, lambda _: PLANTED)


def only(store: Conversations) -> str:
    """The id of the only conversation."""
    with store.database.unit() as session:
        return str(session.execute(select(Conversation.id)).scalars().one())


def everything(database: Database) -> str:
    """All rows of all tables, as anyone with the database reads them."""
    with database.engine.connect() as connection:
        tables = inspect(database.engine).get_table_names()
        return "\n".join(str(row) for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"')))  # noqa: S608  # names of our own


def reopened(store: Conversations, sealer: Sealer) -> Conversations:
    """The same database with other keys."""
    return Conversations(Database(store.database.engine.url.render_as_string(hide_password=False), sealer))


def read_back(store: Conversations, conversation: str) -> None:
    """All of it is there as it was written."""
    said, answered = store.messages(conversation)
    assert (said.text, answered.text, answered.buttons) == (PLANTED, f"You said {PLANTED}.", (BUTTON,))
    assert store.offered(conversation, "/more") == BUTTON["title"]
    assert store.standing(conversation, 99).crisis == {"plan": {"answers": {"signs": PLANTED}}}
    assert [words for _, _, words in store.complaints()] == [PLANTED]
    read_back_console(store, conversation)


def read_back_console(store: Conversations, conversation: str) -> None:
    """What those who support see."""
    view, (draft,), audit = Transcripts(store.database).view(conversation), Drafts(store.database).waiting(conversation), Audit(store.database)
    (heard,), stopped = Debriefs(store.database).all(), Stopping(store.database).state()
    assert view is not None
    assert stopped is not None
    ((_, _, found),) = Reviews(store.database).of(1)
    assert view.lines[0].evidence[0]["span"] == view.lines[0].text == PLANTED
    assert (view.notes[0].text, draft.text, heard.said.text, stopped.why, found.note) == (PLANTED,) * 5
    assert audit.entries()[0].why == PLANTED
    assert audit.verify()[0] == []


def test_what_is_written_is_read_again_and_readable_nowhere_in_the_database(kept: Conversations) -> None:
    """Neither whole nor in parts."""
    read_back(kept, only(kept))
    assert "kingfisher" not in everything(kept.database)


def test_every_text_column_is_sealed_or_known_to_be_harmless() -> None:
    """Whoever adds a column has to say which."""
    texts = {"events.data"} | {f"{t.name}.{c.name}" for t in Base.metadata.sorted_tables for c in t.columns if isinstance(c.type, (String, JSON))}
    assert texts == {str(column) for column in SEALED} | {f"{table}.{name}" for table, names in HARMLESS.items() for name in names}


@pytest.mark.parametrize("column", ["text", "buttons"])
def test_a_sealed_value_copied_to_another_row_does_not_open(kept: Conversations, column: str) -> None:
    """Neither to another message nor to another conversation."""
    other = kept.open("web").id
    kept.reply(other, None, [Reply("mine", (BUTTON,), author="standing")])
    with kept.database.unit() as session:
        theirs = session.execute(select(Message).where(Message.conversation_id != other, Message.author == "bot")).scalars().one()
        session.execute(update(Message).where(Message.conversation_id == other).values({column: getattr(theirs, column)}))
    with pytest.raises(KeyProblem, match="changed, moved"):
        kept.messages(other)


@pytest.mark.parametrize("spoil", [lambda s: s[:-4] + "AAAA", lambda s: s[:20], lambda s: "k1:", lambda s: "k1:***", lambda s: PLANTED])
def test_a_changed_value_is_refused_and_never_taken_for_plain_text(kept: Conversations, spoil: Any) -> None:
    """Cut, altered, empty, no base64, or somebody's own words put in its place."""
    with kept.database.unit() as session:
        row = session.execute(select(Message).where(Message.author == "person")).scalars().one()
        row.text = spoil(row.text)
    with pytest.raises(KeyProblem):
        kept.messages(only(kept))


def plain_console(session: Session, conversation: str, number: int, anna: str, ben: str) -> None:
    """What those who support wrote, as it was kept before there was sealing."""
    at, of_it = now(), {"conversation_id": conversation}
    case = ClosedCase(**of_it, need="urgent", since=at, first_number=number, last_number=number, closed_at=at, closed_by=anna)
    session.add(case)
    session.flush()
    session.add(Draft(**of_it, answers=number, text=PLANTED, buttons=[BUTTON], state="waiting", created_at=at, due_at=at))
    rated = dict.fromkeys(("detect", "confirm", "guide", "support", "boundaries"), "best")
    flags = {"missed_crisis": False, "false_alarm": False, "created_at": at}
    session.add_all(
        [Review(case_id=case.id, closed_by=anna, reviewer=ben, note=PLANTED, **rated, **flags), Note(**of_it, account_id=anna, text=PLANTED, created_at=at)]
    )
    session.add(Debrief(account=anna, case_id=case.id, created_at=at, how=1, needs_break=False, wants_to_talk=False, text=PLANTED))
    session.add(Stop(id=1, by=anna, at=at, why=PLANTED))
    entry = AuditEntry(number=1, at=at, actor=anna, action="stop", subject=None, why=PLANTED, detail="{}", previous=GENESIS)
    entry.hash = digest(entry, PLANTED)
    session.add(entry)
    session.execute(update(AuditHead).values(number=1, hash=entry.hash))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE review SET note = 'k1:other'",
        "UPDATE review SET note = 'k2:other', detect = 'harm'",
        "UPDATE review SET note = 'other'",
        "UPDATE review SET mark = 'other'",
        "UPDATE audit SET why = 'k1:other'",
        "UPDATE audit SET why = 'k2:other', actor = 'other'",
        "UPDATE audit SET mark = 'other'",
    ],
)
def test_what_nobody_may_change_is_sealed_anew_and_not_otherwise(kept: Conversations, change: str) -> None:
    """The database lets another key's sealing pass, and nothing beside it."""
    with pytest.raises(DBAPIError, match=r"append-only|cannot be changed"), kept.database.engine.begin() as connection:
        connection.execute(text(change))


def test_what_was_kept_in_plain_is_sealed_at_the_first_start(database_url: str, tmp_path: Path) -> None:
    """Texts, buttons, complaints, a conversation in risk and Rasa's events; nothing of it stays in the files, and a second start has nothing to do."""
    database = Database(database_url, sealer_of(tmp_path / "keys"))
    database.migrate()
    store, tracker = Conversations(database), SealedTrackers(database.engine, database.sealer)
    conversation = store.open("web").id
    anna, ben = account(store, "anna"), account(store, "ben")
    with database.unit() as session:
        at = session.get(Conversation, conversation).created_at
        session.get(Conversation, conversation).crisis = {"plan": {"answers": {"signs": PLANTED}}}
        evidence = [{"rule": "r", "tier": "urgent", "span": PLANTED, "lowered_by": None}]
        said = Message(conversation_id=conversation, author="person", text=PLANTED, buttons=[], evidence=evidence, created_at=at)
        session.add_all([said, Complaint(conversation_id=conversation, text=PLANTED, created_at=at)])
        session.flush()
        session.add(Message(conversation_id=conversation, author="bot", text=f"You said {PLANTED}.", buttons=[BUTTON], answers=said.number, created_at=at))
        plain_console(session, conversation, said.number, anna, ben)
    with tracker.session_scope() as session:
        data = json.dumps({"event": "user", "text": PLANTED, "timestamp": 1.5})
        session.add(EVENTS.table(sender_id=conversation, type_name="user", timestamp=1.5, data=data))
        session.commit()
    assert everything(database).count(PLANTED) > 5
    assert unlock(database, COLUMNS) == 14
    read_back(store, conversation)
    assert "kingfisher" not in everything(database)
    assert inventory(database, COLUMNS) == {"k1": 14}
    assert (unlock(database, COLUMNS), seal_plain(database, COLUMNS)) == (0, 0)
    for path in tmp_path.glob("reframe.db*"):
        assert b"kingfisher" not in path.read_bytes()


def test_a_rotation_seals_everything_anew_and_takes_the_old_key_away(kept: Conversations, tmp_path: Path) -> None:
    """A server that runs meanwhile goes on reading and writing, with the new key."""
    running = reopened(kept, sealer_of(tmp_path / "keys"))
    assert rotate(kept.database, COLUMNS, set, settle=0) == []
    assert list(keys_in(tmp_path / "keys")) == ["names", "k2"]
    assert set(inventory(kept.database, COLUMNS)) == {"k2"}
    read_back(running, only(kept))
    fill(running)
    assert set(inventory(kept.database, COLUMNS)) == {"k2"}
    unlock(reopened(kept, sealer_of(tmp_path / "keys")).database, COLUMNS)


def test_a_rotation_that_was_stopped_is_gone_on_with(kept: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key it had begun with; until then both keys open."""
    fill(kept)
    monkeypatch.setattr(resealing, "BATCH", 1)
    whole, calls = resealing._renewed, []

    def stops(*given: Any) -> int:
        calls.append(given)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return whole(*given)

    monkeypatch.setattr(resealing, "_renewed", stops)
    with pytest.raises(KeyboardInterrupt):
        rotate(kept.database, COLUMNS, set, settle=0)
    assert set(inventory(kept.database, COLUMNS)) == {"k1", "k2"}
    monkeypatch.setattr(resealing, "_renewed", whole)
    unlock(kept.database, COLUMNS)
    assert rotate(kept.database, COLUMNS, set, settle=0) == []
    assert list(keys_in(tmp_path / "keys")) == ["names", "k2"]


def test_an_old_key_stays_while_a_message_that_waits_is_sealed_with_it(kept: Conversations, tmp_path: Path) -> None:
    """In the spool or in the inbox; the next rotation takes it away."""
    spool, inbox = Spool(tmp_path / "spool", kept.database.sealer), Inbox(tmp_path / "inbox", kept.database.sealer)

    def waiting() -> set[str]:
        return {data.partition(":")[0] for name in ("spool", "inbox") for data in waiting_in(tmp_path / name)}

    spool.keep(Spooled(only(kept), None, "", False, Inbound("later"), (Reply("away"),)))
    inbox.put(Arrival("telegram", "1", "ann", text="later"))
    assert rotate(kept.database, COLUMNS, waiting, settle=0) == ["k1"]
    got = []
    spool.replay(got.append)
    item, arrival = inbox.next()  # type: ignore[misc]  # one is there
    inbox.done(item)
    assert (got[0].inbound.text, arrival.text) == ("later", "later")
    assert rotate(kept.database, COLUMNS, waiting, settle=0) == []
    assert list(keys_in(tmp_path / "keys")) == ["names", "k2"]


def test_the_server_and_the_console_can_start_together_for_the_first_time(database_url: str, tmp_path: Path) -> None:
    """On a database in which things are still kept in plain: all of it is sealed once, by the same keys, and both know them."""
    first = Database(database_url, sealer_of(tmp_path / "keys"))
    first.migrate()
    store = Conversations(first)
    conversation = store.open("web").id
    with first.unit() as session:
        at = session.get(Conversation, conversation).created_at
        session.add_all([Message(conversation_id=conversation, author="person", text=f"{PLANTED} {n}", buttons=[], created_at=at) for n in range(450)])
    starting = [Database(database_url, sealer_of(tmp_path / "keys")) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        sealed = list(pool.map(unlock, starting))
    assert sum(sealed) == 450
    assert inventory(first) == {"k1": 450}
    assert [m.text for m in store.messages(conversation)] == [f"{PLANTED} {n}" for n in range(450)]
    for database in (first, *starting):
        database.engine.dispose()


@pytest.mark.parametrize(("change", "why"), [("k1", "another one of the same name"), ("names", "`names` is another one"), (None, "k1 is missing")])
def test_a_wrong_or_missing_key_is_a_clear_error_at_the_start(kept: Conversations, tmp_path: Path, change: str, why: str) -> None:
    """And nothing is changed by it."""
    before, given = everything(kept.database), keys_in(tmp_path / "keys")
    wrong = {**given, change: secrets.token_bytes(32)} if change else {"names": given["names"], "k7": secrets.token_bytes(32)}
    with pytest.raises(KeyProblem, match=why):
        unlock(reopened(kept, Sealer(wrong)).database, COLUMNS)
    assert everything(kept.database) == before


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """And what is made or written anew only its owner reads."""
    file = tmp_path / "keys"
    sealer_of(file)
    assert file.stat().st_mode & 0o777 == 0o600
    given = keys_in(file)
    file.chmod(0o640)
    with pytest.raises(KeyProblem, match="chmod 600"):
        sealer_of(file)
    write_keys(file, given)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_in(file) == given


def test_what_waits_outside_the_database_is_sealed(tmp_path: Path) -> None:
    """Nothing of it in any file of the spool or of the inbox, before and after it was taken."""
    sealer = keys()
    spool, inbox = Spool(tmp_path / "spool", sealer), Inbox(tmp_path / "inbox", sealer)
    spool.keep(Spooled("c", "shown", "web", False, Inbound(PLANTED), (Reply(PLANTED),)))
    inbox.put(Arrival("telegram", "1", PLANTED, {"chat": PLANTED}, text=PLANTED))
    assert all(b"kingfisher" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    taken: list[Spooled] = []
    assert spool.replay(taken.append) == 1
    assert taken[0].inbound == Inbound(PLANTED)
    assert all(b"kingfisher" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


async def test_rasas_events_are_sealed_and_give_the_tracker_back(database_url: str) -> None:
    """Words, slots and recognised intents; what was copied to another conversation does not open."""
    sealer, domain = keys(), Domain.from_dict({"slots": {"memory": {"type": "any", "mappings": []}}})
    database = Database(database_url, sealer)
    tracker_store = SealedTrackers(database.engine, sealer)
    tracker_store.domain = domain
    tracker = DialogueStateTracker("one", domain.slots)
    tracker.update(UserUttered(PLANTED, {"name": "failed_therapy"}, parse_data={"intent": {"name": "failed_therapy"}, "text": PLANTED}))
    tracker.update(SlotSet("memory", {"takeaways": [PLANTED]}))
    await tracker_store.save(tracker)
    tracker.update(UserUttered("and again", {"name": "deny"}))
    await tracker_store.save(tracker)
    back = await tracker_store.retrieve("one")
    assert back is not None
    assert back.latest_message.text == "and again"
    assert back.get_slot("memory") == {"takeaways": [PLANTED]}
    found = everything(database)
    assert "kingfisher" not in found
    assert "failed_therapy" not in found
    with tracker_store.session_scope() as session:
        for row in session.query(EVENTS.table).all():
            session.add(EVENTS.table(sender_id="two", type_name=row.type_name, timestamp=row.timestamp, data=row.data))
        session.commit()
    with pytest.raises(KeyProblem):
        await tracker_store.retrieve("two")


def test_a_dump_of_postgresql_holds_nothing_of_what_was_written(kept: Conversations) -> None:
    """As its own program makes it."""
    url = kept.database.engine.url
    if url.get_backend_name() != "postgresql":
        pytest.skip("only PostgreSQL has one")
    dump = subprocess.run(["pg_dump", "--dbname", url.render_as_string(hide_password=False)], capture_output=True, check=True).stdout
    assert b"COPY public.message" in dump
    assert b"kingfisher" not in dump
