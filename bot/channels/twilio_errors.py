"""Twilio's error codes in words for supervisors, and what each means for sending (https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

from typing import Any

import httpx

from bot.desk.courier import TryLater, Undeliverable, Unreachable

WINDOW = 63016
STOPPED = "The person has stopped messages with Twilio. Only they can begin again, by writing START."
ACCOUNT = "Twilio does not accept the account or its token. See which with `reframe channel check`."
NOT_OURS = "The number that was to send does not belong to the account, or cannot send there. See `reframe channel check`."
NO_PHONE = "There is no phone that takes messages under the person's number."
QUEUE = "Twilio has more messages waiting than it takes."
REGISTRATION = "The carrier wants the number to be registered before it delivers (docs/channels/sms.md)."
PROBLEMS = {
    10001: ACCOUNT,
    20003: ACCOUNT,
    20005: ACCOUNT,
    20429: QUEUE,
    14107: QUEUE,
    21211: NO_PHONE,
    21408: "The account may not write to the person's country. Allow it in the Twilio console under Messaging, Geo permissions.",
    21606: NOT_OURS,
    21608: "The account is a trial and writes only to numbers that were verified. Upgrade it.",
    21610: STOPPED,
    21611: QUEUE,
    21612: "No route leads from our number to the person's.",
    21614: NO_PHONE,
    21617: "The message is longer than Twilio takes.",
    21635: NO_PHONE,
    21659: NOT_OURS,
    21660: NOT_OURS,
    30001: QUEUE,
    30003: "The person's phone is off or out of reach.",
    30004: "The person's phone or carrier blocks our messages.",
    30005: NO_PHONE,
    30006: NO_PHONE,
    30007: "A carrier took the message for spam.",
    30032: REGISTRATION,
    30034: REGISTRATION,
    63003: NO_PHONE,
    63007: NOT_OURS,
    63014: "The person has blocked us.",
    63015: "The person has not joined the sandbox. They have to send its join words first.",
    WINDOW: "More than 24 hours have passed since the person wrote; WhatsApp lets us answer again when they write.",
    63017: QUEUE,
    63018: QUEUE,
    63024: "WhatsApp does not know the person's number.",
    63038: "The account has sent as many messages as it may on one day.",
    90010: ACCOUNT,
}
UNREACHABLE = frozenset({21610, 63014})
LATER = frozenset({10001, 14107, 20003, 20005, 20429, 21611, 30001, 63017, 63018, 63038, 90010})
"""What passes, or what an operator can put right within the half hour of the courier's attempts."""


def problem(code: int) -> str:
    """What a code means, with the code itself."""
    return f"{PROBLEMS.get(code, 'Twilio refuses it.')} (Twilio's error {code})"


def judge(response: httpx.Response) -> None:
    """Nothing when Twilio has taken the message. Raises the SendError that its error code calls for."""
    code = _code(response)
    if response.is_success and not code:
        return
    if code in UNREACHABLE:
        raise Unreachable(problem(code))
    if code in LATER or response.status_code == httpx.codes.UNAUTHORIZED:
        raise TryLater(problem(code))
    raise Undeliverable(problem(code) if code else f"Twilio refuses it with status {response.status_code} and names no error.")


def _code(response: httpx.Response) -> int:
    """The code of an error, or of a message that failed at once; 0 for none."""
    try:
        said: Any = response.json()
    except ValueError:
        return 0
    code = said.get("error_code" if response.is_success else "code") if isinstance(said, dict) else None
    return code if isinstance(code, int) else 0
