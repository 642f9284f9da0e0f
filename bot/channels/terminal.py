"""The conversation in a terminal or through a pipe."""

from __future__ import annotations

import sys
from typing import Optional

from rich.console import Console
from rich.padding import Padding

from bot.desk.desk import Desk
from bot.store.messages import Inbound, Stored

LEAVE = {"/quit", "/exit"}


async def converse(desk: Desk, conversation_id: Optional[str]) -> None:
    """Read until the end of the input or /quit; a number chooses a button that was offered."""
    console = Console()
    people = sys.stdin.isatty()
    said: list[Stored] = []
    if conversation_id is None:
        new, said = await desk.open("terminal")
        conversation_id = new.id
    if desk.gate and not people:  # nobody can be asked through a pipe: whoever feeds it answers for what is in it
        await desk.gate.record(conversation_id, "agreed", "pipe")
    if people:
        console.print(f"[dim]/quit leaves; go on later with --conversation {conversation_id}[/dim]")
        _show(console, said)
    while (line := _read(console, people)) is not None:
        said = await desk.receive(conversation_id, _chosen(line, said))
        if people:
            _show(console, said)
        else:
            for message in said:
                print(" ".join(message.text.split()), flush=True)


def _read(console: Console, people: bool) -> Optional[str]:
    if people:
        try:
            line = console.input("[bold]you> [/bold]")
        except (EOFError, KeyboardInterrupt):
            return None
    else:
        raw = sys.stdin.buffer.readline()
        if not raw:
            return None
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
    return None if line.strip().lower() in LEAVE else line


def _chosen(line: str, said: list[Stored]) -> Inbound:
    """The button of that number among the last replies, else the text itself."""
    buttons = [b for message in said for b in message.buttons]
    if line.strip().isdigit() and 0 < int(line) <= len(buttons):
        button = buttons[int(line) - 1]
        return Inbound(button["title"], payload=button["payload"])
    return Inbound(line)


def _show(console: Console, said: list[Stored]) -> None:
    number = 0
    for message in said:
        console.print(Padding(message.text, (1, 4, 0, 4)), markup=False, style="cyan")
        for button in message.buttons:
            number += 1
            console.print(f"      {number}. {button['title']}", markup=False, style="cyan")
    console.print()
