"""Browsers that are signed in: of the token only a hash is kept; it ends after some time unused, and after some time in any case."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Optional

from sqlalchemy import delete, select, update

from bot.store.accounts import Who, who_of
from bot.store.audit import Units
from bot.store.console_tables import Account, SignIn
from bot.store.messages import now

Stage = Literal["code", "enrol", "password", "full"]
TOKEN_BYTES = 32
TOUCH = timedelta(seconds=20)
"""That somebody is there is written down no more often than this."""


@dataclass(frozen=True)
class Lifetimes:
    """How long a sign-in lasts unused, and altogether."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Signed:
    """A sign-in with its account."""

    who: Who
    stage: Stage
    form_token: str
    token_hash: str


class SignIns:
    """The sign-ins of one database."""

    def __init__(self, units: Units, lifetimes: Lifetimes) -> None:
        self.units, self.lifetimes = units, lifetimes

    def begin(self, account_id: str, stage: Stage, instead_of: Optional[str] = None) -> str:
        """A new token. `instead_of` is the hash of the one it follows, which ends: no token outlives a step (session fixation)."""
        token, at = secrets.token_urlsafe(TOKEN_BYTES), now()
        row = SignIn(token=hashed(token), account_id=account_id, stage=stage, form_token=secrets.token_urlsafe(TOKEN_BYTES), created_at=at, seen_at=at)
        with self.units.unit() as session:
            session.execute(delete(SignIn).where(SignIn.token == instead_of))
            session.execute(delete(SignIn).where(SignIn.created_at < at - self.lifetimes.absolute))
            session.add(row)
            if stage == "full":
                session.execute(update(Account).where(Account.id == account_id).values(failures=0, locked_until=None, active_at=at))
        return token

    def find(self, token: str) -> Optional[Signed]:
        """Who shows this token, if it holds and the account is active."""
        return self.found(hashed(token))

    def found(self, token_hash: str, *, touch: bool = True) -> Optional[Signed]:
        """The same by the hash. With `touch` the time unused begins anew; a stream, which nobody's hand moves, goes without."""
        at = now()
        query = select(SignIn, Account).join(Account, Account.id == SignIn.account_id).where(SignIn.token == token_hash, Account.active)
        with self.units.unit() as session:
            pair = session.execute(query).one_or_none()
            if pair is None or not self._holds(pair[0], at):
                return None
            row, account = pair
            if touch and at - row.seen_at > TOUCH:
                session.execute(update(SignIn).where(SignIn.token == token_hash).values(seen_at=at))
            return Signed(who_of(account), row.stage, row.form_token, row.token)

    def end(self, token_hash: str) -> None:
        """Signed out."""
        with self.units.unit() as session:
            session.execute(delete(SignIn).where(SignIn.token == token_hash))

    def _holds(self, row: SignIn, at: datetime) -> bool:
        return bool(at - row.seen_at < self.lifetimes.idle and at - row.created_at < self.lifetimes.absolute)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
