"""The machine that was measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

CPU_FILE = Path("/proc/cpuinfo")
SHOWN = ("rasa", "tensorflow", "sanic", "sqlalchemy")


def machine() -> dict[str, str]:
    """Processor, cores, memory, system and versions; nothing that names the machine."""
    return {
        "processor": _processor(),
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in SHOWN),
    }


def load() -> float:
    """Programs that waited for a core over the last minute, on average; before a measurement on a quiet machine well below one."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    """Its name, where the system tells it."""
    rows = CPU_FILE.read_text(encoding="utf-8").splitlines() if CPU_FILE.exists() else []
    return next((row.split(":", 1)[1].strip() for row in rows if row.startswith("model name")), platform.machine())
