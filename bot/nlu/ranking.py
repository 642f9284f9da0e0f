"""From the votes of like examples to an order of intents, with a confidence that means something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.safety.words import clauses

SURE, SURE_OF_TREATMENT, DOUBTED, NEAR = 0.7, 0.5, 0.5, 0.55
"""Beliefs that together hold SURE of the vote (SURE_OF_TREATMENT where treatment is spoken of), with an example at the cosine NEAR, are taken; between DOUBTED
and SURE, or from further off, they are asked about; below DOUBTED the message is something else. Chosen by the table in docs/recognition.md."""
GUESSED = 0.3
"""Below this confidence the likeliest belief is a guess, whatever the beliefs hold together: none of the six visible messages below it was named rightly."""
SHARPNESS = 2.5
"""The power of a share that comes near to how often it is right: docs/model-card.md shows the curve, docs/recognition.md the powers that were tried."""
GENERAL = "other_therapy"
TREATMENT = re.compile(
    r"\b(?:therap\w*|counsel\w*|psycholog\w*|psychiatr\w*|shrink|sessions?|treatment|medications?|meds|antidepress\w*|ssri\w*|cbt|dbt|emdr|cpt"
    r"|heal\w*|recover\w*|appointments?|clinic\w*|analyst|self help|coping|diagnos\w*|relapse\w*)\b"
)


@dataclass(frozen=True)
class Ranking:
    """`order` are indices of classes, the first one meant; `confidence` is by class and sums to 1; `sure` says that a belief may be taken without asking."""

    order: list[int]
    confidence: Any
    sure: bool


def of_treatment(text: str) -> bool:
    """Whether a message speaks of treatment or healing; few negative thoughts about everything else do."""
    return any(TREATMENT.search(clause) for clause in clauses(text))


def ranked(shares: Any, classes: Any, beliefs: Any, nearest: float, treatment: bool) -> Ranking:
    """Rank classes (n,) by their shares of the vote; `beliefs` (n,) marks those that are beliefs, `nearest` is the cosine of the nearest example.

    Beliefs go before everything else where together they hold enough of the vote, and after it below DOUBTED.
    """
    shares = shares / shares.sum()
    held, enough = float(shares[beliefs].sum()), SURE_OF_TREATMENT if treatment else SURE
    shift = 1.0 if held >= enough else -1.0 if held < DOUBTED else 0.0
    shares = _with_general(shares, classes, beliefs) if treatment else shares
    order = [int(i) for i in np.argsort(-(shares + shift * beliefs), kind="stable")]
    powers = np.power(shares, SHARPNESS)
    confidence = powers / powers.sum()
    return Ranking(order, confidence, bool(held >= enough and nearest >= NEAR and confidence[order[0]] >= GUESSED))


def _with_general(shares: Any, classes: Any, beliefs: Any) -> Any:
    """Of treatment, what is voiced may always be no more than how it goes: GENERAL is as likely as the second of the other beliefs, and goes before it."""
    second = np.sort(shares[beliefs & (classes != GENERAL)])[-2:-1].sum()
    return np.where(classes == GENERAL, np.maximum(shares, second * (1 + 1e-6)), shares)
