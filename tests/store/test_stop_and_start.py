"""Words that steer a number, at the reception: stop really stops, and only who has stopped begins again by a yes."""

from __future__ import annotations

import pytest

from bot.desk.standing import moment
from bot.store.conversations import Conversations
from tests.store.test_desk import echo
from tests.store.test_messaging import House, Platform, running, said


async def texts_after(house: House, last: str) -> list[str]:
    """What was sent until a text came, the notice included."""
    await house.until(lambda: last in house.platform.texts())
    return [text for _, text in house.platform.got]


@pytest.mark.parametrize("word", ["yes", "start"])
async def test_a_yes_of_somebody_who_has_not_stopped_is_an_answer(store: Conversations, word: str) -> None:
    """Also when it is brought twice."""
    async with running(store) as house:
        await house.reception.take([said("hello"), said(word, 2, kind="resumed"), said(word, 2, kind="resumed"), said("bye", 3)])
        assert await texts_after(house, "heard bye") == ["I'm a program.", "heard hello", f"heard {word}", "heard bye"]


@pytest.mark.parametrize("word", ["yes", "start"])
async def test_a_yes_of_somebody_who_has_stopped_begins_again(store: Conversations, word: str) -> None:
    """With the notice, once, and nothing else."""
    async with running(store) as house:
        await house.reception.take(
            [said("hello"), said("stop", 2, kind="stopped"), said(word, 3, kind="resumed"), said(word, 3, kind="resumed"), said("bye", 4)]
        )
        texts = await texts_after(house, "heard bye")
        assert texts.count("I'm a program.") == 2
        assert f"heard {word}" not in texts


async def test_who_says_stop_first_of_all_gets_the_confirmation_only(store: Conversations) -> None:
    """One message, with the numbers of help."""

    class Whole(Platform):
        def parts(self, reply):  # type: ignore[no-untyped-def]  # as Platform's
            return super().parts(reply)[:1]

    async with running(store, echo, Whole()) as house:
        await house.reception.take([said("stop", kind="stopped")])
        await house.until(lambda: bool(house.platform.got))
        assert [text for _, text in house.platform.got] == [moment("stopped")]


async def test_whom_the_platform_has_stopped_gets_no_confirmation_of_ours(store: Conversations) -> None:
    """It would be the second, and would not be delivered."""
    async with running(store) as house:
        await house.reception.take([said("hello"), said("stop", 2, kind="blocked"), said("start", 3, kind="resumed"), said("bye", 4)])
        assert await texts_after(house, "heard bye") == ["I'm a program.", "heard hello", "I'm a program.", "heard bye"]
