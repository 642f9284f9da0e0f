"""The reference: what `rasa init` gives, trained on our domain and data, behind Rasa's own REST channel and action server."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.bench.processes import Program, free_port
from bot.settings import ROOT


@dataclass(frozen=True)
class ReferenceTalk:
    """A conversation over Rasa's REST channel."""

    http: httpx.AsyncClient
    url: str
    sender: str

    async def say(self, text: str) -> tuple[str, ...]:
        """What is answered. Raises httpx.HTTPError when nothing comes."""
        response = await self.http.post(f"{self.url}/webhooks/rest/webhook", json={"sender": self.sender, "message": text})
        response.raise_for_status()
        return tuple(m["text"] for m in response.json() if m.get("text"))


@dataclass(frozen=True)
class Trained:
    """The reference's project with its model, and how long training took."""

    folder: Path
    seconds: float


def train(folder: Path, epochs: int | None) -> Trained:
    """Train in `folder`. `epochs` other than None replaces the default's 100. What it does not recognise it answers without an action, and so quicker.

    Raises NotStarted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yml").write_text(yaml.safe_dump(configured(epochs), sort_keys=False), encoding="utf-8")
    for name in ("nlu", "rules"):
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / name).symlink_to(ROOT / "data" / name)
    (folder / "domain.yml").symlink_to(ROOT / "domain.yml")
    return Trained(folder, Program(("rasa", "train"), folder, folder / "training.log", {"RASA_CACHE_DIRECTORY": str(folder / "cache")}).wait())


def configured(epochs: int | None) -> dict[str, Any]:
    """The recipe's default, which is what the empty pipeline of `rasa init` is filled with."""
    default = files("rasa.engine.recipes") / "config_files" / "default_config.yml"
    config: dict[str, Any] = yaml.safe_load(default.read_text(encoding="utf-8"))
    for part in (*config["pipeline"], *config["policies"]):
        if epochs is not None and "epochs" in part:
            part["epochs"] = epochs
    return config


class Reference:
    """`rasa run` with `rasa run actions`. `seconds` is how long it took from the start of both until both answered."""

    name = "reference"

    def __init__(self, trained: Trained) -> None:
        """Raises NotStarted."""
        actions, server = free_port(), free_port()
        self.url, folder = f"http://127.0.0.1:{server}", trained.folder
        (folder / f"{server}.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n", encoding="utf-8")
        (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
        ours = {"PYTHONPATH": str(ROOT)}  # the actions are ours
        self.actions = Program(("rasa", "run", "actions", "--port", str(actions)), folder, folder / "actions.log", ours)
        words = ("rasa", "run", "--interface", "127.0.0.1", "--port", str(server), "--endpoints", f"{server}.yml", "--credentials", "credentials.yml")
        self.server = Program(words, folder, folder / "server.log", ours)
        self.seconds = max(self.actions.until(f"http://127.0.0.1:{actions}/health"), self.server.until(f"{self.url}/"))
        self._talks = 0

    async def begin(self, http: httpx.AsyncClient) -> ReferenceTalk:
        """A new conversation."""
        self._talks += 1
        return ReferenceTalk(http, self.url, f"bench-{self._talks}")

    def stop(self) -> None:
        """Both programs."""
        self.server.stop()
        self.actions.stop()

    def megabytes(self) -> float:
        """The memory of both programs."""
        return self.server.megabytes() + self.actions.megabytes()
