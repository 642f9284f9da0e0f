"""Signing in at an identity provider, against a small one of our own that speaks OpenID Connect."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.console.terms import Provider
from bot.console.visits import Parts
from bot.store.accounts import Accounts
from bot.store.audit import Audit
from tests.console.conftest import Browser, account, parts_of

CLIENT, SECRET = "console", "made-up-for-this-" + "test"


class SmallProvider:
    """An identity provider with one user. `changes` spoils the claims of the next token, `key` may be another than the published one."""

    def __init__(self) -> None:
        self.key = self.signing = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.changes: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Quiet."""

            def answer(self, body: Any, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_GET(self) -> None:
                self.answer(outer.published(self.path))

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer(*outer.token(self.headers.get("Authorization", ""), {k: v[0] for k, v in form.items()}))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def published(self, path: str) -> Any:
        """Discovery and keys."""
        if path.endswith("openid-configuration"):
            places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer, **{name: f"{self.issuer}/{place}" for name, place in places.items()}}
        return {"keys": [self.key.as_dict(private=False)]}

    def agreed(self, url: str) -> str:
        """The user signs in and agrees: the address the browser is sent back to."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        self.codes["the-code"] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code=the-code&state={asked['state']}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[Any, int]:
        """The token endpoint: client, code and PKCE are checked."""
        asked = self.codes.pop(form.get("code", ""), None)
        known = authorization == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if not asked or not known or challenge != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        at = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "user-1", "nonce": asked["nonce"], "iat": at, "exp": at + 60, **self.changes}
        header = {"alg": "RS256", "kid": "one"}
        return {"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode(header, claims, self.signing)}, 200


@pytest.fixture
def provider() -> Iterator[SmallProvider]:
    """One, running."""
    made = SmallProvider()
    yield made
    made.server.shutdown()


@pytest.fixture
def visitor(parts: Parts, provider: SmallProvider) -> Callable[[], Browser]:
    """A browser before a console that knows the provider."""
    knowing = parts_of(parts.database, provider=Provider(provider.issuer, CLIENT, SECRET))
    return lambda: Browser(knowing)


def known(parts: Parts, subject: str = "user-1") -> str:
    """An account without a password, by its name at the provider."""
    accounts = Accounts(parts.database)
    who = account(parts, "ada", "supporter", None)
    accounts.change(who.id, subject=subject)
    return who.id


def came_back(visitor: Browser, provider: SmallProvider) -> Any:
    """There and back."""
    return visitor.http.get(provider.agreed(visitor.http.get("/openid").headers["location"]))


def test_a_known_user_is_led_in_by_a_page_of_ours(parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser]) -> None:
    """With a strict cookie, and it is in the audit."""
    known(parts)
    ada = visitor()
    answer = came_back(ada, provider)
    assert (answer.status_code, "You are signed in" in answer.text) == (200, True)
    assert ada.http.get("/").headers["location"] == "/queue"
    assert Audit(parts.database).entries()[0].detail == {"by": "provider"}


@pytest.mark.parametrize(("verified", "status"), [(True, 200), (False, 403)])
def test_an_address_counts_only_when_the_provider_has_verified_it(
    parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser], verified: bool, status: int
) -> None:
    """Else anybody could claim one."""
    known(parts, "ada@example.org")
    provider.changes = {"email": "ada@example.org", "email_verified": verified}
    assert came_back(visitor(), provider).status_code == status


@pytest.mark.parametrize(
    "changes",
    [{"iss": "http://evil.test"}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"nonce": "another"}, {"exp": 1_000_000_000}, {"sub": "user-2"}],
)
def test_a_token_that_does_not_hold_leads_nowhere(parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser], changes: Any) -> None:
    """Another issuer, audience, nonce; too old; somebody without an account."""
    known(parts)
    provider.changes = changes
    ada = visitor()
    assert came_back(ada, provider).status_code == 403
    assert ada.http.get("/").headers["location"] == "/sign-in"


def test_a_token_signed_by_another_key_leads_nowhere(parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser]) -> None:
    """Although it names the same."""
    known(parts)
    provider.signing = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert came_back(visitor(), provider).status_code == 403


def test_coming_back_without_having_left_leads_nowhere(parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser]) -> None:
    """In another browser, or with another state."""
    known(parts)
    ada = visitor()
    path = provider.agreed(ada.http.get("/openid").headers["location"])
    assert visitor().http.get(path).status_code == 403
    assert ada.http.get(path + "x").status_code == 403


def test_an_account_that_was_shut_out_stays_out(parts: Parts, provider: SmallProvider, visitor: Callable[[], Browser]) -> None:
    """Whatever the provider says."""
    Accounts(parts.database).change(known(parts), active=False)
    assert came_back(visitor(), provider).status_code == 403


def test_a_provider_that_is_away_is_said(parts: Parts, browser: Callable[..., Browser]) -> None:
    """And without one set up there is no such page."""
    gone = Browser(parts_of(parts.database, provider=Provider("http://127.0.0.1:9", CLIENT, SECRET)))
    assert gone.http.get("/openid").status_code == 502
    assert browser().http.get("/openid").status_code == 404
