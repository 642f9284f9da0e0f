"""What is freed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from bot.settings import ROOT

PIECES = """
import sys
import psutil
from bot.allocator import give_back
if sys.argv[1] == "thrifty":
    assert give_back()
held = [bytearray(100_000) for _ in range(2_000)]
pinned = [held[n] for n in range(0, 2_000, 100)]  # a heap can only be cut at its end
del held
print(psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no mallopt")
def test_pieces_of_a_model_that_are_freed_do_not_stay_with_the_process() -> None:
    """Of 200 MB in pieces of 100 kB all but 2 MB are freed, in two processes."""
    plain, thrifty = (
        int(subprocess.run([sys.executable, "-c", PIECES, how], cwd=ROOT, capture_output=True, check=True).stdout) for how in ("plain", "thrifty")
    )
    assert thrifty < plain - 100_000_000
