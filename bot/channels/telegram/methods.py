"""Telegram's methods for one bot, and what their refusals mean (core.telegram.org/bots/api#making-requests; the words are those of its open server)."""

from __future__ import annotations

from typing import Any, Optional

import httpx
from pydantic import BaseModel, ValidationError

from bot.channels.messaging import patience, posted
from bot.desk.courier import SendError, TryLater, Uncertain, Undeliverable, Unreachable

GONE = (
    *("chat not found", "user not found", "peer_id_invalid", "chat_write_forbidden", "chat_restricted", "chat_send_plain_forbidden"),
    *("have no rights to send", "not enough rights to send", "need administrator rights", "user_is_blocked", "user is deactivated"),
)
"""Parts of refusals with status 400 after which nothing will reach this chat. Each with status 403 says so."""
THREAD_GONE = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")


class NotThere(Undeliverable):
    """The thread is gone, or the group has become a supergroup with another number, which is `chat`."""

    def __init__(self, problem: str, chat: Optional[int]) -> None:
        super().__init__(problem)
        self.chat = chat


class Parameters(BaseModel):
    """What may help after a refusal."""

    migrate_to_chat_id: Optional[int] = None
    retry_after: Optional[float] = None


class Answer(BaseModel):
    """What each method gives back."""

    ok: bool = False
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()


class Methods:
    """The interface for bots, called with one bot's token."""

    def __init__(self, token: str, api: str, client: httpx.AsyncClient) -> None:
        self.client = client
        self._address = f"{api.rstrip('/')}/bot{token}"

    async def call(self, method: str, **given: Any) -> Any:
        """The result of a method. Raises a SendError by what Telegram says is wrong."""
        response = await posted(self.client, f"{self._address}/{method}", _seconds, json=given)
        answer = _read(response)
        if response.is_success and answer and answer.ok:
            return answer.result
        answer = answer or Answer()
        raise _refusal(answer.error_code or response.status_code, answer)


def _seconds(response: httpx.Response) -> float:
    answer = _read(response)
    return (answer.parameters.retry_after if answer else None) or patience(response)


def _read(response: httpx.Response) -> Optional[Answer]:
    try:
        return Answer.parse_raw(response.content)
    except ValidationError:
        return None


def _refusal(status: int, answer: Answer) -> SendError:
    said = answer.description.lower()
    if status < 300:
        return Uncertain("Telegram's answer cannot be read; the message may have arrived.")
    if status in (401, 404) or status < 400:  # nobody's message is at fault, so it waits until the setting is mended
        return TryLater("Telegram does not accept the bot's token. Set REFRAME_TELEGRAM_TOKEN anew, as @BotFather gives it, and start again.")
    if answer.parameters.migrate_to_chat_id or any(sign in said for sign in THREAD_GONE):
        return NotThere("The group or its thread is not there any more.", answer.parameters.migrate_to_chat_id)
    if status == 403 or any(sign in said for sign in GONE):
        return Unreachable("This chat cannot be written to: the person blocked the bot or is gone, or the room sent it away.")
    return Undeliverable(f"Telegram refuses the request ({status}): {_unquoted(answer.description)}.")


def _unquoted(description: str) -> str:
    """Without what it quotes, which may be what somebody wrote."""
    return description.split('"', maxsplit=1)[0].strip(" :.")[:150] or "no reason given"
