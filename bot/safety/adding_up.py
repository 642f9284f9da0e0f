"""Risk over a conversation: weak signs that mean little alone are asked about when they come together."""

from __future__ import annotations

from dataclasses import replace

from bot.safety.screening import Assessment, Evidence

FADES = 0.75
"""What is left of an earlier message's weight with each further one."""
ENOUGH = 1.0
"""The weight from which a conversation is asked about: three weak signs in four messages, or two in a row that the scorer suspects. Chosen by hand."""
WEIGHTS = {"none": 0.4, "check_in": 0.7, "urgent": 1.0}
"""By the tier of the evidence; evidence of tier none is a weak sign."""
SUSPECTED = 0.6
"""The weight of a message that the scorer alone suspects; one calm message in ten is suspected, so two in a row are one in a hundred."""


def added_up(assessment: Assessment, carried: float) -> tuple[Assessment, float]:
    """The assessment in the light of the messages before, and the weight to carry on. Only raises, and only a message that holds a sign itself."""
    weight = max((_weight(e) for e in assessment.evidence if not e.lowered_by), default=0.0)
    total = carried * FADES + weight
    if assessment.tier != "none" or weight == 0.0 or total < ENOUGH:
        return assessment, total
    sign = next(e for e in assessment.evidence if not e.lowered_by)
    raised = Evidence("check_in", "adds_up", sign.category, f"weight {total:.2f}, last: {sign.span}")
    return replace(assessment, tier="check_in", evidence=(raised, *assessment.evidence)), 0.0


def _weight(evidence: Evidence) -> float:
    return SUSPECTED if (evidence.tier, evidence.rule) == ("none", "scorer") else WEIGHTS[evidence.tier]
