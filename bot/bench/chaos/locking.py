"""Hold the lock of a SQLite file for a while, as a backup or another program may: `python -m bot.bench.chaos.locking FILE SECONDS`."""

from __future__ import annotations

import sqlite3
import sys
import time


def hold(file: str, seconds: float) -> None:
    """Nobody else can write for so long. Waits for its turn first."""
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


if __name__ == "__main__":
    hold(sys.argv[1], float(sys.argv[2]))
