"""The commands that look after what is kept. Heavy imports wait inside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Optional

import typer
from rich.console import Console

from bot.preparing import prepared

keys_app = typer.Typer(no_args_is_help=True, help="Look after the keys that seal what people write.")
retention_app = typer.Typer(no_args_is_help=True, help="Look after how long things are kept.")
research_app = typer.Typer(no_args_is_help=True, help="What researchers may get.")
told = Console(stderr=True, highlight=False)


@keys_app.command("seal")
def keys_seal() -> None:
    """Seal what is still kept in plain, as every start does once; prints how many values that were."""
    from bot.store.resealing import seal_plain
    from bot.wiring import build_store

    print(seal_plain(build_store(prepared()).database))


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Seal everything with a new key and take the old one away; a server may run meanwhile. Stopped, it is gone on with when called again."""
    from bot.store.resealing import rotate
    from bot.store.sealed import SEALED
    from bot.wiring import build_store, waiting_keys

    settings = prepared()
    told.print("Sealing everything anew …")
    staying = rotate(build_store(settings).database, SEALED, lambda: waiting_keys(settings))
    if staying:
        told.print(f"Messages that wait in the spool or the inbox are sealed with {', '.join(staying)}, which stays. Call this again when they are answered.")
        raise typer.Exit(1)
    told.print("Done. Copy the key file to where its copies are kept, apart from the backups of the database.")


@keys_app.command("check")
def keys_check() -> None:
    """Open everything that is sealed and count it by key. What does not open, or is in plain, is an error."""
    from bot.store.resealing import inventory
    from bot.wiring import build_store

    counts = inventory(build_store(prepared()).database)
    for name, count in sorted(counts.items()):
        print(f"{name} {count}")
    raise typer.Exit(1 if counts["plain"] else 0)


@retention_app.command("run")
def retention_run(dry_run: bool = typer.Option(False, "--dry-run", help="Only count what is older than its period.")) -> None:
    """Erase what is older than its period, as a running server does every day; prints how many of each kind."""
    from bot.wiring import build_retention, build_store

    settings = prepared()
    retention = build_retention(settings, build_store(settings).database)
    for kind, count in (retention.due() if dry_run else retention.run()).items():
        print(f"{kind} {count}")


@retention_app.command("erasures")
def retention_erasures() -> None:
    """Print what was erased (hash, reason, moment), for `reframe restore --erasures`; keep it apart from the backups."""
    from bot.store.erasures import tombstones
    from bot.wiring import build_store

    for name, reason, at in tombstones(build_store(prepared()).database):
        print(name, reason, at.isoformat())


@research_app.command("export")
def research_export(folder: Path = typer.Argument(..., help="A new folder."), k: int = typer.Option(5, help="How many have to look alike at least.")) -> None:
    """Export the conversations of those who agreed to research, redacted, with a manifest, and only where enough of them look alike."""
    from bot.store.research import export
    from bot.wiring import build_store, redactor

    settings = prepared()
    print(json.dumps(export(build_store(settings).database, folder, redactor(), k), indent=1))


def settings_write() -> None:
    """Write docs/settings.md and .env.example from the settings that the program reads."""
    from bot.settings_page import write

    for path in write():
        print(path)


def backup_write(file: Path = typer.Argument(..., help="The file to write; it is replaced if it is there.")) -> None:
    """Write everything in the database to an encrypted file, also beside a running server. The key file is not in it: keep a copy of that elsewhere."""
    from bot.store.backup import backup
    from bot.wiring import build_store

    for table, count in backup(build_store(prepared()).database, file).items():
        print(f"{table} {count}")


def backup_restore(
    file: Path = typer.Argument(..., help="A file that `reframe backup` wrote."),
    erasures: Optional[Path] = typer.Option(None, help="What `reframe retention erasures` printed after the backup was made, if it was kept elsewhere."),
) -> None:
    """Put a backup in place of what is in the database; stop the server first. What was erased since is erased again."""
    from bot.wiring import restored

    told.print(f"Restored. Conversations that had been erased since, and are again: {restored(prepared(), file, erasures)}.")
