"""The one table that says who may do what. A route that is not in it does not start; one that is, is tested for every role."""

from __future__ import annotations

from bot.store.accounts import ROLES, Role
from bot.store.sign_ins import Stage

SUPPORTERS: frozenset[Role] = frozenset({"supporter", "supervisor"})
SUPERVISORS: frozenset[Role] = frozenset({"supervisor"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
AUDITORS: frozenset[Role] = frozenset({"auditor"})
EVERYONE: frozenset[Role] = frozenset(ROLES)
ANYBODY = None
"""Also who is not signed in."""

MAY: dict[str, frozenset[Role] | None] = {
    "health": ANYBODY,
    "static": ANYBODY,
    "sign_in": ANYBODY,
    "sign_in.submit": ANYBODY,
    "openid": ANYBODY,
    "openid.back": ANYBODY,
    "code": EVERYONE,
    "code.submit": EVERYONE,
    "enrol": EVERYONE,
    "enrol.submit": EVERYONE,
    "password": EVERYONE,
    "password.submit": EVERYONE,
    "sign_out": EVERYONE,
    "home": EVERYONE,
    "presence": EVERYONE,
    "accounts": ADMINISTRATORS,
    "accounts.add": ADMINISTRATORS,
    "accounts.role": ADMINISTRATORS,
    "accounts.active": ADMINISTRATORS,
    "accounts.reset": ADMINISTRATORS,
    "audit": AUDITORS,
    "queue": SUPPORTERS,
    "queue.events": SUPPORTERS,
    "queue.find": SUPPORTERS,
    "conversation": SUPPORTERS,
    "conversation.reason": SUPPORTERS,
    "conversation.events": SUPPORTERS,
    "conversation.help": SUPPORTERS,
    "conversation.claim": SUPPORTERS,
    "conversation.release": SUPPORTERS,
    "conversation.pass": SUPPORTERS,
    "conversation.take": SUPPORTERS,
    "conversation.approve": SUPPORTERS,
    "conversation.hand_back": SUPPORTERS,
    "conversation.offer": SUPPORTERS,
    "conversation.say": SUPPORTERS,
    "conversation.typing": SUPPORTERS,
    "conversation.note": SUPPORTERS,
    "conversation.close": SUPPORTERS,
    "conversation.data": SUPERVISORS,
    "conversation.redacted": SUPPORTERS,
    "erasures": SUPERVISORS,
    "erasures.ask": SUPERVISORS,
    "erasures.agree": SUPERVISORS,
    "erasures.take_back": SUPERVISORS,
    "draft.send": SUPPORTERS,
    "draft.discard": SUPPORTERS,
    "reviews": SUPPORTERS,
    "review": SUPPORTERS,
    "review.submit": SUPPORTERS,
    "debrief": SUPPORTERS,
    "debrief.submit": SUPPORTERS,
    "debriefs": SUPERVISORS,
    "debriefs.seen": SUPERVISORS,
    "duty": SUPPORTERS,
    "duty.switch": SUPPORTERS,
    "duty.plan": SUPERVISORS,
    "duty.cancel": SUPERVISORS,
    "stop": SUPPORTERS,
    "stop.stop": SUPPORTERS,
    "stop.resume": SUPERVISORS,
    "practice": SUPERVISORS,
    "practice.begin": SUPERVISORS,
    "practice.person": SUPERVISORS,
    "practice.say": SUPERVISORS,
    "alarms": SUPPORTERS,
    "alarms.acknowledge": SUPPORTERS,
    "phrases": SUPPORTERS,
    "phrases.add": SUPERVISORS,
    "phrases.offer": SUPERVISORS,
    "figures": SUPERVISORS | AUDITORS,
    "figures.csv": SUPERVISORS | AUDITORS,
}

STAGES: dict[str, frozenset[Stage]] = {
    "code": frozenset({"code"}),
    "code.submit": frozenset({"code"}),
    "enrol": frozenset({"enrol"}),
    "enrol.submit": frozenset({"enrol"}),
    "password": frozenset({"password", "full"}),
    "password.submit": frozenset({"password", "full"}),
    "sign_out": frozenset({"code", "enrol", "password", "full"}),
}
"""What may still be due at a route; everywhere else nothing may be."""
FULL: frozenset[Stage] = frozenset({"full"})
