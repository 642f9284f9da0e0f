"""Who is drawn for a review, and how far reviewers agree."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from bot.pilot.agreement import FEWEST, agreement
from bot.pilot.checklist import checklist
from bot.pilot.sampling import Sampling
from bot.store.review_tables import DIMENSIONS, RATINGS


def keyed(key: bytes) -> object:
    """A keyed hash."""
    return lambda name: hmac.digest(key, name.encode(), hashlib.sha256).hex()


CASES = [f"case {number}" for number in range(2000)]


def test_every_urgent_case_is_reviewed_whatever_the_shares() -> None:
    """Also with none."""
    assert {Sampling(keyed(b"k"), 0, 0).wanted(True, case) for case in CASES} == {1}


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_of_the_others_about_the_share_is_drawn(share: float) -> None:
    """Within what chance allows."""
    drawn = sum(Sampling(keyed(b"k"), share, 0).wanted(False, case) for case in CASES)
    assert abs(drawn / len(CASES) - share) < 0.04


def test_the_draw_is_the_same_at_any_time_and_another_under_another_key() -> None:
    """So that nobody can draw again, and nobody without the key can foresee it."""
    one, again, other = (tuple(Sampling(keyed(key), 0.5, 0).wanted(False, case) for case in CASES) for key in (b"k", b"k", b"x"))
    assert one == again != other


def test_a_share_is_reviewed_twice() -> None:
    """Independently of the first draw."""
    wanted = [Sampling(keyed(b"k"), 0.5, 0.2).wanted(False, case) for case in CASES]
    assert abs(wanted.count(2) / len([w for w in wanted if w]) - 0.2) < 0.05


def test_agreement_is_weighed_by_distance_where_there_is_an_order() -> None:
    """Best and harm are worse than best and adequate. By hand: 11 of 12 the same, half of them by chance."""
    near = [("best", "best")] * 6 + [("harm", "harm")] * 5 + [("best", "adequate")]
    far = [("best", "best")] * 6 + [("harm", "harm")] * 5 + [("best", "harm")]
    assert agreement(near).kappa > agreement(far).kappa
    assert agreement(far).kappa == pytest.approx((11 / 12 - 1 / 2) / (1 - 1 / 2), abs=0.01)
    assert agreement(near).same == pytest.approx(11 / 12)


def test_yes_and_no_are_weighed_plainly() -> None:
    """Cohen's own: (po - pe) / (1 - pe), with po 0.75 and pe 0.5."""
    pairs = [(True, True)] * 6 + [(False, False)] * 6 + [(True, False)] * 2 + [(False, True)] * 2
    assert agreement(pairs).kappa == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("pairs", "count"),
    [([], 0), ([("best", "best")] * (FEWEST - 1), FEWEST - 1), ([("best", "best")] * 30, 30), ([("best", "not_applicable")] * 30, 0)],
    ids=["none", "too few", "all alike", "does not apply"],
)
def test_where_kappa_cannot_be_told_none_is_given(pairs: list[tuple[str, str]], count: int) -> None:
    """Only how many pairs there were."""
    found = agreement(pairs)
    assert (found.kappa, found.pairs) == (None, count)


def test_the_checklist_has_all_dimensions_and_says_what_each_rating_means() -> None:
    """Except of what does not apply."""
    assert tuple(checklist()) == DIMENSIONS
    assert {frozenset(about) for about in checklist().values()} == {frozenset({"asks", *RATINGS}) - {"not_applicable"}}
