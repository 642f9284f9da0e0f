"""A file that is encrypted as it is written: AES-256-GCM in chunks, each bound to its place and the last one marked, so that nothing can be cut or swapped."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import ReframeError
from bot.store.sealing import Sealer

MAGIC = b"reframe-1\n"
CHUNK, SALT_BYTES, TAG_BYTES = 1 << 20, 16, 16


class NotOurs(ReframeError):
    """A file that is no backup of ours, or was changed."""


def write_encrypted(file: Path, parts: Iterable[bytes], sealer: Sealer) -> None:
    """Write parts one after another; the file is there only when it is whole, and only its owner reads it."""
    name, salt = sealer.newest, secrets.token_bytes(SALT_BYTES)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(MAGIC + name.encode() + b"\n" + salt)
            key = AESGCM(sealer.derived(name, salt))
            for number, (chunk, last) in enumerate(_chunks(parts)):
                handle.write(key.encrypt(*_sealing(number, chunk, last)))
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def read_encrypted(file: Path, sealer: Sealer) -> Iterator[bytes]:
    """The parts again, cut anywhere. Raises NotOurs for another file or a changed one, KeyProblem when its key is missing."""
    with file.open("rb") as handle:
        if handle.readline() != MAGIC:
            raise NotOurs(f"{file} is no backup of this program.")
        name, salt = handle.readline(64).decode("ascii", "replace").strip(), handle.read(SALT_BYTES)
        key, number, chunk = AESGCM(sealer.derived(name, salt)), 0, handle.read(CHUNK + TAG_BYTES)
        if not chunk:  # there is always one, also of nothing
            raise NotOurs(f"{file} was cut. Nothing was restored.")
        while chunk:
            following = handle.read(CHUNK + TAG_BYTES)
            try:
                yield key.decrypt(*_sealing(number, chunk, not following))
            except InvalidTag:
                raise NotOurs(f"{file} was changed, cut, or belongs to another installation. Nothing was restored.") from None
            number, chunk = number + 1, following


def _sealing(number: int, chunk: bytes, last: bool) -> tuple[bytes, bytes, bytes]:
    """Nonce, data and associated data. The key is of this file alone, so a counter is a nonce (NIST SP 800-38D, 8.2.1)."""
    return number.to_bytes(12, "big"), chunk, b"last" if last else b"more"


def _chunks(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Of equal length, the last one marked; there is always one."""
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK]), False
            del waiting[:CHUNK]
    yield bytes(waiting), True
