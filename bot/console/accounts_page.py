"""Administrators look after accounts. They see no conversation."""

from __future__ import annotations

import re

from starlette.responses import Response

from bot.console import passwords
from bot.console.visits import Page, Refused, Visit
from bot.store.accounts import ROLES, Accounts, Role, Who

NAME = re.compile(r"[\w.@+-]{2,64}")


def listed(visit: Visit) -> Response:
    """All accounts."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """A new account; its one-time password is shown once, here."""
    name, role, password = visit.given("name", 64), _role(visit), passwords.one_time()
    if not NAME.fullmatch(name):
        raise Refused(422, "A name has letters, digits and . @ + - _ only, at least two.")
    units = visit.noting("account.add", name, role=role)
    Accounts(units).add(name, role, visit.given("shown", 64), passwords.hashed(password), visit.form.get("subject", "").strip()[:255])
    return _page(visit, name, password)


def change_role(visit: Visit) -> Response:
    """Another role; what is signed in under the account ends."""
    who, role = _other(visit), _role(visit)
    Accounts(visit.noting("account.role", who.id, role=role)).shut_out(who.id, role=role)
    return visit.done("/accounts")


def change_active(visit: Visit) -> Response:
    """Let in, or shut out at once."""
    who, active = _other(visit), visit.form.get("active") == "yes"
    Accounts(visit.noting("account.active", who.id, active=active)).shut_out(who.id, active=active)
    return visit.done("/accounts")


def reset(visit: Visit) -> Response:
    """A new one-time password and new codes, as when a telephone was lost; shown once, here."""
    who, password = _other(visit), passwords.one_time()
    fresh = {"password": passwords.hashed(password), "must_change": True, "totp": None, "totp_step": None, "failures": 0, "locked_until": None}
    Accounts(visit.noting("account.reset", who.id)).shut_out(who.id, **fresh)
    return _page(visit, who.name, password)


def _page(visit: Visit, name: str = "", password: str = "") -> Response:
    accounts = Accounts(visit.parts.database).all()
    return visit.page("accounts.html", accounts=accounts, roles=ROLES, new_name=name, new_password=password)


def _role(visit: Visit) -> Role:
    found = next((role for role in ROLES if role == visit.form.get("role")), None)
    if found is None:
        raise Refused(422, "That is none of the roles.")
    return found


def _other(visit: Visit) -> Who:
    """The account in the path. Raises Refused for the administrator's own, so that nobody shuts out the last one."""
    who = Accounts(visit.parts.database).by_id(visit.part)
    if who is None:
        raise Refused(404, "There is no such account.")
    if who.id == visit.who.id:
        raise Refused(422, "Your own account is changed by another administrator.")
    return who


PAGES = (
    Page("GET", "/accounts", "accounts", listed),
    Page("POST", "/accounts", "accounts.add", add),
    Page("POST", "/accounts/{id}/role", "accounts.role", change_role),
    Page("POST", "/accounts/{id}/active", "accounts.active", change_active),
    Page("POST", "/accounts/{id}/reset", "accounts.reset", reset),
)
