"""The rules of voice, from the project's page on beliefs: short, plain, modest, at most one question, no word it may not say."""

from __future__ import annotations

import re
from typing import Iterator

import textstat

MOST_GRADE = 7.0
"""Automated readability index, in US school grades: grade 7 is read at about 12 years."""
MOST_GRADE_CARE = 8.0
"""The same for practical information, which has to use words such as “pharmacist” and “licensing body”."""
MOST_TURN = 90
"""Words in one turn."""
BANNED = {
    r"\bdiagnos": "“diagnose” in any form",
    r"\bcur(e|es|ed|ing)\b": "“cure”",
    r"\bshould(n't)?\b": "“should”",
    r"\b(must|ought to)\b": "a command",
    r"!": "an exclamation mark",
    r"\bi (fully |completely |exactly |really |truly )*understand\b|\bi know (exactly )?how\b": "a claim to understand how it feels",
    r"\b(i'm|i am|(?<!such )as) (a|your) (therapist|counsell?or|doctor|person|human)\b"
    r"|\b(my|our|this) (therapy|treatment|sessions?) with you\b": "a claim to be therapy or a person",
    r"\b(treatment|treats? you|heal you|i feel|i felt)\b": "a claim of treatment or of feeling",
    r"\b(always be here|i promise|i guarantee|everything happens for a reason|you've got this)\b"
    r"|\b(think of your family|don't worry|calm down)\b": "a promise or a platitude",
    r"\b(toxic|gaslight\w*|narcissis\w*|trauma bond\w*|valid|disorder|symptomatic)\b": "jargon or a label",
    r"\b(healing )?journey\b": "the language of posters",
    r"[\U0001F300-\U0001FAFF☀-➿]": "an emoji",
    "—": "a long dash",
}
# “I'm not a therapist” and the like are what the bot has to say.
DISCLAIMER = re.compile(r"\b(not|nor|isn't|aren't|never) (an? |your )?(therapist|counsell?or|doctor|person|human|crisis service)\b", re.IGNORECASE)
ADDRESS = re.compile(r"\b[a-z]+\.com\b|\{\w+\}", re.IGNORECASE)


def faults(text: str, words: tuple[int, int] = (1, MOST_TURN), questions: tuple[int, int] = (0, 1)) -> Iterator[str]:
    """Everything wrong with one line. `words` and `questions` are the fewest and the most allowed."""
    count, asked = len(text.split()), text.count("?")
    if not words[0] <= count <= words[1]:
        yield f"{count} words, where {words[0]} to {words[1]} are allowed"
    if not questions[0] <= asked <= questions[1]:
        yield f"{asked} questions, where {questions[0]} to {questions[1]} are allowed"
    if questions[0] and not text.rstrip('"”').endswith("?"):
        yield "does not end with its question"
    plain = DISCLAIMER.sub("", text)
    yield from (f"holds {what}" for pattern, what in BANNED.items() if re.search(pattern, plain, re.IGNORECASE))


def hard_to_read(texts: list[str], most: float = MOST_GRADE) -> str | None:
    """What is wrong with the reading age of lines of one kind, or None. Judged together: one line alone is too short to measure."""
    grade = textstat.automated_readability_index(ADDRESS.sub("it", " ".join(texts)))
    return f"reads at grade {grade:.1f}, where {most:g} (7 is about 12 years) is the limit" if grade > most else None
