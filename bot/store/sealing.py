"""What must not be readable in the database is sealed here; names of people on other platforms become keyed hashes.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the row a text belongs to is associated data, so that a text moved to another row does not open.
Keys lie in a file that only its owner reads, one a line: a name and 32 random bytes. The last one seals, all of them open. The line `names` is the key of
the hashes: destroying it makes every conversation of a messaging app unreachable for good.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Optional

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import ReframeError

NAMES = "names"
KEY_BYTES, NONCE_BYTES = 32, 12


class KeyProblem(ReframeError):
    """The key file cannot be used, or a sealed text does not open with it."""


class Sealer:
    """Seals and opens with the keys of one installation."""

    def __init__(self, keys: dict[str, bytes], file: Optional[Path] = None) -> None:
        """`keys` by name, oldest first, with one called `names`; `file` is looked at again when it has changed, as by a rotation beside a running server.

        Raises KeyProblem for a key that is missing or of a wrong length.
        """
        self.file, self._seen = file, _version(file)
        self._take(keys)

    @property
    def newest(self) -> str:
        """The name of the key that seals."""
        self._look_again()
        return self._sealing[0]

    @property
    def names(self) -> list[str]:
        """The names of all that open, oldest first."""
        self._look_again()
        return list(self._keys)

    def seal(self, text: str, about: str) -> str:
        """A text that only opens for the same `about`, the identity of its row."""
        self._look_again()
        (name, key), nonce = self._sealing, os.urandom(NONCE_BYTES)
        sealed = key.encrypt(nonce, text.encode("utf-8", "surrogatepass"), about.encode())
        return f"{name}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """The text again. Raises KeyProblem when the key is missing, or the text was changed or moved."""
        name, _, rest = sealed.partition(":")
        if name not in self._keys:
            self._look_again()
        if name not in self._keys:
            raise KeyProblem("A stored text was sealed with a key that is not in the key file. Put that key back.")
        try:
            raw = base64.b64decode(rest, b"-_", validate=True)
            return self._keys[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError):
            raise KeyProblem("A stored text does not open: it was changed, moved, or sealed with another key of the same name.") from None

    def pseudonym(self, channel: str, person: str) -> str:
        """The name under which a person of another platform is kept: a keyed hash, with a key of its own for each channel (HKDF, RFC 5869)."""
        key = HKDF(SHA256(), KEY_BYTES, None, channel.encode()).derive(self._names)
        return base64.urlsafe_b64encode(hmac.digest(key, person.encode(), hashlib.sha256)).decode().rstrip("=")

    def derived(self, name: str, salt: bytes) -> bytes:
        """A key for one file of its own (HKDF, RFC 5869). Raises KeyProblem when the key of this name is missing."""
        if name not in self.names:
            raise KeyProblem(f"This was encrypted with the key {name}, which is not in the key file. Put the key file of that time in its place.")
        return HKDF(SHA256(), KEY_BYTES, salt, b"file").derive(self._raw[name])

    def _take(self, keys: dict[str, bytes]) -> None:
        if NAMES not in keys or len(keys) < 2 or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyProblem("The key file needs the key `names` and at least one other, each of 32 bytes. Restore it from its backup.")
        self._names, self._raw = keys[NAMES], keys
        self._keys = {name: AESGCM(key) for name, key in keys.items() if name != NAMES}
        self._sealing = list(self._keys.items())[-1]

    def _look_again(self) -> None:
        if self.file and (version := _version(self.file)) != self._seen:
            self._take(keys_in(self.file))
            self._seen = version


def sealer_of(file: Path) -> Sealer:
    """The sealer of a key file, which is made when there is none. Raises KeyProblem when others can read it, or it is none."""
    if not file.exists():
        _make_keys(file)
    return Sealer(keys_in(file), file)


def _version(file: Optional[Path]) -> tuple[int, ...]:
    """What differs when a file has been written anew."""
    if file is None:
        return ()
    found = file.stat()
    return found.st_ino, found.st_mtime_ns


def keys_in(file: Path) -> dict[str, bytes]:
    """The keys of a file by name, oldest first. Raises KeyProblem when others can read it, or it is none."""
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyProblem(f"Others can read the key file {file}. Take their rights away (chmod 600) and, if they may have read it, rotate the keys.")
    try:
        return {name: base64.b64decode(key) for name, key in (line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip())}
    except (ValueError, UnicodeDecodeError):
        raise KeyProblem(f"The key file {file} cannot be read: each line is a name and a key. Restore it from its backup.") from None


def write_keys(file: Path, keys: dict[str, bytes]) -> None:
    """Write a key file that only its owner reads; whoever reads it meanwhile gets the old one or the new one, whole."""
    _written(file, keys).replace(file)


def _make_keys(file: Path) -> None:
    """The first ones. The server and the console may start at the same time: whichever is first makes them."""
    new = _written(file, {NAMES: secrets.token_bytes(KEY_BYTES), "k1": secrets.token_bytes(KEY_BYTES)})
    with suppress(FileExistsError):
        os.link(new, file)
    new.unlink()


def _written(file: Path, keys: dict[str, bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{name} {base64.b64encode(key).decode()}\n" for name, key in keys.items())
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(lines)
        handle.flush()
        os.fsync(handle.fileno())
    return new
