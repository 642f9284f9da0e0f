"""Who works in the console: accounts, and what is counted against those who guess."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Optional

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import ReframeError
from bot.store.audit import Units
from bot.store.console_tables import Account, SignIn
from bot.store.messages import now

Role = Literal["supporter", "supervisor", "auditor", "administrator"]
ROLES: tuple[Role, ...] = ("supporter", "supervisor", "auditor", "administrator")
FREE_FAILURES, FIRST_DELAY, LONGEST_DELAY = 4, timedelta(seconds=15), timedelta(minutes=15)
"""So many failures cost nothing; then each doubles the time until the next attempt is looked at (OWASP Authentication Cheat Sheet)."""


class AccountProblem(ReframeError):
    """An account cannot be made or changed as asked."""


@dataclass(frozen=True)
class Who:
    """An account as others see it."""

    id: str
    name: str
    shown: str
    role: Role
    active: bool
    password: Optional[str]
    must_change: bool
    totp: Optional[str]
    totp_step: Optional[int]
    subject: Optional[str]
    locked_until: Optional[datetime]
    active_at: Optional[datetime]


class Accounts:
    """The accounts of one database."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def add(self, name: str, role: Role, shown: str, password: Optional[str], subject: Optional[str] = None) -> Who:  # what an account is
        """A new account; its password (a hash) has to be changed at first use. Raises AccountProblem when the name or the subject is taken."""
        row = Account(id=secrets.token_hex(16), name=name, shown=shown, role=role, password=password, subject=subject or None, created_at=now())
        row.must_change, row.active, row.failures = password is not None, True, 0
        try:
            with self.units.unit() as session:
                session.add(row)
                session.flush()
                return who_of(row)
        except IntegrityError:
            raise AccountProblem("There is an account of that name, or one for that name at the identity provider. Choose another.") from None

    def all(self) -> list[Who]:
        """By name."""
        with self.units.unit() as session:
            return [who_of(row) for row in session.execute(select(Account).order_by(Account.name)).scalars()]

    def by_id(self, account_id: str) -> Optional[Who]:
        """One account."""
        return self._one(Account.id == account_id)

    def by_name(self, name: str) -> Optional[Who]:
        """By what is typed at the sign-in, whatever its case."""
        return self._one(func.lower(Account.name) == name.strip().lower())

    def by_subject(self, *subjects: str) -> Optional[Who]:
        """By one of the names that an identity provider vouches for."""
        return self._one(Account.subject.in_(subjects))

    def change(self, account_id: str, **values: Any) -> None:
        """Change columns. Raises AccountProblem when another has the name already."""
        try:
            with self.units.unit() as session:
                session.execute(update(Account).where(Account.id == account_id).values(**values))
        except IntegrityError:
            raise AccountProblem("Another account has that name. Choose another.") from None

    def shut_out(self, account_id: str, **values: Any) -> None:
        """Change columns and end everything that is signed in under the account, in one."""
        with self.units.unit() as session:
            session.execute(update(Account).where(Account.id == account_id).values(**values))
            session.query(SignIn).filter_by(account_id=account_id).delete(synchronize_session=False)

    def failed(self, account_id: str, at: datetime) -> None:
        """Count a wrong password or code; from some on, the next attempt has to wait, longer each time."""
        with self.units.unit() as session:
            session.execute(update(Account).where(Account.id == account_id).values(failures=Account.failures + 1))
            failures = session.execute(select(Account.failures).where(Account.id == account_id)).scalar_one()
            session.execute(update(Account).where(Account.id == account_id).values(locked_until=locked_until(failures, at)))

    def code_used(self, account_id: str, step: int) -> bool:
        """Whether this step of one-time codes was not used before; from now on it is (RFC 6238, 5.2)."""
        fresh = (Account.totp_step.is_(None)) | (Account.totp_step < step)
        with self.units.unit() as session:
            return bool(session.execute(update(Account).where(Account.id == account_id, fresh).values(totp_step=step)).rowcount)

    def _one(self, condition: Any) -> Optional[Who]:
        with self.units.unit() as session:
            row = session.execute(select(Account).where(condition)).scalars().first()
            return who_of(row) if row else None


def locked_until(failures: int, at: datetime) -> Optional[datetime]:
    """When the next attempt is looked at, after so many failures in a row."""
    doubled: int = 2 ** min(failures - FREE_FAILURES - 1, 16) if failures > FREE_FAILURES else 0
    return at + min(LONGEST_DELAY, FIRST_DELAY * doubled) if doubled else None


def who_of(row: Account) -> Who:
    """An account as others see it."""
    return Who(**{name: getattr(row, name) for name in Who.__dataclass_fields__})
