"""From votes to an order of intents: what is sure, what is asked about."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.nlu.ranking import GENERAL, ranked

CLASSES = np.array(["resistant", "failed_therapy", "starting_over", GENERAL, "chitchat"])
BELIEFS = np.array([True, True, True, True, False])


@pytest.mark.parametrize(
    ("shares", "nearest", "sure"),
    [
        ((0.7, 0.1, 0.05, 0.05, 0.1), 0.8, True),
        ((0.7, 0.1, 0.05, 0.05, 0.1), 0.4, False),
        ((0.24, 0.23, 0.22, 0.21, 0.1), 0.8, False),
        ((0.3, 0.1, 0.1, 0.1, 0.4), 0.8, False),
    ],
    ids=["one belief and near", "from far off", "every belief a guess", "not enough for beliefs together"],
)
def test_a_belief_is_sure_where_beliefs_hold_the_vote_an_example_is_near_and_one_of_them_stands_out(
    shares: tuple[float, ...], nearest: float, sure: bool
) -> None:
    """Everything else is asked about or taken for something else; the verdict can be kept as JSON, or the whole message would be lost."""
    found = ranked(np.array(shares), CLASSES, BELIEFS, nearest, treatment=False)
    assert json.loads(json.dumps(found.sure)) is sure
