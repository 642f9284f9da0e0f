"""Read the catalogue from YAML and report every problem at once, with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ReframeError
from bot.reframing.catalogue import Belief, Catalogue, Reflection

CONTENT = Path(__file__).parent / "content"
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the content. `line` counts from 1."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class ContentError(ReframeError):
    """The catalogue cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("The content has problems:\n" + "\n".join(map(str, problems)))


class Sheet:
    """A YAML file that remembers the line of each of its parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = path.read_text(encoding="utf-8")
        self.node = yaml.compose(text, Loader=yaml.CSafeLoader)
        self.value = yaml.load(text, Loader=yaml.CSafeLoader)  # the C form of the safe loader

    def line(self, where: tuple[str | int, ...]) -> int:
        """The line of the innermost part of `where` that exists."""
        node, line = self.node, 1
        for key in where:
            found = _child(node, key)
            if found is None:
                break
            node, line = found, found.start_mark.line + 1
        return line

    def problem(self, what: str, *where: str | int) -> Problem:
        """A problem at a part of this file."""
        return Problem(self.path.name, self.line(where), what)


def _child(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key]  # type: ignore[no-any-return]  # PyYAML's stubs leave node values untyped
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if k.value == str(key)), None)
    return None


def parse(model: type[Model], path: Path, problems: list[Problem]) -> tuple[Sheet, Model] | None:
    """One file as `model`, or None with its problems added."""
    try:
        sheet = Sheet(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(Problem(path.name, mark.line + 1 if mark else 1, f"not readable as YAML: {error}"))
        return None
    try:
        return sheet, model.parse_obj(sheet.value)
    except ValidationError as error:
        problems += [sheet.problem(f"{e['msg']} ({'.'.join(map(str, e['loc']))})", *e["loc"]) for e in error.errors()]
        return None


class Moments(BaseModel):
    """The file of lines that belong to no belief."""

    __root__: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Source:
    """The catalogue with the files it came from, for checks that name a line."""

    catalogue: Catalogue
    sheets: dict[str, Sheet]
    problems: list[Problem]


def read(folder: Path = CONTENT) -> Source:
    """Everything under `folder`, readable or not."""
    problems: list[Problem] = []
    sheets: dict[str, Sheet] = {}
    beliefs: dict[str, Belief] = {}
    reflections: dict[str, Reflection] = {}
    for path in sorted((folder / "beliefs").glob("*.yml")):
        if got := parse(Belief, path, problems):
            sheets[path.stem], beliefs[path.stem] = got
    for path in sorted((folder / "reflections").glob("*.yml")):
        if form := parse(Reflection, path, problems):
            sheets[path.stem], reflections[path.stem] = form
    moments: dict[str, tuple[str, ...]] = {}
    if (path := folder / "conversation.yml").exists() and (said := parse(Moments, path, problems)):
        sheets["conversation"], moments = said[0], said[1].__root__
    return Source(Catalogue(beliefs=beliefs, reflections=reflections, moments=moments), sheets, problems)


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """The shipped catalogue. Raises ContentError when it cannot be used."""
    source = read()
    if source.problems:
        raise ContentError(source.problems)
    return source.catalogue
