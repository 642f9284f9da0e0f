"""The terms of everything that is installed are known, and an Apache-2.0 program may be handed on with them."""

from __future__ import annotations

import re

import pytest

from tests.licences import FORBIDDEN, PAGE, SPARED, locked

ROWS = dict(re.findall(r"^\| ([A-Za-z0-9._-]+) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[1:])


def test_every_locked_package_is_on_the_page_and_no_other() -> None:
    """After a change of the lock: `python -m tests.licences`."""
    assert set(ROWS) == set(locked())


def test_no_terms_forbid_handing_it_on() -> None:
    """Strong copyleft and terms that are no open source; one of several is enough."""
    assert {name: terms for name, terms in ROWS.items() if FORBIDDEN.search(terms) and not SPARED.search(terms)} == {}


@pytest.mark.parametrize("terms", ["GNU Affero General Public License v3", "GPL-3.0-only", "Proprietary", "free for non-commercial use"])
def test_such_terms_are_recognised(terms: str) -> None:
    """And a library's own terms are spared."""
    assert FORBIDDEN.search(terms)
    assert not SPARED.search(terms)
