"""What a storm was, what was met in it, and each thing that must not have happened."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.bench.chaos.judging import violations
from bot.bench.chaos.writers import Writer
from bot.desk.standing import moment

STANDING = {"failed": "answers that something failed", "interrupted": "answers after a stop of the process", "away": "answers while the database was away"}


@dataclass(frozen=True)
class Storm:
    """How many conversations, how many at once, messages in each; the share of actions that fail; seconds of the lock; how often the process is killed."""

    conversations: int = 500
    at_once: int = 25
    messages: int = 6
    failing: float = 0.05
    locked: float = 10.0
    kills: int = 10


@dataclass(frozen=True)
class Report:
    """How often what was met, and a sentence for each violation, with the number of its conversation."""

    storm: Storm
    counts: dict[str, int]
    violations: list[str]

    def markdown(self) -> str:
        """As a page."""
        storm = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in asdict(self.storm).items())
        counts = [f"| {name} | {count:,} |" for name, count in self.counts.items()]
        wrong = [f"- {violation}" for violation in self.violations] or [
            "Nothing: each message kept once, answered once, in order, and danger always with help."
        ]
        table = ["| what | how often |\n|---|---|", *counts]
        return "\n".join([f"# Faults under load\n\nMade by `reframe bench chaos`: {storm}.\n", *table, "\n## What must not have happened\n", *wrong, ""])

    def write(self, folder: Path) -> None:
        """As chaos.json and chaos.md."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "chaos.json").write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        (folder / "chaos.md").write_text(self.markdown(), encoding="utf-8")


def judged(storm: Storm, writers: list[Writer], faults: Counter[str]) -> Report:
    """Look at everything that was kept and shown."""
    found = [f"conversation {n}: {violation}" for n, writer in enumerate(writers) for violation in violations(writer)]
    return Report(storm, {**_counts(writers), **faults}, found)


def _counts(writers: list[Writer]) -> dict[str, int]:
    sent = [message for writer in writers for message in writer.sent]
    kept = [row["text"] for writer in writers for row in writer.kept if row["from"] == "bot"]
    standing = {title: sum(text.startswith(moment(name)[:40]) for text in kept) for name, title in STANDING.items()}
    return {
        "conversations": len(writers),
        "people who left": sum(writer.left for writer in writers),
        "messages": len(sent),
        "messages in danger": sum(message.danger for message in sent),
        "messages that had to be sent again": sum(message.attempts > 1 for message in sent),
        **standing,
    }
