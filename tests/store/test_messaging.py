"""Messaging apps between webhook and platform: taken in at once, answered once, in order, sent once."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import AsyncIterator, Callable, Optional

import pytest

from bot.desk import courier as couriers
from bot.desk.arrivals import Arrival, Inbox
from bot.desk.courier import Courier, Part, TryLater, Uncertain, Undeliverable, Unreachable
from bot.desk.desk import Desk
from bot.desk.erasing import ERASE
from bot.desk.reception import Reception
from bot.desk.standing import moment
from bot.store.conversations import Conversations
from bot.store.correspondents import Correspondents
from bot.store.database import StoreAway
from bot.store.handover import Handover, Held
from bot.store.messages import Inbound, Reply, Stored
from bot.store.outbox import Outbox
from bot.store.sealing import Sealer
from bot.store.transcripts import Transcripts
from tests.store.test_desk import Answer, desk_with, echo

KEYS = {"names": bytes(range(32)), "k1": bytes(range(32, 64))}


@dataclass
class Platform:
    """A messaging app that keeps what it is sent, and fails as it is told to."""

    name: str = "telegram"
    pace: str = "1000/second"
    got: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[dict[str, str], ...]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def parts(self, reply: Reply) -> list[Part]:
        """A part for each paragraph."""
        return [Part(text, reply.buttons) for text in reply.text.split("\n\n")]

    async def send(self, address: dict[str, str], part: Part) -> None:
        """Keep it, or fail."""
        if self.trouble:
            raise self.trouble.pop(0)
        self.got.append((address["chat"], part.text))
        self.buttons.append(part.buttons)

    def texts(self) -> list[str]:
        """What was sent, in order, without the notice."""
        return [text for _, text in self.got if text != "I'm a program."]


@dataclass
class House:
    """A running reception with all that stands behind it."""

    desk: Desk
    store: Conversations
    platform: Platform
    reception: Reception
    folder: Path

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until something is so. Fails after some seconds."""
        for _ in range(600):
            if done():
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"never came: {self.platform.got}")


def said(text: str, number: int = 1, person: str = "ann", **more: str) -> Arrival:
    """A message of a person."""
    return Arrival("telegram", f"update {number}", person, {"chat": person}, text=text, **more)


@asynccontextmanager
async def running(store: Conversations, answer: Answer = echo, platform: Optional[Platform] = None, folder: Optional[Path] = None) -> AsyncIterator[House]:
    """The whole of it, stopped at the end as by a kill: nothing is tidied up."""
    folder, platform, sealer = folder or Path(tempfile.mkdtemp()), platform or Platform(), Sealer(KEYS)
    desk, people = desk_with(store, answer), Correspondents(store.database)
    courier = Courier(Outbox(store.database), people, sealer, [platform], desk.keep)
    reception = Reception(desk, people, Inbox(folder, sealer), courier, sealer)
    work = [asyncio.create_task(part()) for part in (reception.run, courier.run)]
    try:
        yield House(desk, store, platform, reception, folder)
    finally:
        for task in [*work, *reception.turns()]:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def test_a_first_message_gets_the_notice_and_then_the_answer(store: Conversations) -> None:
    """In this order."""
    async with running(store) as house:
        await house.reception.take([said("hello")])
        await house.until(lambda: len(house.platform.got) == 2)
        assert house.platform.got == [("ann", "I'm a program."), ("ann", "heard hello")]


async def test_brought_again_it_is_answered_once(store: Conversations) -> None:
    """As platforms do when they heard no answer."""
    async with running(store) as house:
        for _ in range(3):
            await house.reception.take([said("hello")])
        await house.reception.take([said("bye", 2)])
        await house.until(lambda: "heard bye" in house.platform.texts())
        assert house.platform.texts() == ["heard hello", "heard bye"]


async def test_who_begins_is_told_once_what_this_is_however_often_it_is_brought(store: Conversations) -> None:
    """And again when they begin again."""
    async with running(store) as house:
        for number in (1, 1, 1, 2, 2):
            await house.reception.take([said("/start", number, kind="began")])
        await house.reception.take([said("hello", 3)])
        await house.until(lambda: "heard hello" in house.platform.texts())
        assert [text for _, text in house.platform.got] == ["I'm a program.", "I'm a program.", "heard hello"]


async def test_of_one_person_the_answers_keep_the_order_of_the_messages(store: Conversations) -> None:
    """Also when the first takes longer; another person does not wait for it."""
    first_may_end = asyncio.Event()

    async def slow(text: str) -> list[Reply]:
        if text == "one":
            await first_may_end.wait()
        return [Reply(f"heard {text}")]

    async with running(store, slow) as house:
        await house.reception.take([said("one"), said("two", 2), said("three", 3, "ben")])
        await house.until(lambda: house.platform.texts() == ["heard three"])
        first_may_end.set()
        await house.until(lambda: len(house.platform.texts()) == 3)
        assert house.platform.texts() == ["heard three", "heard one", "heard two"]


