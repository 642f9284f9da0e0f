"""The licences of what is locked, as each package says them. `python -m tests.licences` writes docs/licences.md."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).parent.parent
PAGE, LOCK = ROOT / "docs" / "licences.md", ROOT / "requirements.lock"
HEAD = """# Licences

Of everything that `requirements.lock` installs, as each package says it; written by `python -m tests.licences`. Reframe itself is under Apache-2.0.
The widget is built with what `widget/package.json` names (MIT), of which Preact is in it; the console ships htmx (0BSD). A test refuses terms with which
an Apache-2.0 program could not be handed on, and packages that say nothing.

| package | licence |
|---|---|
"""
FORBIDDEN = re.compile(r"\bA?GPL|General Public|Affero|SSPL|BUSL|Commons Clause|non.?commercial|proprietary", re.IGNORECASE)
SPARED = re.compile(r"\bLGPL|Lesser General Public|\bMPL", re.IGNORECASE)
"""Terms of a library that stay with the library."""
LONGEST = 80


def locked() -> list[str]:
    """The names of all locked packages."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def licence(name: str) -> str:
    """What a package says of itself: an expression, its classifiers, or a line. Empty when it says nothing, or is not installed on this system."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    classified = [c.split(" :: ")[-1] for c in said.get_all("Classifier") or [] if c.startswith("License :: ") and c != "License :: OSI Approved"]
    line = (said.get("License") or "").strip().split("\n")[0]
    return str(said.get("License-Expression") or ", ".join(dict.fromkeys(classified)) or (line if line.lower() not in ("unknown", "dual license") else ""))[
        :LONGEST
    ]


def rows() -> Iterator[tuple[str, str]]:
    """Each locked package with its licence."""
    for name in locked():
        yield name, licence(name)


if __name__ == "__main__":
    PAGE.write_text(HEAD + "".join(f"| {name} | {said} |\n" for name, said in rows()), encoding="utf-8")
