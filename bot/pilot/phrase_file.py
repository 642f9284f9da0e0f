"""The phrases that are shipped, and what a phrase may not hold: the rules of voice, and those of the crisis wording where they fit a person's words."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Iterator

import yaml

from bot.reframing.voice import faults as faults_of_voice
from bot.safety.checking import faults as faults_of_care
from bot.store.phrases import Approved

CONTENT = Path(__file__).parent / "content" / "phrases.yml"
MOST_WORDS = 45


@lru_cache(maxsize=1)
def shipped() -> tuple[Approved, ...]:
    """All of the file."""
    return tuple(Approved(**row) for row in yaml.safe_load(CONTENT.read_text(encoding="utf-8"))["phrases"])


def faults(text: str) -> Iterator[str]:
    """What is wrong with a phrase. That a person says that they are one is no fault here."""
    spoken = text.replace("I'm a person", "I'm here")
    yield from faults_of_voice(spoken, (3, MOST_WORDS))
    yield from faults_of_care(spoken, ("phrases",))


def check() -> list[str]:
    """All that is wrong with the shipped ones."""
    return [f"{CONTENT.name}: {phrase.id}: {fault}: {phrase.text}" for phrase in shipped() for fault in faults(phrase.text)]
