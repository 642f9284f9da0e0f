"""What is wrong with an account at Twilio, with its numbers, and with the address that messages are sent on to; a sentence each."""

from __future__ import annotations

from typing import Any, Awaitable, Callable

import httpx
import regex

from bot.channels.twilio_account import Account, Refused

NumberCheck = Callable[[Account, str, str], Awaitable[list[str]]]
"""Of an account, a number and the address of our webhook."""
SANDBOX = "+14155238886"
"""The number of the WhatsApp sandbox, which is the same for everybody and in nobody's account."""
NUMBER = regex.compile(r"\+[1-9]\d{6,14}")
SERVICE = regex.compile(r"MG[0-9a-f]{32}")


async def wrong(account: Account, number: str, webhook: str, number_wrong: NumberCheck) -> list[str]:
    """All of it."""
    found = [] if webhook.startswith("https://") else ["REFRAME_PUBLIC_URL has to begin with https://, or everything that people write travels openly."]
    if not regex.fullmatch(r"AC[0-9a-f]{32}", account.sid):
        return [*found, "REFRAME_TWILIO_ACCOUNT is no account SID: AC and 32 digits or letters a to f. The SID of an API key (SK…) does not do."]
    try:
        return [*found, *await _account_wrong(account), *await number_wrong(account, number, webhook)]
    except httpx.HTTPError:
        return [*found, "Twilio cannot be reached. Is the server allowed to call other servers, and is REFRAME_TWILIO_API right?"]
    except Refused as refused:
        return [*found, str(refused)]


async def text_number_wrong(account: Account, number: str, webhook: str) -> list[str]:
    """Of the number, short code or messaging service that texts come from."""
    if SERVICE.fullmatch(number):
        service = await account.look(f"{account.messaging}/v1/Services/{number}")
        return [] if service.get("use_inbound_webhook_on_number") else _elsewhere(service.get("inbound_request_url"), webhook)
    if NUMBER.fullmatch(number):
        found = await account.look(f"{account.address}/IncomingPhoneNumbers.json", PhoneNumber=number)
        return _goes(found["incoming_phone_numbers"], webhook)
    if regex.fullmatch(r"\d{5,6}", number):
        found = await account.look(f"{account.address}/SMS/ShortCodes.json", ShortCode=number)
        return _goes(found["short_codes"], webhook)
    return ["REFRAME_TWILIO_NUMBER has to be a number like +15005550006, a short code, or the SID of a messaging service (MG…)."]


async def sender_wrong(account: Account, number: str, webhook: str) -> list[str]:
    """Of the sender that WhatsApp messages come from. That of the sandbox cannot be looked at."""
    if number == SANDBOX:
        return []
    if not NUMBER.fullmatch(number):
        return ["REFRAME_TWILIO_WHATSAPP has to be a number like +15005550006."]
    said = await account.look(f"{account.messaging}/v2/Channels/Senders", Channel="whatsapp", PageSize="1000")
    sender = next((sender for sender in said["senders"] if sender.get("sender_id") == f"whatsapp:{number}"), None)
    if sender is None:
        return ["The number in REFRAME_TWILIO_WHATSAPP is no WhatsApp sender of this account. See Messaging, Senders, WhatsApp senders in the Twilio console."]
    offline = [] if str(sender.get("status")).startswith("ONLINE") else [f"WhatsApp has not let the sender go online (status {sender.get('status')})."]
    return [*offline, *_elsewhere((sender.get("webhook") or {}).get("callback_url"), webhook)]


async def _account_wrong(account: Account) -> list[str]:
    said = await account.look(f"{account.address}.json")
    if said.get("status") != "active":
        return [f"The account at Twilio is {said.get('status')}. Its console says why."]
    if said.get("type") == "Trial":
        return [
            "The account at Twilio is a trial: it writes only to numbers that were verified there, and adds words of its own. Upgrade it before people use it."
        ]
    return []


def _goes(numbers: list[dict[str, Any]], webhook: str) -> list[str]:
    """Of the numbers that were found: whether there is one, whether it takes texts, and where these go."""
    if not numbers:
        return ["The number in REFRAME_TWILIO_NUMBER does not belong to this account."]
    number = numbers[0]
    if not number.get("capabilities", {"sms": True}).get("sms"):
        return ["The number in REFRAME_TWILIO_NUMBER cannot send texts. Take another."]
    if number.get("sms_application_sid"):
        return [f"Texts to the number go to a TwiML app. Choose “Webhook” for it instead, with {webhook}."]
    return _elsewhere(number.get("sms_url"), webhook)


def _elsewhere(url: Any, webhook: str) -> list[str]:
    """A fragment holds only Twilio's own options of the connection."""
    return (
        [] if str(url or "").partition("#")[0] == webhook else [f"Messages are not sent on to us. Set the address for incoming messages to {webhook} (POST)."]
    )