async def test_killed_before_the_answer_it_is_answered_once_after_the_restart(store: Conversations) -> None:
    """What was taken in is on disk."""

    async def never(text: str) -> list[Reply]:
        await asyncio.sleep(60)
        return []

    async with running(store, never) as house:
        await house.reception.take([said("hello")])
        await house.until(lambda: any(m.text == "hello" for m in store.messages(house.reception.sealer.pseudonym("telegram", "ann"))))
        folder = house.folder
    async with running(store, folder=folder) as house:
        await house.until(lambda: house.platform.texts() == ["heard hello"])
        await asyncio.sleep(0.2)
        assert house.platform.texts() == ["heard hello"]


@pytest.mark.parametrize(("author", "again"), [("bot", False), ("crisis", True)])
async def test_killed_in_the_middle_of_sending_only_an_answer_to_danger_is_sent_again(store: Conversations, author: str, again: bool) -> None:
    """Whether it had arrived nobody knows."""
    sealer, people, outbox = Sealer(KEYS), Correspondents(store.database), Outbox(store.database)
    people.meet("anna", "telegram", sealer.seal('{"chat": "ann"}', "anna"), [Reply("in the middle", author=author)])
    assert outbox.claim(outbox.due(couriers.now())[0].id)
    async with running(store) as house:
        await house.reception.take([said("and then")])
        await house.until(lambda: "heard and then" in house.platform.texts())
        assert ("in the middle" in house.platform.texts()) is again
    assert [letter[2].text for letter in outbox.dead_letters()] == ([] if again else ["in the middle"])


@pytest.mark.parametrize(
    ("trouble", "arrives", "muted"),
    [
        (TryLater("busy"), True, False),
        (TryLater("429", 0.1), True, False),
        (Undeliverable("too long"), False, False),
        (Uncertain("broke"), False, False),
        (Unreachable("blocked"), False, True),
    ],
)
async def test_what_goes_wrong_in_sending_decides_what_happens_next(store: Conversations, trouble: Exception, arrives: bool, muted: bool) -> None:
    """Again, or told to supervisors; nobody who blocked us is written to until they write."""
    async with running(store) as house:
        house.platform.trouble.append(trouble)
        await house.reception.take([said("hello")])
        outbox = house.reception.courier.outbox
        await house.until(lambda: house.platform.texts() == ["heard hello"] or bool(outbox.dead_letters()))
        await house.until(lambda: outbox.due(couriers.now()) == [])
        assert (outbox.dead_letters() == []) is arrives
        view = Transcripts(store.database).view(house.reception.sealer.pseudonym("telegram", "ann"))
        assert view is not None
        assert (view.need == "error") is not arrives
        assert [line.undelivered for line in view.lines if line.undelivered] == ([] if arrives else [str(trouble)])
        await house.reception.take([said("again", 2)])
        await house.until(lambda: "heard again" in house.platform.texts())


async def test_an_answer_to_danger_that_may_not_have_arrived_is_sent_again(store: Conversations) -> None:
    """When the line broke before the platform answered."""
    async with running(store) as house:
        await house.reception.take([said("hello")])
        await house.until(lambda: house.platform.texts() == ["heard hello"])
        house.platform.trouble.append(Uncertain("broke"))
        await house.reception.take([said("I want to kill myself tonight", 2)])
        await house.until(lambda: any("emergency number" in text or "findahelpline" in text for text in house.platform.texts()))
        assert house.reception.courier.outbox.dead_letters() == []


async def test_a_long_answer_is_not_begun_again_after_the_part_that_failed(store: Conversations) -> None:
    """What was sent is not sent twice."""

    async def long(text: str) -> list[Reply]:
        house.platform.trouble = []
        return [Reply("one\n\ntwo\n\nthree")]

    class Fails(Platform):
        async def send(self, address: dict[str, str], part: Part) -> None:
            if part.text == "two" and not self.buttons.count(()) > 2:
                self.buttons.append(())
                raise TryLater("busy", 0.05)
            await super().send(address, part)

    async with running(store, long, Fails()) as house:
        await house.reception.take([said("hello")])
        await house.until(lambda: house.platform.texts() == ["one", "two", "three"])


