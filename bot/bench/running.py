"""Run scenarios, and keep what they found beside what earlier runs of others found."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, Optional, Sequence

from bot.bench.capacity import Assumed
from bot.bench.capacity_page import page as capacity_page
from bot.bench.ground import Ground
from bot.bench.machine import load, machine
from bot.bench.page import markdown
from bot.bench.picture import draw
from bot.bench.scenarios import LONG_TRAINING, SCENARIOS
from bot.errors import ReframeError
from bot.settings import ROOT

log = logging.getLogger(__name__)
Extent = Literal["full", "quick"]
FOLDER = ROOT / "var" / "bench"
PAGE = ROOT / "docs" / "performance.md"
CAPACITY = ROOT / "docs" / "capacity.md"
EPOCHS: dict[Extent, Optional[int]] = {"full": 10, "quick": 1}
"""Of the reference's training. Its default of 100 would take an hour here; how quick it is, does not depend on them, as long as it recognises beliefs."""
Found = dict[str, Any]


class NoScenario(ReframeError):
    """A scenario was asked for that there is none of, or nothing full was measured that could be published."""


def extent_of(quick: bool) -> Extent:
    """As the command line says it."""
    return "quick" if quick else "full"


def measure(names: Sequence[str], extent: Extent, folder: Path = FOLDER, compared: bool = True) -> str:
    """Run the named scenarios (all, when none is named) and write JSON, Markdown and picture into `folder`; returns the Markdown. Raises NoScenario.

    What was found before by scenarios that do not run now stays, with its date. Quick runs are kept in a file of their own.
    """
    chosen = _chosen(names, extent)
    found = read(folder, extent)
    with Ground(EPOCHS[extent], compared) as ground:
        for name in chosen:
            log.warning("measuring: %s", SCENARIOS[name].TITLE)
            found["scenarios"][name] = _measured(name, extent, ground)
            found["machine"] = machine()
            write(found, folder, extent)  # after each, so that a later failure loses nothing
    return markdown(found, f"{_name(extent)}.png")


def _chosen(names: Sequence[str], extent: Extent) -> list[str]:
    if unknown := sorted(set(names) - set(SCENARIOS)):
        raise NoScenario(f"There is no scenario {', '.join(unknown)}. There are: {', '.join(SCENARIOS)}.")
    left_out = LONG_TRAINING if extent == "quick" else ()
    return [name for name in SCENARIOS if (name in names if names else name not in left_out)]


def _measured(name: str, extent: Extent, ground: Ground) -> Found:
    scenario, before = SCENARIOS[name], load()
    outcome = scenario.run(ground, scenario.SIZES[extent])
    about = {"title": scenario.TITLE, "meaning": scenario.MEANING, "size": asdict(scenario.SIZES[extent])}
    return {**about, "at": datetime.now(timezone.utc).isoformat(timespec="minutes"), "load": before, **outcome.plain()}


def read(folder: Path, extent: Extent) -> Found:
    """What was found before."""
    file = folder / f"{_name(extent)}.json"
    found: Found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"extent": extent, "machine": machine(), "scenarios": {}}
    found["scenarios"] = {name: found["scenarios"][name] for name in SCENARIOS if name in found["scenarios"]}
    return found


def write(found: Found, folder: Path, extent: Extent) -> None:
    """As JSON, Markdown and a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = {**found, "scenarios": {name: found["scenarios"][name] for name in SCENARIOS if name in found["scenarios"]}}
    (folder / f"{_name(extent)}.json").write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    (folder / f"{_name(extent)}.md").write_text(markdown(ordered, f"{_name(extent)}.png"), encoding="utf-8")
    draw(ordered, folder / f"{_name(extent)}.png")


def publish(folder: Path = FOLDER, page: Path = PAGE) -> None:
    """Make the page of the documents, with its picture, from the JSON of the full runs. Raises NoScenario when there was none."""
    found = read(folder, "full")
    if not found["scenarios"]:
        raise NoScenario("Nothing was measured at full size yet. Run `reframe bench` on a machine that does nothing else.")
    page.write_text(markdown(found, f"{page.stem}.png"), encoding="utf-8")
    draw(found, page.with_suffix(".png"))


def capacity(assumed: Assumed, folder: Path = FOLDER) -> str:
    """The page on capacity (Markdown) from the full runs; it says what was not measured yet."""
    return capacity_page(read(folder, "full"), assumed)


def _name(extent: Extent) -> str:
    """Of the files."""
    return "bench" if extent == "full" else "quick"
