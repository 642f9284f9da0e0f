"""What every command does first."""

from __future__ import annotations

import os

from bot.logs import configure
from bot.settings import Settings, read_settings


def prepared() -> Settings:
    """The settings, with logging set and the libraries quietened before they are imported. Raises SettingsError for a setting that cannot be used."""
    settings = read_settings()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    configure(settings.reframe_log_level)
    return settings
