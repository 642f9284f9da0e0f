"""The public safety protocol, made from the files that the program itself uses (California SB 243 asks for such a page)."""

from __future__ import annotations

from collections import Counter

from bot.safety import directory
from bot.safety.scoring import scorer
from bot.safety.screening import compiled
from bot.safety.wording import wording

TEXT = """# Safety protocol

Reframe is a program. It is no therapist, no crisis service and no medical device, and it does not diagnose or treat.

## What it looks for

Every message is screened before anything else happens with it, to its end, also when other parts of the service are down. {rules} rules (version {version})
and a learnt scorer (version {scorer}) look for signs of: {categories}.
What is said about a subject, in fiction, as a figure of speech, of the past or as a denial is told apart as far as a program can. It misses things. What is
not English, and pictures, recordings and files, cannot be screened; the person is told so and given help all the same.

## What it does then

- Possible danger: the feeling is named and one direct question is asked; a way to a person is offered.
- Present danger: the person is asked plainly and given specific services for their country and hour, with the emergency number. Nothing else is talked about
  until they are with someone, or say clearly, after one more plain question, that there is no danger.
- An act, means or a place with a time: emergency first, a person beside them, distance from what could hurt.
- It never gives method information, never promises secrecy or to be always there, and says that nobody is watching when nobody is.

## Whom it names

{services} services and {emergencies} emergency numbers in {countries} countries, and an international directory elsewhere. {pending} of these entries have not
been checked by a person yet. The crisis wording {reviewed}.

## Notices

That it is a program is said before first use, at each session's start, after more than seven days away, every three hours of continued use (with a reminder to
take a break), and truthfully whenever it is asked. People who say that they are under 18 are given lines for the young first.

## Counting

Answers that name a crisis service are counted by calendar year, without anything about the person. Nothing a person writes is sold or shared, and there is
no advertising.
"""


def protocol() -> str:
    """The page as Markdown, true of the files as they are now."""
    known, rules, said = directory.load(), compiled(), wording()
    categories = Counter(rule.category for rule, _ in rules.rules)
    return TEXT.format(
        rules=len(rules.rules),
        version=rules.version,
        scorer=scorer().version,
        categories=", ".join(sorted(name.replace("_", " ") for name in categories)),
        services=len(known.services),
        emergencies=len(known.emergencies),
        countries=len({str(s.country) for s in known.services} - {directory.INTERNATIONAL}),
        pending=len(known.pending()),
        reviewed=f"was checked by {said.reviewed_by} on {said.reviewed_on}" if said.reviewed_by else "has not been checked by a clinician yet",
    )
