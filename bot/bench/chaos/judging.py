"""Whether anything was lost, doubled, out of order, or danger left without help."""

from __future__ import annotations

from typing import Any, Iterator

from bot.bench.chaos.writers import Sent, Writer

Row = dict[str, Any]


def violations(writer: Writer) -> list[str]:
    """One sentence for each thing that must not happen and did, in one conversation."""
    return [*_kept(writer), *_shown(writer), *_order(writer)]


def _kept(writer: Writer) -> Iterator[str]:
    """Every message once, with one answer, and help where there was danger."""
    for message in writer.sent:
        rows = [row for row in writer.kept if row["client_id"] == message.client_id and row["from"] == "person"]
        if len(rows) > 1 or (message.shown and not rows):
            yield f"{message.client_id}: kept {len(rows)} times"
        for row in rows:
            yield from _answers(message, [reply for reply in writer.kept if reply["answers"] == row["number"]])


def _answers(message: Sent, replies: list[Row]) -> Iterator[str]:
    """An answer is written in one piece, so its parts follow each other; most have one part."""
    numbers = [reply["number"] for reply in replies]
    if not replies:
        yield f"{message.client_id}: no answer is kept"
    elif numbers != list(range(numbers[0], numbers[0] + len(numbers))) or len({reply["text"] for reply in replies}) < len(replies):
        yield f"{message.client_id}: answered more than once ({len(replies)} parts)"
    if message.danger and not any(reply["care"] for reply in replies):
        yield f"{message.client_id}: danger, and the answer that is kept is no help"


def _shown(writer: Writer) -> Iterator[str]:
    """Whoever stayed saw an answer at once, and help where there was danger; whoever left saw what came before."""
    if writer.stays and not (len(writer.sent) == len(writer.texts) and all(message.shown for message in writer.sent)):
        yield f"{sum(bool(m.shown) for m in writer.sent)} of {len(writer.texts)} messages were answered at once"
    yield from (f"{message.client_id}: refused with {message.refused}" for message in writer.sent if message.refused)
    for message in writer.sent:
        if message.shown and message.danger and not any(reply["care"] for reply in message.shown):
            yield f"{message.client_id}: danger, and the answer that was shown is no help"


def _order(writer: Writer) -> Iterator[str]:
    """Messages in the order in which they were sent, each answer after its message, answers in the order of the messages."""
    numbers = {row["client_id"]: row["number"] for row in writer.kept if row["from"] == "person"}
    own = [numbers[message.client_id] for message in writer.sent if message.client_id in numbers]
    if own != sorted(own):
        yield "messages are out of order"
    answers = [(row["answers"], row["number"]) for row in writer.kept if row["answers"] is not None]
    if any(number < of for of, number in answers):
        yield "an answer stands before its message"
    if [of for of, _ in answers] != sorted(of for of, _ in answers):
        yield "answers are out of order"
