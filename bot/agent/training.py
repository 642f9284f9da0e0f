"""Train the model, as `rasa train` would."""

from __future__ import annotations

from pathlib import Path

from rasa.model_training import train

from bot.agent.rasa import NoModel


def train_model(root: Path, models: Path) -> Path:
    """Train from `root` into the folder `models`; returns the archive. Raises NoModel when training gives none."""
    result = train(str(root / "domain.yml"), str(root / "config.yml"), [str(root / "data")], output=str(models))
    if result.code != 0 or not result.model:
        raise NoModel(f"Training gave no model (code {result.code}). The lines above say why.")
    return Path(result.model)