async def test_while_the_database_is_away_danger_is_answered_and_the_rest_waits(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """And when it is back, everything is answered, once."""
    monkeypatch.setattr("bot.desk.reception.AWAY_SECONDS", 0.05)
    away = True
    async with running(store) as house:
        meet = house.reception.people.meet

        def perhaps(*given: object) -> bool:
            if away:
                raise StoreAway("gone")
            return meet(*given)

        monkeypatch.setattr(house.reception.people, "meet", perhaps)
        await house.reception.take([said("I want to kill myself tonight"), said("hello", 2, "ben")])
        await house.until(lambda: {chat for chat, _ in house.platform.got} == {"ann", "ben"})
        assert moment("waiting") in house.platform.texts()
        assert any("emergency number" in text or "findahelpline" in text for chat, text in house.platform.got if chat == "ann")
        away = False
        await house.until(lambda: "heard hello" in house.platform.texts())
        assert house.platform.texts().count("heard hello") == 1


async def test_stop_stops_with_the_numbers_of_help_and_start_begins_again(store: Conversations) -> None:
    """Messages between are kept, screened, and not answered."""
    async with running(store) as house:
        await house.reception.take([said("hello"), said("STOP", 2, kind="stopped"), said("anyone?", 3), said("START", 4, kind="resumed"), said("hi", 5)])
        await house.until(lambda: "heard hi" in house.platform.texts())
        texts = " | ".join(house.platform.texts())
        assert "START" in texts
        assert "findahelpline" in texts
        assert "heard anyone?" not in texts


async def test_who_had_blocked_us_gets_help_when_they_ask_for_it(store: Conversations) -> None:
    """A command unblocks as a message does, and a room that had sent the program away is told again where there is danger."""
    async with running(store) as house:
        blocked = [said("hello"), said("", 2, kind="blocked"), said("/help", 3, kind="help")]
        room = [said("hi", 4, "room", kind="group"), said("", 5, "room", kind="blocked"), said("I'm going to kill myself tonight", 6, "room", kind="group")]
        await house.reception.take([*blocked, *room])
        await house.until(lambda: any("These people listen" in text for chat, text in house.platform.got if chat == "ann"))
        await house.until(lambda: len([text for chat, text in house.platform.got if chat == "room"]) == 2)


async def test_danger_is_answered_also_after_stop(store: Conversations) -> None:
    """Nothing else is."""
    async with running(store) as house:
        await house.reception.take([said("hello"), said("STOP", 2, kind="stopped"), said("anyone?", 3), said("I want to kill myself", 4)])
        name = house.reception.sealer.pseudonym("telegram", "ann")
        await house.until(lambda: store.messages(name)[-1:] != [] and store.messages(name)[-1].author == "crisis")
        await house.until(lambda: store.messages(name)[-1].text.split("\n\n")[-1] in house.platform.texts())
        assert "heard anyone?" not in house.platform.texts()


async def test_whoever_asks_for_help_after_stop_gets_it(store: Conversations) -> None:
    """It is what they asked for."""
    async with running(store) as house:
        await house.reception.take([said("hello"), said("STOP", 2, kind="stopped"), said("/help", 3, kind="help"), said("and you?", 4)])
        await house.until(lambda: sum("findahelpline.com" in text for text in house.platform.texts()) == 2)
        assert "heard and you?" not in house.platform.texts()


async def test_a_room_of_several_is_told_once_and_again_where_there_is_danger(store: Conversations) -> None:
    """What was said there is not kept."""
    async with running(store) as house:
        for number, text in enumerate(["hi bot", "hi again", "I'm going to kill myself tonight"]):
            await house.reception.take([said(text, number, "room", kind="group")])
        await house.reception.take([said("hello", 9)])
        await house.until(lambda: len(house.platform.got) == 4)
        assert [text[:27] for chat, text in house.platform.got if chat == "room"] == ["I'm a program that talks ab"] * 2
        room = store.messages(house.reception.sealer.pseudonym("telegram", "room"))
        assert not any("kill" in message.text for message in room)


async def test_an_edit_is_answered_only_where_there_is_danger(store: Conversations) -> None:
    """Mending a slip is no new message."""
    async with running(store) as house:
        await house.reception.take([said("helo"), said("hello", 2, kind="edited"), said("i want to kill myself", 3, kind="edited"), said("bye", 4)])
        await house.until(lambda: len(store.messages(house.reception.sealer.pseudonym("telegram", "ann"))) >= 7)
        assert "heard hello" not in house.platform.texts()
        assert any(m.author == "crisis" for m in store.messages(house.reception.sealer.pseudonym("telegram", "ann")))


async def test_a_number_chooses_among_the_buttons_of_the_last_message(store: Conversations) -> None:
    """Also a button that is pressed; one that was never offered is no command."""
    heard = []

    async def offers(text: str) -> list[Reply]:
        heard.append(text)
        return [Reply("which?", ({"title": "Small shifts", "payload": "/reflect_small_shifts"}, {"title": "Other", "payload": "/other"}))]

    async with running(store, offers) as house:
        await house.reception.take([said("hello"), said("2", 2), said("7", 3), said("", 4, payload="/reflect_small_shifts"), said("", 5, payload="/restart")])
        name = house.reception.sealer.pseudonym("telegram", "ann")
        await house.until(lambda: moment("media") in [m.text for m in store.messages(name)])
        mine = [(m.text, m.payload) for m in store.messages(name) if m.author == "person"]
        assert mine == [("hello", None), ("Other", "/other"), ("7", None), ("Small shifts", "/reflect_small_shifts"), ("", None)]


async def test_erasing_leaves_nothing_and_says_so(store: Conversations) -> None:
    """By the button that was offered for it."""

    async def offers(text: str) -> list[Reply]:
        return [Reply("erase?", ({"title": "Erase it", "payload": ERASE},))]

    async with running(store, offers) as house:
        await house.reception.take([said("delete my data"), said("", 2, payload=ERASE)])
        await house.until(lambda: moment("erased") in house.platform.texts())
        assert store.messages(house.reception.sealer.pseudonym("telegram", "ann")) == []


async def test_a_supporter_speaks_instead_of_the_program_and_hands_back(store: Conversations) -> None:
    """And screening goes on."""
    async with running(store) as house:
        await house.reception.take([said("hello")])
        await house.until(lambda: "heard hello" in house.platform.texts())
        name, hands = house.reception.sealer.pseudonym("telegram", "ann"), Handover(store.database)
        hands.join(name, "account-1", "Sam", "Sam has joined.")
        with pytest.raises(Held):
            hands.join(name, "account-2", "Kim", "Kim has joined.")
        with pytest.raises(Held):
            hands.say(name, "account-2", "no")
        hands.say(name, "account-1", "I'm Sam.")
        await house.reception.take([said("i want to kill myself", 2)])
        # Left to Sam before Sam leaves; else the program answers it.
        await house.until(lambda: any(m.text == "i want to kill myself" and store.left(m.number) for m in store.messages(name)))
        await house.until(lambda: "I'm Sam." in house.platform.texts())
        hands.hand_back(name, "account-1", "Sam has left.")
        await house.reception.take([said("bye", 3)])
        await house.until(lambda: len(house.platform.texts()) >= 5)
        assert house.platform.texts()[:4] == ["heard hello", "Sam has joined.", "I'm Sam.", "Sam has left."]
        assert store.messages(name)[-1].author == "crisis"


async def test_what_breaks_for_one_person_is_told_and_holds_up_nobody(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is tried again at the next start, so that nothing is lost."""
    async with running(store) as house:
        receive = house.store.receive

        def broken(name: str, inbound: Inbound) -> Stored:
            if inbound.text == "unlucky":
                raise RuntimeError("secret detail of the inside")
            return receive(name, inbound)

        monkeypatch.setattr(house.store, "receive", broken)
        await house.reception.take([said("unlucky"), said("hello", 2, "ben")])
        await house.until(lambda: len(house.platform.texts()) >= 3)
        assert any("reference" in text.lower() for chat, text in house.platform.got if chat == "ann")
        assert not any("secret" in text for text in house.platform.texts())
        assert "heard hello" in house.platform.texts()
        folder = house.folder
    monkeypatch.setattr(store, "receive", receive)
    async with running(store, folder=folder) as house:
        await house.until(lambda: "heard unlucky" in house.platform.texts())


async def test_a_delivery_that_cannot_be_read_is_shown_to_supervisors_and_holds_up_nobody(store: Conversations) -> None:
    """As when it was sealed with another key."""
    people, outbox = Correspondents(store.database), Outbox(store.database)
    people.meet("anna", "telegram", Sealer({**KEYS, "k1": bytes(32)}).seal('{"chat": "ann"}', "anna"), [Reply("unreadable address")])
    async with running(store) as house:
        await house.reception.take([said("hello", 2, "ben")])
        await house.until(lambda: "heard hello" in house.platform.texts())
        await house.until(lambda: len(outbox.dead_letters()) == 1)


async def test_nothing_that_was_written_or_names_anyone_is_readable_in_the_inbox(store: Conversations, tmp_path: Path) -> None:
    """It is sealed."""
    async with running(store, folder=tmp_path / "inbox") as house:
        house.reception.inbox.put(said("a sentence that must stay secret", person="personal-number"))
        for file in (tmp_path / "inbox").iterdir():
            assert b"secret" not in file.read_bytes()
            assert b"personal-number" not in file.read_bytes()
