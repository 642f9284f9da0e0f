"""The training examples in Rasa's format, each with its intent and its place."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, NamedTuple

import yaml


class Example(NamedTuple):
    """One training example and where it stands."""

    intent: str
    text: str
    place: str


def examples_in(folder: Path) -> Iterator[Example]:
    """All examples of a folder, by file and line. Raises OSError when a file cannot be read."""
    for path in sorted(folder.glob("*.yml")):
        yield from examples_of(path)


def examples_of(path: Path) -> Iterator[Example]:
    """The examples of one file."""
    text = path.read_text(encoding="utf-8")
    where = {line.strip()[2:]: n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith("- ")}
    for block in yaml.load(text, Loader=yaml.CSafeLoader)["nlu"]:  # the C form of the safe loader
        for line in block["examples"].splitlines():
            said = line.strip()[2:]
            yield Example(block["intent"], said, f"{path.name}:{where.get(said, 1)}")
