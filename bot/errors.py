"""The one root of the errors this project raises on purpose."""

from __future__ import annotations


class ReframeError(Exception):
    """Something a person can act on; its message says what happened and what to do."""
