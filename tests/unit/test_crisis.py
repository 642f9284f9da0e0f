"""The crisis conversation, first form: it latches."""

from __future__ import annotations

import pytest

from bot.safety.crisis import State, answers, lines, next_state
from bot.safety.screening import assess


def after(state: State, text: str) -> State:
    """The state after one message."""
    return next_state(state, assess(text), text)


@pytest.mark.parametrize("state", ["none", "asked", "risk"])
def test_danger_raises_from_any_state(state: State) -> None:
    """At once."""
    assert after(state, "I want to kill myself") == "risk"


@pytest.mark.parametrize("text", ["I'm fine", "just joking", "forget it", "hello", "I failed therapy", "you misunderstood"])
def test_a_wave_of_the_hand_does_not_lower_it(text: str) -> None:
    """The next answer is still about safety."""
    assert after("risk", text) == "risk"
    assert lines("risk", "risk", assess(text))


@pytest.mark.parametrize("text", ["I called a crisis line and they're staying with me", "I'm safe now", "I'm with my sister", "I spoke to my doctor"])
def test_being_with_someone_lowers_it(text: str) -> None:
    """Then the ordinary conversation may go on."""
    assert after("risk", text) == "none"


@pytest.mark.parametrize(("text", "state"), [("yes", "risk"), ("kind of", "risk"), ("no, nothing like that", "none"), ("no way out", "asked")])
def test_the_answer_to_the_direct_question_counts(text: str, state: State) -> None:
    """Yes is a risk, no ends it, more of it asks again."""
    assert after("asked", text) == state


@pytest.mark.parametrize("line", [*answers().urgent, *answers().check_in])
def test_every_crisis_line_names_help_and_asks_one_thing(line: str) -> None:
    """A number or place to turn to, one question."""
    assert "findahelpline.com" in line
    assert "emergency number" in line
    assert line.count("?") == 1


def test_the_wording_says_that_nobody_has_reviewed_it_yet() -> None:
    """Until a clinician has."""
    assert answers().reviewed_by is None
