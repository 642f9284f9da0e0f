"""What is sealed opens only with its key and in its own row; a key file is only its owner's."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.store.sealing import KeyProblem, Sealer, sealer_of


def keys(*names: str) -> dict[str, bytes]:
    """New keys of these names, with that of the hashes."""
    return {name: secrets.token_bytes(32) for name in ("names", *names)}


def test_a_sealed_text_opens_again_and_shows_nothing() -> None:
    """Any text, also one with half a sign in it."""
    sealer = Sealer(keys("a"))
    for text in ("", "a secret sentence", "🙂 \ud800 é"):
        sealed = sealer.seal(text, "row 1")
        assert sealer.open(sealed, "row 1") == text
        assert "secret" not in sealed
    assert sealer.seal("same", "row 1") != sealer.seal("same", "row 1")


def test_moved_changed_or_sealed_with_another_key_it_does_not_open() -> None:
    """And says so in words."""
    mine, other = keys("a"), keys("a")
    sealed = Sealer(mine).seal("words", "row 1")
    for sealer, given, row in ((Sealer(mine), sealed, "row 2"), (Sealer(mine), sealed[:-8] + "AAAAAAA=", "row 1"), (Sealer(other), sealed, "row 1")):
        with pytest.raises(KeyProblem, match="does not open"):
            sealer.open(given, row)
    with pytest.raises(KeyProblem, match="not in the key file"):
        Sealer(keys("b")).open(sealed, "row 1")


def test_the_newest_key_seals_and_the_old_ones_still_open() -> None:
    """So that keys can be changed while the server runs."""
    old = keys("a")
    sealed = Sealer(old).seal("words", "row")
    both = Sealer({**old, "b": secrets.token_bytes(32)})
    assert both.open(sealed, "row") == "words"
    assert both.seal("words", "row").startswith("b:")


def test_a_person_has_one_pseudonym_in_each_channel_and_nobody_can_find_it_without_the_key() -> None:
    """The same twice; another in another channel, for another person, with another key."""
    mine, other = Sealer(keys("a")), Sealer(keys("a"))
    names = {mine.pseudonym("telegram", "1"), mine.pseudonym("telegram", "2"), mine.pseudonym("slack", "1"), other.pseudonym("telegram", "1")}
    assert len(names) == 4
    assert mine.pseudonym("telegram", "1") in names
    assert all(name.replace("-", "").replace("_", "").isalnum() and len(name) <= 64 for name in names)


def test_a_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """One that others can read, or that is broken, stops the start."""
    file = tmp_path / "deep" / "keys"
    sealed = sealer_of(file).seal("words", "row")
    assert file.stat().st_mode & 0o077 == 0
    assert sealer_of(file).open(sealed, "row") == "words"
    file.chmod(0o640)
    with pytest.raises(KeyProblem, match="Others can read"):
        sealer_of(file)
    file.chmod(0o600)
    for broken in ("", "names AAAA\nk1 AAAA\n", "no key at all", "names !!!\n"):
        file.write_text(broken)
        with pytest.raises(KeyProblem):
            sealer_of(file)


def test_two_programs_that_start_together_for_the_first_time_have_the_same_keys(tmp_path: Path) -> None:
    """The server and the console: whichever makes the file first, the other takes it."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: sealer_of(tmp_path / "keys"), range(8)))
    sealed = made[0].seal("words", "row")
    assert {sealer.open(sealed, "row") for sealer in made} == {"words"}
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]
