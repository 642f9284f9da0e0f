"""Words with which carriers let people steer a number: alone in a message they stop it, begin again, or ask for help."""

from __future__ import annotations

from typing import Mapping, Optional

from bot.desk.arrivals import Kind

EVERYWHERE: Mapping[str, Kind] = {
    **dict.fromkeys(("stop", "stopall", "stop all", "unsubscribe", "optout", "opt out", "opt-out"), "stopped"),
    **dict.fromkeys(("start", "unstop", "yes"), "resumed"),
    "help": "help",
}
"""Words that can hardly mean anything else; `yes` begins again only for somebody who had stopped (the reception knows)."""
TEXTS: Mapping[str, Kind] = {**EVERYWHERE, **dict.fromkeys(("end", "quit", "cancel", "revoke"), "stopped"), "info": "help"}
"""The carriers' whole list, for texts only (CTIA Messaging Principles and Best Practices, 5.1.3; Twilio's default keywords).

Elsewhere no rule makes commands of them, and "end" or "quit" of somebody who is worn out is a sentence that has to be read.
"""
AROUND = " .!…\"'“”‘’"


def command(text: str, words: Mapping[str, Kind]) -> Optional[Kind]:
    """What a message commands that holds nothing but one of the words, or None. Signs may stand only around the words that can hardly mean anything else."""
    said = text.strip().casefold()
    return words.get(said) or EVERYWHERE.get(said.strip(AROUND))
