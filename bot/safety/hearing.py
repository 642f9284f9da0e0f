"""What a message says for a conversation in risk: danger within reach, someone who cares, what stands in the way."""

from __future__ import annotations

from bot.safety.signals import signals
from bot.safety.state import Crisis

WITH_A_TIME = {"suicide", "self_harm", "harm_to_others", "grief", "medical"}
"""Categories in which a yes with a time that is near means intent."""
WITHIN_REACH = {"suicide", "self_harm", "harm_to_others", "psychosis", "abuse", "grief"}
"""Categories in which means in the hand, a height or a door that gives way make it immediate."""
PLACE = 6
"""A message of so many words or fewer that names a country answers where the person is."""
PLAIN = 6
"""So many words or fewer that begin with yes or no are a yes or a no and nothing beside."""
UNSAFE_UNTIL = 3
"""The turn of a conversation in risk up to which a no answers whether it is safe to write; the yes or no counts as a turn of its own."""
BRIEF = 2
"""So many words or fewer are a brief reply."""
THREATS = {"abuse", "sexual_assault", "child_safety", "psychosis", "therapist_misconduct"}
"""Categories in which "he is here" may mean the danger itself."""

BY_OTHERS = THREATS - {"psychosis"}
"""Categories in which it is asked whether it is safe to write: a no is the worse answer, and a yes does not say that nothing happened."""


def unsafe(crisis: Crisis, words: str) -> bool:
    """Whether somebody says that it is not safe. That nobody does harm has to be said to be heard."""
    return crisis.category in BY_OTHERS and signals().denied.search(words) is not None and not signals().unharmed.search(words)


def cared_for(crisis: Crisis, words: str) -> bool:
    """Whether somebody who helps is there or has been told, and is not the danger."""
    threatened = crisis.category in THREATS and signals().threat_near.search(words)
    return signals().cared_for.search(words) is not None and not signals().not_cared_for.search(words) and not threatened


def barrier(words: str) -> str | None:
    """What stands in the way of help, by its name in the wording."""
    return next((name for name, pattern in signals().barriers.items() if pattern.search(words)), None)


def heard(crisis: Crisis, words: str) -> str:
    """What a reply holds, by its name in the wording: it chooses the opening of the next answer."""
    if crisis.country_due and len(words.split()) <= PLACE:
        return "country"
    said = signals()
    if said.admitted.search(words):  # also behind a no
        return "agreed"
    if unsafe(crisis, words) and crisis.turns <= UNSAFE_UNTIL:
        return "not_safe"
    plain = len(words.split()) <= PLAIN and not said.elsewhere.search(words)
    answer = {"agreed": said.affirmed, "declined": said.denied} if plain else {}
    patterns = {"retracted": said.retracted, **said.heard, **answer}
    found = next((name for name, pattern in patterns.items() if pattern.search(words)), None)
    return found or ("brief" if len(words.split()) <= BRIEF else "else")


def within_reach(crisis: Crisis, words: str) -> bool:
    """Whether what could hurt is in the hand, or the place is one to fall from, or a door gives way."""
    return crisis.category in WITHIN_REACH and signals().at_hand.search(words) is not None


def soon(crisis: Crisis, words: str) -> bool:
    """Whether a yes in these words means that it is near."""
    return (crisis.category in WITH_A_TIME and signals().soon.search(words) is not None) or within_reach(crisis, words)
