"""The page about what is kept says what is set."""

from __future__ import annotations

from dataclasses import fields

from bot.channels.web.privacy import Kept, privacy
from bot.settings import Settings
from bot.store.retention import Periods
from bot.wiring import asked_of, periods_of, site_of

OF_SUPPORTERS = ("debrief", "alarm")
"""Periods of what is kept of those who support; nothing of a person is in it."""


def test_every_period_stands_on_the_page() -> None:
    """As it is set, and no field is left to fill in."""
    odd = Periods(**{field.name: 11 + number for number, field in enumerate(fields(Periods))})
    page = privacy(Kept(odd))
    told = {name: days for name, days in vars(odd).items() if name not in OF_SUPPORTERS}
    assert [days for days in told.values() if f"{days:g} days" not in page] == []
    assert "{" not in page


def test_the_settings_reach_the_page_the_question_and_the_periods() -> None:
    """Each from its own setting."""
    settings = Settings(reframe_keep_text_days=5, reframe_keep_conversation_days=17, reframe_keep_withdrawn_days=6, reframe_research=True)
    assert (periods_of(settings).text, periods_of(settings).conversation) == (5, 17)
    assert "| the text of messages | 5 days |" in site_of(settings).privacy
    asked = asked_of(settings)
    assert asked is not None
    assert "after 5 days" in asked.words
    assert "17 days" in asked.words
    assert (asked.research, asked.days) == (True, 7)


def test_where_nobody_is_asked_the_page_says_so() -> None:
    """And asks nobody."""
    settings = Settings(reframe_consent=False)
    assert asked_of(settings) is None
    assert "does not ask" in site_of(settings).privacy
