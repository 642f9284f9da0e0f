"""Signing in with name and password, then a one-time code; enrolling for codes; changing the password; signing out."""

from __future__ import annotations

from typing import Optional

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from bot.console import codes, passwords
from bot.console.attempts import count
from bot.console.visits import COOKIE, Elsewhere, Page, Refused, Visit
from bot.store.accounts import Accounts, Who
from bot.store.audit import SYSTEM, Deed
from bot.store.messages import now
from bot.store.sign_ins import SignIns, Stage

WRONG = "Name, password or code is not right, or the account has to wait after too many attempts. Try again in a little while."
"""The same for every cause, so that nothing can be learnt from it."""


def form(visit: Visit) -> Response:
    """Ask for name and password."""
    return RedirectResponse("/", 303) if visit.signed else visit.page("sign_in.html", problem=None)


def submitted(visit: Visit) -> Response:
    """Look at name and password."""
    count(visit)
    who = Accounts(visit.parts.database).by_name(visit.form.get("name", ""))
    password = visit.form.get("password", "")
    fits = passwords.fits(who.password if who else None, password[: passwords.LONGEST])
    if who is None or not fits or not _admitted(who):
        _failed(visit, who)
        return visit.page("sign_in.html", 403, problem=WRONG)
    return entered(visit, who, "code" if enrolled(who) else _after_code(visit, who), "password")


def entered(visit: Visit, who: Who, stage: Stage, how: str) -> Response:
    """Signed in as far as `stage` says, with a new token. `how` is for the audit."""
    action = "sign_in" if stage == "full" else f"sign_in.{stage}"
    instead_of = visit.signed.token_hash if visit.signed else None
    token = SignIns(visit.parts.audit.of(Deed(who.id, action, who.id, detail={"by": how})), visit.parts.terms.lifetimes).begin(who.id, stage, instead_of)
    response = RedirectResponse("/" if stage == "full" else f"/{stage}", 303)
    lasts = int(visit.parts.terms.lifetimes.absolute.total_seconds())
    response.set_cookie(COOKIE, token, max_age=lasts, httponly=True, samesite="strict", secure=visit.parts.terms.secure)
    return response


def code_form(visit: Visit) -> Response:
    """Ask for the one-time code."""
    return visit.page("code.html", problem=None)


def code_submitted(visit: Visit) -> Response:
    """Look at the one-time code."""
    count(visit)
    who, step = visit.who, codes.step_of(_secret(visit), visit.form.get("code", "")[:20])
    if step is None or not _admitted(who) or not Accounts(visit.parts.database).code_used(who.id, step):
        _failed(visit, who)
        return visit.page("code.html", 403, problem=WRONG)
    return entered(visit, who, "password" if who.must_change else "full", "code")


def enrol_form(visit: Visit) -> Response:
    """Show the secret of the one-time codes, as a picture and to be typed."""
    secret = _secret(visit) if visit.who.totp else _new_secret(visit)
    return _enrol_page(visit, secret, None)


def enrol_submitted(visit: Visit) -> Response:
    """The first code shows that the secret has arrived."""
    secret = _secret(visit)
    step = codes.step_of(secret, visit.form.get("code", "")[:20])
    if step is None or not Accounts(visit.parts.database).code_used(visit.who.id, step):
        return _enrol_page(visit, secret, WRONG)
    return entered(visit, visit.who, "password" if visit.who.must_change else "full", "enrolment")


def password_form(visit: Visit) -> Response:
    """Ask for a new password."""
    return visit.page("password.html", problem=None)


def password_submitted(visit: Visit) -> Response:
    """Take a new password; the present one has to be shown, and everything else that is signed in ends."""
    who, new = visit.who, visit.form.get("new", "")
    if not passwords.fits(who.password, visit.form.get("present", "")):
        _failed(visit, who)
        return visit.page("password.html", 403, problem="The present password is not right.")
    if new != visit.form.get("again", "") or new == visit.form.get("present", ""):
        return visit.page("password.html", 422, problem="The two new passwords have to be the same, and another than the present one.")
    try:
        kept = passwords.hashed(new, who.name)
    except passwords.WeakPassword as error:
        return visit.page("password.html", 422, problem=str(error))
    Accounts(visit.noting("account.password", who.id)).shut_out(who.id, password=kept, must_change=False)
    return entered(visit, who, "full", "new password")


def sign_out(visit: Visit) -> Response:
    """End it."""
    if visit.signed:
        SignIns(visit.noting("sign_out", visit.who.id), visit.parts.terms.lifetimes).end(visit.signed.token_hash)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=visit.parts.terms.secure)
    return response


def enrolled(who: Who) -> bool:
    """Whether a code of theirs was right once; before that the secret may never have arrived."""
    return who.totp is not None and who.totp_step is not None


def _after_code(visit: Visit, who: Who) -> Stage:
    """What is due for an account without codes."""
    return "enrol" if visit.parts.terms.codes else "password" if who.must_change else "full"


def _admitted(who: Who) -> bool:
    return who.active and (who.locked_until is None or who.locked_until <= now())


def _failed(visit: Visit, who: Optional[Who]) -> None:
    """Noted, and counted where there is such an account. What was typed as a name may be a password, so it is not noted."""
    deed = Deed(SYSTEM, "sign_in.failed", who.id if who else None)
    if who is None:
        visit.parts.audit.note(deed)
    elif _admitted(who):
        Accounts(visit.parts.audit.of(deed)).failed(who.id, now())


def _secret(visit: Visit) -> str:
    if not visit.who.totp:
        raise Elsewhere("/enrol")
    return visit.parts.sealer.open(visit.who.totp, visit.who.id)


def _new_secret(visit: Visit) -> str:
    secret = codes.new_secret()
    sealed = visit.parts.sealer.seal(secret, visit.who.id)
    Accounts(visit.noting("account.enrol", visit.who.id)).change(visit.who.id, totp=sealed)
    return secret


def _enrol_page(visit: Visit, secret: str, problem: Optional[str]) -> Response:
    picture = Markup(codes.qr_code(secret, visit.who.name))  # noqa: S704  # made here, of paths
    return visit.page("enrol.html", 403 if problem else 200, secret=secret, picture=picture, problem=problem)


def home(visit: Visit) -> Response:
    """Where a role begins."""
    start = {"administrator": "/accounts", "auditor": "/audit"}
    raise Elsewhere(start.get(visit.who.role, "/queue"))


def presence(visit: Visit) -> Response:
    """A hand was moved: whoever holds conversations is there."""
    if visit.signed is None:
        raise Refused(401, "You are not signed in.")
    Accounts(visit.parts.database).change(visit.who.id, active_at=now())
    return Response(status_code=204)


PAGES = (
    Page("GET", "/sign-in", "sign_in", form),
    Page("POST", "/sign-in", "sign_in.submit", submitted),
    Page("GET", "/code", "code", code_form),
    Page("POST", "/code", "code.submit", code_submitted),
    Page("GET", "/enrol", "enrol", enrol_form),
    Page("POST", "/enrol", "enrol.submit", enrol_submitted),
    Page("GET", "/password", "password", password_form),
    Page("POST", "/password", "password.submit", password_submitted),
    Page("POST", "/sign-out", "sign_out", sign_out),
    Page("GET", "/", "home", home),
    Page("POST", "/presence", "presence", presence),
)
