"""How long training takes, from the command to the model."""

from __future__ import annotations

from dataclasses import dataclass

from bot.bench.ground import Ground
from bot.bench.outcome import Figure, Outcome
from bot.bench.processes import Program
from bot.settings import ROOT

TITLE = "Training"
MEANING = "`reframe train`, and `rasa train` of the reference, each once, without anything of an earlier training."


@dataclass(frozen=True)
class Size:
    """How often the product is trained; the reference is trained once for all scenarios."""

    times: int = 1


SIZES = {"full": Size(), "quick": Size()}


def run(ground: Ground, size: Size) -> Outcome:
    """Measure."""
    seconds = []
    for _ in range(size.times):
        folder = ground.folder("training")
        folder.mkdir()
        environment = {"REFRAME_MODELS": str(folder / "models"), "RASA_CACHE_DIRECTORY": str(folder / "cache")}
        seconds.append(Program(("reframe", "train"), ROOT, folder / "log", environment).wait())
    less = f"The reference was trained with {ground.epochs} epochs instead of its default of 100, which would take it about ten times as long."
    remarks = [less] if ground.compared and ground.epochs is not None else []
    return Outcome([Figure("training", "s", min(seconds), ground.trained().seconds if ground.compared else None)], remarks=remarks)
