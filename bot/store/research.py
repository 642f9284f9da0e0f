"""An export for research: only of those who agreed to it, redacted, without ids, and only where enough people look alike.

k-anonymity (Samarati and Sweeney, 1998) over what could tell a person: country, channel and month. What fewer than k share is left out.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Optional

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import ReframeError
from bot.store.database import Database
from bot.store.messages import Stored, stored_of
from bot.store.sealed import RISK
from bot.store.tables import Consent, Conversation, Message

QUASI = ("country", "channel", "month")
Redact = Callable[[str], str]


class NoExport(ReframeError):
    """An export that would not be safe, or has no place to go."""


def export(database: Database, folder: Path, redact: Optional[Redact], k: int = 5) -> dict[str, Any]:
    """Write `conversations.jsonl` and `manifest.json` into a new folder; returns the manifest.

    `redact` takes out what may tell a person. Raises NoExport without it, for k below 2, and when the folder is there already.
    """
    if redact is None:
        raise NoExport("There is no redactor, so nothing is exported: what people write tells who they are.")
    if k < 2 or folder.exists():
        raise NoExport(f"Give a k of at least 2, and a folder that does not exist yet (k is {k}, the folder {folder}).")
    rows = _rows(database, redact)
    alike = Counter(_quasi(row) for row in rows)
    kept = sorted((row for row in rows if alike[_quasi(row)] >= k), key=lambda row: str(row["id"]))
    return _written(folder, kept, {"k": k, "quasi_identifiers": QUASI, "conversations": len(kept), "left_out": len(rows) - len(kept)})


def _rows(database: Database, redact: Redact) -> list[dict[str, Any]]:
    last = select(func.max(Consent.id)).where(Consent.purpose == "research").group_by(Consent.conversation_id)
    agreed = select(Conversation).join(Consent, Consent.conversation_id == Conversation.id).where(Consent.id.in_(last), Consent.answer == "agreed")
    with database.unit() as session:
        return [_row(session, conversation, redact) for conversation in session.execute(agreed).scalars()]


def _row(session: Session, conversation: Conversation, redact: Redact) -> dict[str, Any]:
    """A conversation under a name of this export only. Of times only the month is left."""
    messages = session.execute(select(Message).filter_by(conversation_id=conversation.id).order_by(Message.number)).scalars()
    country = (RISK.get(conversation) or {}).get("country")
    shown = {"country": country, "channel": conversation.channel, "month": conversation.created_at.strftime("%Y-%m")}
    return {"id": secrets.token_hex(8), **shown, "messages": [_message(stored_of(m), m.tier, redact) for m in messages]}


def _message(message: Stored, tier: Optional[str], redact: Redact) -> dict[str, Any]:
    return {"from": message.author, "tier": tier, "text": redact(message.text)}  # the program, too, repeats what a person wrote


def _quasi(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in QUASI)


def _written(folder: Path, rows: list[dict[str, Any]], about: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir(parents=True, mode=0o700)
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    manifest = {**about, "files": {"conversations.jsonl": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}}}
    (folder / "conversations.jsonl").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest
