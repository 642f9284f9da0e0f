"""Long replies are cut where a reader would pause, within every platform's limit, and the lines that lead to help come first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.splitting import split, utf16

SENTENCE = "This is one sentence of some length, and it ends here. "
CARE = "Thank you for saying it. " * 20 + "\n\nSamaritans: call 116 123\nShout: text SHOUT to 85258\n\nIn danger, call 999. " + "Then go to someone. " * 20


def test_what_fits_is_one_part_and_nothing_is_no_part() -> None:
    """Unchanged."""
    assert split("one\n\ntwo", 100) == ["one\n\ntwo"]
    assert split("  ", 100) == []


def test_a_long_text_is_cut_at_the_ends_of_sentences() -> None:
    """Each part ends with one."""
    parts = split(SENTENCE * 20, 200)
    assert len(parts) > 4
    assert all(part.endswith("here.") for part in parts)


def test_paragraphs_stay_together_while_they_fit() -> None:
    """The cut is between them."""
    assert split("one two three\n\nfour five six", 20) == ["one two three", "four five six"]


@pytest.mark.parametrize("longest", [160, 300, 600])
def test_in_an_answer_to_danger_the_first_part_leads_to_help(longest: int) -> None:
    """However short a part may be; elsewhere the order is kept."""
    assert "116 123" in split(CARE, longest, care=True)[0]
    assert split(CARE, longest)[0].startswith("Thank you")


@settings(deadline=None)  # the first call loads spaCy
@given(st.text(alphabet=st.sampled_from("ab .\n?!é🙂👩‍👩‍👧‍👦\u200d"), max_size=400), st.integers(30, 80))
def test_no_part_is_too_long_and_no_word_is_lost(text: str, longest: int) -> None:
    """Whatever is in it: emoji made of several signs, words without end."""
    parts = split(text, longest)
    assert all(0 < utf16(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
