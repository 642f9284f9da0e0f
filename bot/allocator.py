"""How the C library gives memory back. A server's models are built from many large pieces that are soon free again, and its default keeps them."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""The names of glibc's malloc.h for mallopt(3)."""
SETTINGS = {ARENA_MAX: 2, MMAP_THRESHOLD: 65_536, TRIM_THRESHOLD: 65_536}
"""Two arenas, one a core of a small machine; pieces from 64 kB on are taken from the system and given back to it. Measured: docs/measurements.md."""


def give_back() -> bool:
    """Set this for the rest of the process, before much is loaded; whether the C library knows how. Others than glibc do without."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(name, value) == 1 for name, value in SETTINGS.items())
