"""The scenarios: each a module with TITLE, MEANING (what the figure means), SIZES (full and quick) and `run`."""

from __future__ import annotations

from types import ModuleType

from bot.bench.scenarios import assessing, crowd, long_conversation, memory, screening, starting, steady, stored, training, turn

SCENARIOS: dict[str, ModuleType] = {
    "turn": turn,
    "crowd": crowd,
    "steady": steady,
    "long": long_conversation,
    "screening": screening,
    "assess": assessing,
    "start": starting,
    "memory": memory,
    "stored": stored,
    "training": training,
}
"""By the name that `--only` takes, in the order in which they run."""
LONG_TRAINING = ("training",)
"""Left out of a quick run: the product's own training takes a minute or more."""
