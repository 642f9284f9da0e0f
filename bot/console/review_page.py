"""Reviews of closed cases by a second person, and how far reviewers agree."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from starlette.responses import Response

from bot.console.visits import Page, Parts, Refused, Visit
from bot.pilot.agreement import Agreement, agreement
from bot.pilot.checklist import checklist
from bot.pilot.corrections_file import CorrectionsFile, NoRedaction
from bot.pilot.sampling import Sampling
from bot.safety.scoring import CATEGORIES
from bot.store.review_tables import DIMENSIONS
from bot.store.reviews import Closed, Findings, Label, Line, Rating, Reviews, Tier

TIERS: tuple[Tier, ...] = ("none", "check_in", "urgent")
RATINGS: tuple[Rating, ...] = ("best", "adequate", "harm", "not_applicable")


def listed(visit: Visit) -> Response:
    """What is due, for whoever comes and in all, and the agreement."""
    reviews = Reviews(visit.parts.database)
    reviews.draw(_sampling(visit.parts))
    measured = {name: agreement(pairs) for name, pairs in reviews.pairs().items()}
    return visit.page("reviews.html", mine=reviews.due(visit.who.id), due=len(reviews.due()), agreement={name: _told(a) for name, a in measured.items()})


def form(visit: Visit) -> Response:
    """The transcript with the checklist; that it was read is noted."""
    case = _mine(visit)
    reviews = Reviews(visit.noting("conversation.read", case.conversation_id, "review", case=case.id))
    lines = reviews.transcript(case)
    return visit.page(
        "review.html",
        case=case,
        lines=lines,
        checklist=checklist(),
        ratings=RATINGS,
        tiers=TIERS,
        intents=visit.parts.terms.pilot.intents,
        categories=CATEGORIES,
    )


def submitted(visit: Visit) -> Response:
    """Keep the review; the database refuses one by who had a hand in the case."""
    case_id = _number(visit.part)
    case = Reviews(visit.parts.database).case(case_id)
    findings = _findings(visit, Reviews(visit.parts.database).transcript(case))
    Reviews(visit.noting("review.add", case.conversation_id, case=case.id)).record(case.id, visit.who.id, findings)
    return visit.page("reviewed.html", told=_corrected(visit.parts))


def _corrected(parts: Parts) -> str:
    """Bring corrections to their file; what became of them, in words."""
    file = CorrectionsFile(parts.terms.pilot.corrections, parts.terms.pilot.redact)
    try:
        written = file.bring(Reviews(parts.database))
    except (NoRedaction, OSError) as error:
        return (
            str(error)
            if isinstance(error, NoRedaction)
            else "The corrections are kept; their file could not be written and is tried again with the next review."
        )
    return f"{written} correction{'' if written == 1 else 's'} written, redacted, for `reframe learn`." if written else ""


def _mine(visit: Visit) -> Closed:
    """The case in the path. Raises Refused unless it is due and whoever comes may review it."""
    case = next((due for due in Reviews(visit.parts.database).due(visit.who.id) if due.id == _number(visit.part)), None)
    if case is None:
        raise Refused(409, "This case is not yours to review: it needs no review any more, or you had a hand in it. Leave it to a colleague.")
    return case


def _findings(visit: Visit, lines: list[Line]) -> Findings:
    ratings = {name: _rating(visit, name) for name in DIMENSIONS}
    labels = tuple(_labels(visit, lines))
    missed, alarm = visit.form.get("missed_crisis") == "yes", visit.form.get("false_alarm") == "yes"
    if missed and not any(label.tier in ("check_in", "urgent") for label in labels):
        raise Refused(422, "Which message was missed? Choose the tier that it should have had, beside it.")
    if alarm and not any(label.tier in ("none", "check_in") for label in labels):
        raise Refused(422, "Which message was a false alarm? Choose the tier that it should have had, beside it.")
    return Findings(**ratings, missed_crisis=missed, false_alarm=alarm, note=visit.form.get("note", "").strip()[:4000], labels=labels)


def _rating(visit: Visit, name: str) -> Rating:
    given = visit.form.get(name)
    found = next((rating for rating in RATINGS if rating == given), None)
    if found is None:
        raise Refused(422, f"A rating is missing: {name}.")
    return found


def _labels(visit: Visit, lines: list[Line]) -> Iterator[Label]:
    for line in lines:
        intent, tier, category = (visit.form.get(f"{name}-{line.number}", "") or None for name in ("intent", "tier", "category"))
        if line.author != "person" or not (intent or tier):
            continue
        if intent and intent not in visit.parts.terms.pilot.intents:
            raise Refused(422, "That is none of the intents.")
        yield Label(line.number, intent, _tier(tier), _category(tier, category))


def _tier(given: Optional[str]) -> Optional[Tier]:
    found = next((tier for tier in TIERS if tier == given), None)
    if given and found is None:
        raise Refused(422, "That is none of the tiers.")
    return found


def _category(tier: Optional[str], given: Optional[str]) -> Optional[str]:
    if tier not in ("check_in", "urgent"):
        return None
    if given not in CATEGORIES:
        raise Refused(422, "A tier of risk needs its category, beside it.")
    return given


def _told(measured: Agreement) -> dict[str, Any]:
    kappa = "too few to tell" if measured.kappa is None else f"{measured.kappa:.2f}"
    return {"kappa": kappa, "same": "–" if measured.same is None else f"{measured.same:.0%}", "pairs": measured.pairs}


def _sampling(parts: Parts) -> Sampling:
    return Sampling(lambda name: parts.sealer.pseudonym("review", name), parts.terms.pilot.share, parts.terms.pilot.twice)


def _number(part: str) -> int:
    """The number of a case. Raises Refused for anything else."""
    if not (part.isascii() and part.isdigit() and len(part) < 18):
        raise Refused(404, "There is no such case.")
    return int(part)


PAGES = (
    Page("GET", "/reviews", "reviews", listed),
    Page("GET", "/reviews/{id}", "review", form),
    Page("POST", "/reviews/{id}", "review.submit", submitted),
)
