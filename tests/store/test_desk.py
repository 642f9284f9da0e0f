"""The desk: stored first, answered once, and never silent."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Awaitable, Callable, Optional

import pytest

from bot.desk.consenting import Asked
from bot.desk.desk import Desk, Terms
from bot.desk.spool import Spool
from bot.safety.scoring import Score
from bot.store.conversations import Conversations
from bot.store.messages import Inbound, Reply

Likelihood = Callable[[str], Optional[Score]]
Answer = Callable[[str], Awaitable[list[Reply]]]


class FakeAgent:
    """Answers by a function, and counts."""

    def __init__(self, answer: Answer) -> None:
        self.function, self.heard, self.forgotten = answer, [], []

    async def answer(self, conversation_id: str, text: str, payload: Optional[str], interrupted: bool) -> list[Reply]:
        """As the function says."""
        self.heard.append(payload or text)
        self.interrupted = interrupted
        return await self.function(text)

    def forget(self, conversation_id: str) -> None:
        """Remember who was forgotten."""
        self.forgotten.append(conversation_id)


async def echo(text: str) -> list[Reply]:
    """Says it back."""
    return [Reply(f"heard {text}")]


async def nothing(text: str) -> list[Reply]:
    """No answer."""
    return []


async def breaks(text: str) -> list[Reply]:
    """An action that fails."""
    raise RuntimeError("secret detail of the inside")


async def hangs(text: str) -> list[Reply]:
    """An action that never ends."""
    await asyncio.sleep(60)
    return []


def desk_with(
    store: Conversations, answer: Answer, seconds: float = 5, likelihood: Callable[[str], Optional[Score]] = lambda text: None, asked: Optional[Asked] = None
) -> Desk:
    """A desk before a fake agent, with a spool of its own; leave is asked for where `asked` says how."""
    terms = Terms("I'm a program.", seconds, store_seconds=3, asked=asked)
    return Desk(store, FakeAgent(answer), Spool(Path(tempfile.mkdtemp()), store.database.sealer), terms, likelihood)


async def test_a_conversation_begins_by_saying_what_it_is(store: Conversations) -> None:
    """The notice is the first message."""
    new, said = await desk_with(store, echo).open("web")
    assert [m.text for m in said] == [m.text for m in store.messages(new.id)] == ["I'm a program."]


async def test_a_message_is_stored_before_the_agent_sees_it(store: Conversations) -> None:
    """So that a crash behind the desk loses nothing."""
    seen = []

    async def look(text: str) -> list[Reply]:
        seen.extend(m.text for m in store.messages(conversation))
        return [Reply("ok")]

    conversation = store.open("web").id
    await desk_with(store, look).receive(conversation, Inbound("hello"))
    assert "hello" in seen


async def test_the_reply_is_stored_and_returned(store: Conversations) -> None:
    """The same rows."""
    conversation = store.open("web").id
    said = await desk_with(store, echo).receive(conversation, Inbound("hello"))
    assert [m.text for m in said] == ["heard hello"]
    assert store.messages(conversation)[-1] == said[0]


@pytest.mark.parametrize("answer", [nothing, breaks, hangs])
async def test_without_an_answer_the_person_is_told_so_with_a_reference(store: Conversations, answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """Honest, with help named, nothing of the inside, and findable in the log."""
    conversation = store.open("web").id
    (said,) = await desk_with(store, answer, seconds=0.2).receive(conversation, Inbound("hello"))
    assert "fault on my side" in said.text
    assert "emergency number" in said.text
    assert "secret" not in said.text
    reference = said.text.split("Reference ")[1].strip(")")
    assert reference in caplog.text
    assert "hello" not in caplog.text


@pytest.mark.parametrize("answer", [nothing, breaks, hangs])
async def test_danger_is_answered_even_when_nothing_behind_the_desk_works(store: Conversations, answer: Answer) -> None:
    """The crisis answer, not the excuse."""
    conversation = store.open("web").id
    (said,) = await desk_with(store, answer, seconds=0.2).receive(conversation, Inbound("I want to kill myself"))
    assert "emergency number" in said.text
    assert "fault on my side" not in said.text


async def test_after_a_failure_the_conversation_goes_on(store: Conversations) -> None:
    """The next message is answered."""
    conversation = store.open("web").id
    await desk_with(store, breaks).receive(conversation, Inbound("one"))
    said = await desk_with(store, echo).receive(conversation, Inbound("two"))
    assert said[0].text == "heard two"


async def test_sent_twice_is_answered_once(store: Conversations) -> None:
    """Also when the second comes while the first is being worked on."""
    conversation = store.open("web").id
    desk = desk_with(store, echo)
    first, second = await asyncio.gather(*(desk.receive(conversation, Inbound("hello", "one")) for _ in range(2)))
    assert first == second
    assert desk.agent.heard == ["hello"]


async def test_messages_of_one_conversation_are_answered_in_their_order(store: Conversations) -> None:
    """A slow first does not let the second pass."""
    order = []

    async def slow_first(text: str) -> list[Reply]:
        await asyncio.sleep(0.3 if text == "one" else 0)
        order.append(text)
        return [Reply(text)]

    conversation = store.open("web").id
    desk = desk_with(store, slow_first)
    await asyncio.gather(*(desk.receive(conversation, Inbound(t)) for t in ("one", "two", "three")))
    assert order == ["one", "two", "three"]


async def test_one_conversation_does_not_wait_for_another(store: Conversations) -> None:
    """A hanging one holds up only itself."""

    async def slow_one(text: str) -> list[Reply]:
        await asyncio.sleep(5 if text == "slow" else 0)
        return [Reply(text)]

    one, other = store.open("web").id, store.open("web").id
    desk = desk_with(store, slow_one, seconds=3)
    slow = asyncio.create_task(desk.receive(one, Inbound("slow")))
    await asyncio.sleep(0.1)
    said = await asyncio.wait_for(desk.receive(other, Inbound("quick")), 2)
    assert said[0].text == "quick"
    slow.cancel()


async def test_what_a_stop_left_unanswered_is_answered_at_the_next_start(store: Conversations) -> None:
    """Honestly, and danger with help; what was answered is left alone."""
    conversation = store.open("web").id
    store.receive(conversation, Inbound("are you there?"))
    store.receive(conversation, Inbound("I want to kill myself"))
    desk = desk_with(store, echo)
    assert await desk.settle() == 2
    plain, crisis = store.messages(conversation)[-2:]
    assert "interrupted" in plain.text
    assert "interrupted" not in crisis.text
    assert await desk.settle() == 0


async def test_the_assessment_is_kept_beside_the_message(store: Conversations) -> None:
    """Tier, category and the version of the rules."""
    conversation = store.open("web").id
    await desk_with(store, echo).receive(conversation, Inbound("I want to kill myself"))
    with store.database.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT tier, category, screened_with FROM message WHERE author = 'person'").one()
    assert row[:2] == ("urgent", "suicide")
    assert row[2]


async def test_deleting_reaches_the_agent_as_well(store: Conversations) -> None:
    """Nothing is left in the tracker."""
    conversation = store.open("web").id
    desk = desk_with(store, echo)
    await desk.delete(conversation)
    assert desk.agent.forgotten == [conversation]
    assert store.messages(conversation) == []


async def test_whoever_hangs_up_is_answered_all_the_same(store: Conversations) -> None:
    """A server cancels what it did for a line that broke; the answer is there when they come back."""
    heard, go_on = asyncio.Event(), asyncio.Event()

    async def slow(text: str) -> list[Reply]:
        heard.set()
        await go_on.wait()
        return [Reply(f"heard {text}")]

    conversation = store.open("web").id
    desk = desk_with(store, slow)
    request = asyncio.create_task(desk.receive(conversation, Inbound("hello", "one")))
    await heard.wait()
    request.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await request
    again = await desk.receive(conversation, Inbound("hello", "one"))
    assert [m.text for m in again] == ["heard hello"]
    assert desk.agent.heard == ["hello"]
