"""One-time codes (RFC 6238): the secret, its QR code, and which step a code belongs to."""

from __future__ import annotations

import hmac
import io
import time
from typing import Optional

import pyotp
import segno

ISSUER = "Reframe console"
STEP_SECONDS = 30
NEIGHBOURS = (0, -1, 1)
"""Steps beside the present one that count, since clocks differ."""


def new_secret() -> str:
    """For one account."""
    return pyotp.random_base32()


def step_of(secret: str, code: str) -> Optional[int]:
    """The step that a code belongs to, or None when it is wrong. Each step may be used once; that is for the store to hold."""
    present = int(time.time()) // STEP_SECONDS
    given = "".join(code.split()).encode("utf-8", "replace")
    return next((present + n for n in NEIGHBOURS if hmac.compare_digest(pyotp.TOTP(secret).at((present + n) * STEP_SECONDS).encode(), given)), None)


def qr_code(secret: str, name: str) -> str:
    """The address of the secret as an SVG element to stand in a page; it holds paths and no style."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    written = io.BytesIO()
    segno.make(address, error="m").save(written, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, nl=False, title="QR code", light="#fff")
    return written.getvalue().decode()
