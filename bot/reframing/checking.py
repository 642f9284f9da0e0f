"""Check a whole catalogue: schema, cross-references, quantities and voice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Iterator, NamedTuple

from bot.reframing.catalogue import IDEAS, Belief, Catalogue, Lines, Reflection
from bot.reframing.loading import Problem, Sheet, Source, read
from bot.reframing.voice import MOST_GRADE, MOST_GRADE_CARE, faults, hard_to_read

CARE = ("therapist_harm", "quit_therapy_or_meds", "other_therapy")
REFRAMED = (
    *("failed_therapy", "further_along", "still_like_this", "i_am_the_failure", "healing_right", "relapse_setback", "resistant"),
    *("broken_wrong_with_me", "tried_everything", "insight_no_change", "outgrown_model", "tools_not_relationship", "just_coping"),
    *("symptoms_meaning", "healing_hurts", "starting_over"),
)
REFLECTIONS = ("looking_back", "small_shifts", "translate")
MOMENTS = {
    **dict.fromkeys(
        ["notice", "greet", "welcome_back", "goodbye", "thank", "chitchat", "are_you_human", "capabilities", "privacy_question", "ask_human", "insult"], ()
    ),
    **dict.fromkeys(
        [
            "ask_human_attended",
            "privacy_question_attended",
            "other_language",
            "out_of_scope",
            "ask_medical",
            "ask_legal",
            "negative_thought",
            "share_feeling",
            "good_news",
            "receipts",
        ],
        (),
    ),
    **dict.fromkeys(
        [
            "receipts_pain",
            "receipts_question",
            "receipts_yes",
            "receipts_no",
            "accepting",
            "say_more_open",
            "not_sure",
            "change_subject",
            "stop",
            "start_over",
            "offer_close",
        ],
        (),
    ),
    **dict.fromkeys(["weigh_before", "takeaway_ask", "takeaway_saved", "takeaway_show", "takeaway_none", "delete_data", "offer_reflections"], ()),
    **dict.fromkeys(["fallback", "empty", "out_of_angles", "leave_reflection", "weigh_after", "listening", "open_end"], ()),
    **dict.fromkeys(("ask_human_attended", "privacy_question_attended"), ()),
    "parked": ("topic",),
    "also_heard": ("topic",),
    "clarify": ("first", "second"),
    "unsure_twice": (),
    "welcome_back_topic": ("topic",),
    "weigh_noted": ("weight",),
    **dict.fromkeys(("weigh_lighter", "weigh_heavier"), ("before", "after")),
    "weigh_same": ("after",),
}
"""The moments the dialogue speaks at, each with the names its lines fill in."""


class Pool(NamedTuple):
    """What the lines of one list of a belief have to be: how many at least, their words, their questions."""

    least: int
    words: tuple[int, int]
    questions: tuple[int, int]


POOLS = {
    "acknowledgements": Pool(5, (4, 24), (0, 0)),
    "reframes": Pool(5, (12, 48), (0, 0)),
    "information": Pool(5, (12, 48), (0, 0)),
    "first": Pool(2, (4, 26), (1, 1)),
    "questions": Pool(6, (4, 24), (1, 1)),
    "angles": Pool(4, (12, 48), (0, 0)),
    "more": Pool(3, (20, 68), (0, 0)),
    "deepen": Pool(4, (10, 48), (1, 1)),
    "easier": Pool(3, (8, 48), (1, 1)),
    "closings": Pool(3, (6, 44), (0, 0)),
}
CITING = ("reframes", "questions", "angles", "more", "deepen", "easier")
"""Lists of a reframed belief whose every line cites an idea."""


def check(folder: Path) -> list[Problem]:
    """All that is wrong with the catalogue under `folder`, in the order of files and lines."""
    source = read(folder)
    found = [*source.problems, *_references(source), *_moments(source)]
    for belief in source.catalogue.beliefs.values():
        found += _belief(belief, source.sheets[belief.id]) if belief.id in source.sheets else []
    for form in source.catalogue.reflections.values():
        found += _reflection(form, source.sheets[form.id]) if form.id in source.sheets else []
    return sorted(found, key=lambda p: (p.file, p.line))


def coverage(catalogue: Catalogue) -> dict[str, int]:
    """How many lines carry each idea."""
    lines = [line for b in catalogue.beliefs.values() for name in POOLS for line in getattr(b, name)]
    counts = Counter(idea for line in lines for idea in line.ideas)
    counts.update(idea for form in catalogue.reflections.values() for step in form.steps for idea in step.ideas)
    return {idea: counts[idea] for idea in sorted(IDEAS, key=lambda i: (i[0], int(i[1:])))}


def _references(source: Source) -> Iterator[Problem]:
    """Files named as what they hold, nothing missing, and no idea without a line."""
    for name, known, held in (("beliefs", (*REFRAMED, *CARE), source.catalogue.beliefs), ("reflections", REFLECTIONS, source.catalogue.reflections)):
        for stem, part in held.items():
            if part.id != stem or stem not in known:
                yield source.sheets[stem].problem(f"id “{part.id}” in the file {stem}.yml; an id names its file and is one of the known {name}", "id")
        broken = {Path(p.file).stem for p in source.problems}
        yield from (Problem(name, 1, f"{missing}.yml is missing") for missing in known if missing not in held and missing not in broken)
    if not source.problems:
        yield from (Problem("beliefs", 1, f"no line carries the idea {idea}") for idea, n in coverage(source.catalogue).items() if not n)


def _belief(belief: Belief, sheet: Sheet) -> Iterator[Problem]:
    if belief.kind != ("care" if belief.id in CARE else "reframed"):
        yield sheet.problem(f"{belief.id} cannot be of the kind “{belief.kind}”", "kind")
    if (belief.kind == "care") == bool(belief.reframes) or (belief.kind == "reframed") == bool(belief.information):
        yield sheet.problem("a reframed belief has `reframes`, one cared for has `information`, and none has both")
    if not 0 <= belief.pain <= 100:
        yield sheet.problem("pain goes from 0 to 100", "pain")
    for name, pool in POOLS.items():
        lines: Lines = getattr(belief, name)
        if lines or name not in ("reframes", "information", "first"):
            yield from _pool(name, lines, pool, sheet, belief.kind == "reframed" and name in CITING)


def _pool(name: str, lines: Lines, pool: Pool, sheet: Sheet, cites: bool) -> Iterator[Problem]:
    if len(lines) < pool.least:
        yield sheet.problem(f"{len(lines)} {name}, where at least {pool.least} are needed", name)
    for text, times in Counter(line.text for line in lines).items():
        if times > 1:
            yield sheet.problem(f"said {times} times in {name}: {text}", name)
    for n, line in enumerate(lines):
        yield from (sheet.problem(f"{fault}: {line.text}", name, n, "text") for fault in faults(line.text, pool.words, pool.questions))
        yield from (sheet.problem(f"there is no idea {idea}", name, n, "ideas") for idea in line.ideas if idea not in IDEAS)
        if cites and not line.ideas:
            yield sheet.problem("cites no idea of the documents", name, n)
    if hard := hard_to_read([line.text for line in lines] or ["."], MOST_GRADE_CARE if name == "information" else MOST_GRADE):
        yield sheet.problem(hard, name)


def _reflection(form: Reflection, sheet: Sheet) -> Iterator[Problem]:
    for idea in {*form.ideas, *(i for step in form.steps for i in step.ideas)} - IDEAS:
        yield sheet.problem(f"there is no idea {idea}", "ideas")
    if not form.steps:
        yield sheet.problem("a reflection needs steps", "steps")
    yield from (sheet.problem(f, "opening") for f in faults(form.opening, (10, 60), (0, 0)))
    yield from (sheet.problem(f"{f}: {t}", "closings", n) for n, t in enumerate(form.closings) for f in faults(t, (8, 60), (0, 0)))
    for s, step in enumerate(form.steps):
        for name, texts, questions in (("asks", step.asks, (1, 1)), ("easier", step.easier, (1, 1)), ("heard", step.heard, (0, 0))):
            if len(texts) < 2:
                yield sheet.problem(f"at least 2 {name} are needed", "steps", s, name)
            yield from (sheet.problem(f"{f}: {t}", "steps", s, name, n) for n, t in enumerate(texts) for f in faults(t, (2, 60), questions))


def _moments(source: Source) -> Iterator[Problem]:
    sheet, said = source.sheets.get("conversation"), source.catalogue.moments
    if sheet is None:
        yield from [] if any(p.file == "conversation.yml" for p in source.problems) else [Problem("conversation.yml", 1, "is missing")]
        return
    for name in sorted(MOMENTS.keys() ^ said.keys()):
        yield sheet.problem(f"the moment “{name}” is missing" if name in MOMENTS else f"nothing ever says the moment “{name}”", name)
    for name in MOMENTS.keys() & said.keys():
        for n, text in enumerate(said[name]):
            yield from (sheet.problem(f"{fault}: {text}", name, n) for fault in faults(text))
            yield from (sheet.problem(f"leaves out {{{field}}}", name, n) for field in MOMENTS[name] if f"{{{field}}}" not in text)
        if hard := hard_to_read(list(said[name]) or ["."]):
            yield sheet.problem(hard, name)
