"""Signing in: password, code, lock-out, expiry; cookies and headers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Callable

import limits
import pytest
from sqlalchemy import text

from bot.console import codes, passwords
from bot.console.visits import COOKIE, Parts
from bot.store.accounts import Accounts, locked_until
from bot.store.audit import Audit
from bot.store.sign_ins import Lifetimes, SignIns
from tests.console.conftest import KEPT, PASSWORD, Browser, account, code_now, parts_of

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


def enrolled(parts: Parts, name: str = "ada") -> str:
    """An account with codes; gives the secret."""
    who, secret = account(parts, name), codes.new_secret()
    Accounts(parts.database).change(who.id, totp=parts.sealer.seal(secret, who.id), totp_step=1)
    return secret


def actions(parts: Parts) -> list[str]:
    """What was noted, oldest first."""
    return [e.action for e in reversed(Audit(parts.database).entries())]


def test_the_first_sign_in_changes_the_password_and_sets_up_codes(parts: Parts, browser: Callable[..., Browser]) -> None:
    """From a one-time password to the start page, and it is all in the audit."""
    one_time = passwords.one_time()
    Accounts(parts.database).add("ada", "administrator", "Ada", passwords.hashed(one_time))
    ada = browser()
    assert ada.first_step("ada", one_time).headers["location"] == "/enrol"
    secret = re.search(r'id="secret">(\w+)<', ada.http.get("/enrol").text).group(1)  # type: ignore[union-attr]
    assert ada.post("/enrol", {"code": code_now(secret)}, "/enrol").headers["location"] == "/password"
    fields = {"present": one_time, "new": PASSWORD, "again": PASSWORD}
    assert ada.post("/password", fields).headers["location"] == "/"
    assert ada.http.get("/").headers["location"] == "/accounts"
    assert actions(parts) == ["sign_in.enrol", "account.enrol", "sign_in.password", "account.password", "sign_in"]


def test_password_and_code_lead_in(parts: Parts, browser: Callable[..., Browser]) -> None:
    """Either alone does not."""
    secret, ada = enrolled(parts), browser()
    assert ada.first_step("ADA").headers["location"] == "/code"
    assert ada.http.get("/accounts").headers["location"] == "/code"
    assert ada.post("/code", {"code": code_now(secret)}, "/code").headers["location"] == "/"


def test_a_code_is_good_once(parts: Parts, browser: Callable[..., Browser]) -> None:
    """Someone who looks over a shoulder gets nothing."""
    secret, one, two = enrolled(parts), browser(), browser()
    code = code_now(secret)
    for visitor in (one, two):
        visitor.first_step("ada")
    assert one.post("/code", {"code": code}, "/code").status_code == 303
    assert two.post("/code", {"code": code}, "/code").status_code == 403


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_wrong(parts: Parts, browser: Callable[..., Browser], steps: int) -> None:
    """More than half a minute off."""
    secret, ada = enrolled(parts), browser()
    ada.first_step("ada")
    assert ada.post("/code", {"code": code_now(secret, steps)}, "/code").status_code == 403


def test_an_enrolment_that_was_left_is_begun_again(parts: Parts, browser: Callable[..., Browser]) -> None:
    """A secret that never showed a code counts as none, and is shown again."""
    account(parts, "ada")
    for visitor in (browser(), browser()):
        assert visitor.first_step("ada").headers["location"] == "/enrol"
        assert "<svg" in visitor.http.get("/enrol").text


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", ""), ("ada", "x" * 5_000)])
def test_what_is_wrong_is_not_said(parts: Parts, browser: Callable[..., Browser], name: str, password: str) -> None:
    """The same words for a wrong name and a wrong password; what was typed is not noted."""
    account(parts, "ada")
    answer = browser().first_step(name, password)
    assert (answer.status_code, "Name, password or code is not right" in answer.text) == (403, True)
    assert COOKIE not in answer.cookies
    assert "nobody" not in str(Audit(parts.database).entries())


def test_after_some_failures_even_the_right_password_has_to_wait(parts: Parts, browser: Callable[..., Browser]) -> None:
    """Until the delay is over; a success begins the count anew."""
    account(parts, "ada")
    ada = browser()
    for _ in range(5):
        assert ada.first_step("ada", "wrong words").status_code == 403
    assert ada.first_step("ada").status_code == 403
    with parts.database.engine.begin() as connection:
        connection.execute(text("UPDATE account SET locked_until = '2020-01-01 00:00:00.000000'"))
    assert ada.first_step("ada").status_code == 303


@pytest.mark.parametrize(("failures", "seconds"), [(0, None), (4, None), (5, 15), (6, 30), (7, 60), (11, 900), (400, 900)])
def test_the_delay_grows(failures: int, seconds: int | None) -> None:
    """Doubling, up to a quarter of an hour."""
    assert locked_until(failures, NOON) == (None if seconds is None else NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(("column", "hours"), [("seen_at", 2), ("created_at", 13)])
def test_a_sign_in_ends_unused_and_in_any_case(parts: Parts, column: str, hours: int) -> None:
    """Idle and absolute."""
    who = account(parts, "ada")
    token = parts.sign_ins().begin(who.id, "full")
    assert parts.sign_ins().find(token)
    with parts.database.unit() as session:
        then = datetime.now(timezone.utc) - timedelta(hours=hours)
        session.execute(text(f"UPDATE sign_in SET {column} = :then"), {"then": then.strftime("%Y-%m-%d %H:%M:%S.%f")})  # noqa: S608
    assert parts.sign_ins().find(token) is None


def test_only_a_hash_of_the_token_is_kept_and_a_step_renews_it(parts: Parts) -> None:
    """A token from before a step is good for nothing after it."""
    who, sign_ins = account(parts, "ada"), SignIns(parts.database, Lifetimes())
    first = sign_ins.begin(who.id, "code")
    second = sign_ins.begin(who.id, "full", sign_ins.find(first).token_hash)  # type: ignore[union-attr]
    assert (sign_ins.find(first), sign_ins.find(second) is not None) == (None, True)
    with parts.database.engine.connect() as connection:
        assert second not in str(connection.execute(text("SELECT * FROM sign_in")).all())


def test_signing_out_ends_it_on_the_server(parts: Parts, browser: Callable[..., Browser]) -> None:
    """Not only in the browser."""
    ada = browser("supporter")
    token = ada.http.cookies[COOKIE]
    ada.post("/sign-out")
    assert parts.sign_ins().find(token) is None


def test_being_shut_out_works_at_once(parts: Parts, browser: Callable[..., Browser]) -> None:
    """On the next request."""
    ada, boss = browser("supporter"), browser("administrator")
    who = Accounts(parts.database).by_name("supporter")
    boss.post(f"/accounts/{who.id}/active", {"active": "no"}, "/accounts")  # type: ignore[union-attr]
    assert ada.http.get("/").headers["location"] == "/sign-in"
    assert ada.first_step("supporter").status_code == 403


def test_nobody_changes_their_own_account(parts: Parts, browser: Callable[..., Browser]) -> None:
    """So the last administrator cannot shut everybody out."""
    boss = browser("administrator")
    who = Accounts(parts.database).by_name("administrator")
    assert boss.post(f"/accounts/{who.id}/active", {"active": "no"}).status_code == 422  # type: ignore[union-attr]


def test_an_administrator_adds_an_account_whose_password_is_shown_once(parts: Parts, browser: Callable[..., Browser]) -> None:
    """And it leads in."""
    boss = browser("administrator")
    page = boss.post("/accounts", {"name": "bea", "shown": "Bea", "role": "supporter"}, "/accounts").text
    password = re.search(r'id="one-time">([^<]+)<', page).group(1)  # type: ignore[union-attr]
    assert browser().first_step("bea", password).headers["location"] == "/enrol"
    assert password not in boss.http.get("/accounts").text


def test_a_reset_takes_password_and_codes_away(parts: Parts, browser: Callable[..., Browser]) -> None:
    """As when a telephone was lost."""
    enrolled(parts)
    boss = browser("administrator")
    who = Accounts(parts.database).by_name("ada")
    page = boss.post(f"/accounts/{who.id}/reset", page="/accounts").text  # type: ignore[union-attr]
    password = re.search(r'id="one-time">([^<]+)<', page).group(1)  # type: ignore[union-attr]
    assert browser().first_step("ada").status_code == 403
    assert browser().first_step("ada", password).headers["location"] == "/enrol"


def test_the_secret_of_the_codes_is_sealed(parts: Parts, browser: Callable[..., Browser]) -> None:
    """Whoever reads the database cannot make codes."""
    secret = enrolled(parts)
    with parts.database.engine.connect() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM account")).all())


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "x" * 300, "adaadaadaadaada", "my name is ada lovelace"])
def test_a_weak_password_is_not_taken(password: str) -> None:
    """With the reason."""
    with pytest.raises(passwords.WeakPassword):
        passwords.hashed(password, "ada")


def test_a_password_is_kept_as_argon2id_and_fits_only_itself() -> None:
    """And nothing fits where none is kept."""
    assert KEPT.startswith("$argon2id$")
    assert passwords.fits(KEPT, PASSWORD)
    assert not passwords.fits(KEPT, PASSWORD + " ")
    assert not passwords.fits(None, PASSWORD)


def test_cookies_and_headers_are_strict(parts: Parts, browser: Callable[..., Browser]) -> None:
    """On every answer; over TLS the cookies are secure as well."""
    account(parts, "ada")
    answer = browser().first_step("ada")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    for path in ("/sign-in", "/static/console.css", "/nowhere"):
        headers = browser().http.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


def test_over_tls_the_cookies_are_secure(parts: Parts) -> None:
    """And the browser is asked to stay there."""
    secure = Browser(parts_of(parts.database, url="https://console.test"))
    answer = secure.http.get("/sign-in")
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_one_address_may_not_try_without_end(parts: Parts, browser: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also over many names; and nothing of it is looked at or noted then."""
    monkeypatch.setattr("bot.console.attempts.RATE", limits.parse("3/minute"))
    visitor = browser()
    assert [visitor.first_step(f"name{n}", "wrong words").status_code for n in range(5)] == [403, 403, 403, 429, 429]
    assert len(Audit(parts.database).entries()) == 3
