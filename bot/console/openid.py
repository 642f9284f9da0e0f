"""Signing in at an identity provider (OpenID Connect Core 1.0, code flow with PKCE). Accounts are made by administrators; nobody gets one by this."""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Any, Mapping

import httpx
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console.signing_in import entered
from bot.console.terms import Provider
from bot.console.visits import Page, Refused, Visit
from bot.store.accounts import Accounts
from bot.store.audit import SYSTEM, Deed
from bot.store.sealing import KeyProblem

COOKIE, COOKIE_SECONDS = "reframe_openid", 600
"""What has to be the same when the browser comes back: sealed, and lax, since it comes from another site."""
ALGORITHMS = ["RS256", "PS256", "ES256"]
CLOCKS_DIFFER_SECONDS = 60
SECONDS = 10.0
FAILED = "Your organisation's sign-in did not work out. Try again; if it stays so, tell an administrator."


def leave(visit: Visit) -> Response:
    """Send the browser to the provider."""
    provider = _provider(visit)
    kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48)}
    with _client(visit, provider) as client:
        known = _discovered(client, provider)
        url, _ = client.create_authorization_url(known["authorization_endpoint"], kept["state"], kept["verifier"], nonce=kept["nonce"])
    response = RedirectResponse(url, 303)
    sealed = visit.parts.sealer.seal(json.dumps(kept), COOKIE)
    response.set_cookie(COOKIE, sealed, max_age=COOKIE_SECONDS, path="/openid", httponly=True, samesite="lax", secure=visit.parts.terms.secure)
    return response


def back(visit: Visit) -> Response:
    """The browser comes back with a code; whom it stands for is asked of the provider, and looked up among the accounts."""
    provider, kept = _provider(visit), _kept(visit)
    query = visit.request.query_params
    if not hmac.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
        raise Refused(403, FAILED)
    try:
        claims = _claims(visit, provider, query.get("code", ""), kept)
    except (OAuthError, JoseError, httpx.HTTPError, KeyError, ValueError) as error:
        visit.parts.audit.note(Deed(SYSTEM, "sign_in.failed", detail={"by": "provider", "error": type(error).__name__}))
        raise Refused(403, FAILED) from error
    who = Accounts(visit.parts.database).by_subject(*_subjects(claims))
    if who is None or not who.active:
        visit.parts.audit.note(Deed(SYSTEM, "sign_in.failed", who.id if who else None, detail={"by": "provider"}))
        raise Refused(403, "Your organisation knows you, but there is no account for you here. Ask an administrator.")
    entering = entered(visit, who, "full", "provider")
    # The cookie is strict, so it is not sent in a chain of redirects that began elsewhere: the browser goes on from a page of ours.
    response = HTMLResponse(visit.written("onward.html"), headers={})
    response.raw_headers.extend((name, value) for name, value in entering.raw_headers if name == b"set-cookie")
    response.delete_cookie(COOKIE, path="/openid", httponly=True, samesite="lax", secure=visit.parts.terms.secure)
    return response


def _claims(visit: Visit, provider: Provider, code: str, kept: Mapping[str, str]) -> Mapping[str, Any]:
    """The checked claims of the ID token. Raises an error of the libraries for one that does not hold."""
    with _client(visit, provider) as client:
        known = _discovered(client, provider)
        token = client.fetch_token(known["token_endpoint"], code=code, code_verifier=kept["verifier"])
        keys = KeySet.import_key_set(client.request("GET", known["jwks_uri"], withhold_token=True).raise_for_status().json())
    claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    expected = {"iss": provider.issuer, "nonce": kept["nonce"]}
    rules: dict[str, Any] = {name: {"essential": True, "value": value} for name, value in expected.items()}
    rules |= {"aud": {"essential": True, "values": [provider.client_id]}, "exp": {"essential": True}, "iat": {"essential": True}, "sub": {"essential": True}}
    JWTClaimsRegistry(leeway=CLOCKS_DIFFER_SECONDS, **rules).validate(claims)
    if isinstance(claims["aud"], list) and claims.get("azp") != provider.client_id:
        raise ValueError("a token for several parties is not taken")
    return claims


def _subjects(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """What an account may be found by: the subject, and an address that the provider has verified."""
    address = (str(claims["email"]),) if claims.get("email") and claims.get("email_verified") is True else ()
    return (str(claims["sub"]), *address)


def _discovered(client: OAuth2Client, provider: Provider) -> Mapping[str, Any]:
    """The provider's endpoints (OpenID Connect Discovery 1.0). Raises Refused when it is away, or says it is another."""
    try:
        known = client.request("GET", f"{provider.issuer}/.well-known/openid-configuration", withhold_token=True).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(502, "Your organisation's sign-in cannot be reached. Try again in a moment.") from error
    if str(known.get("issuer", "")).rstrip("/") != provider.issuer:
        raise Refused(502, FAILED)
    return dict(known)


def _client(visit: Visit, provider: Provider) -> OAuth2Client:
    back_to = f"{visit.parts.terms.url}/openid/back"
    return OAuth2Client(provider.client_id, provider.client_secret, scope="openid email", redirect_uri=back_to, code_challenge_method="S256", timeout=SECONDS)


def _provider(visit: Visit) -> Provider:
    if visit.parts.terms.provider is None:
        raise Refused(404, "No identity provider is set up here.")
    return visit.parts.terms.provider


def _kept(visit: Visit) -> Mapping[str, str]:
    try:
        return dict(json.loads(visit.parts.sealer.open(visit.request.cookies.get(COOKIE, ""), COOKIE)))
    except (KeyProblem, ValueError):
        raise Refused(403, FAILED) from None


PAGES = (Page("GET", "/openid", "openid", leave), Page("GET", "/openid/back", "openid.back", back))
