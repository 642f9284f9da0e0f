"""In place of Twilio's interface: checks what it is sent against the published limits, and refuses what the real one would, with its error bodies.

By https://www.twilio.com/docs/messaging/api/message-resource and https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import parse_qs, urlsplit

import httpx

API, MESSAGING = "https://api.twilio.com", "https://messaging.twilio.com"
OURS, PERSON = "+15005550006", "+447700900123"
PUBLIC = "https://chat.example.org"
MESSAGE_LIMIT = 1600


def sid(kind: str) -> str:
    """A new name as Twilio gives them."""
    return kind + secrets.token_hex(16)


@dataclass
class StandIn:
    """One account with one number and one WhatsApp sender; what differs from a good configuration is set in its fields."""

    account: str = field(default_factory=lambda: sid("AC"))
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    service: str = field(default_factory=lambda: sid("MG"))
    sent: list[dict[str, str]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    trouble: list[httpx.Response | Exception] = field(default_factory=list)
    account_said: dict[str, Any] = field(default_factory=lambda: {"status": "active", "type": "Full"})
    number_said: dict[str, Any] = field(default_factory=dict)
    service_said: dict[str, Any] = field(default_factory=dict)
    sender_said: dict[str, Any] = field(default_factory=dict)

    def settings(self, **other: str) -> dict[str, Any]:
        """Those of an installation that is configured well."""
        return {
            "reframe_twilio_account": self.account,
            "reframe_twilio_token": self.token,
            "reframe_twilio_number": OURS,
            "reframe_twilio_whatsapp": OURS,
            "reframe_twilio_api": API,
            "reframe_public_url": PUBLIC,
            **other,
        }

    def client(self) -> httpx.AsyncClient:
        """A client that reaches this instead of Twilio."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        if request.headers.get("authorization") != httpx.BasicAuth(self.account, self.token)._auth_header:
            return refusal(401, 20003, "Authenticate")
        return self._created(request) if request.method == "POST" else self._shown(request.url)

    def _created(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) != f"{API}/2010-04-01/Accounts/{self.account}/Messages.json":
            return refusal(404, 20404, "The requested resource was not found")
        message = {name: values[0] for name, values in parse_qs(request.content.decode(), keep_blank_values=True).items()}
        if code := self._wrong(message):
            return refusal(400, code, "Refused")
        self.sent.append(message)
        return httpx.Response(201, json={"sid": sid("SM"), "status": "queued", "error_code": None, "error_message": None})

    def _wrong(self, message: dict[str, str]) -> int:
        """The code of the first thing that is wrong with a new message, or 0."""
        to, sender, body, report = (message.get(name, "") for name in ("To", "From", "Body", "StatusCallback"))
        whatsapp = to.startswith("whatsapp:")
        rules = {
            21604: bool(to),
            21211: bool(re.fullmatch(r"\+[1-9]\d{6,14}|whatsapp:(\+[1-9]\d{6,14}|[A-Z]{2}\.\w{1,128})", to)),
            21603: bool(sender or message.get("MessagingServiceSid")),
            63007: not whatsapp or sender == f"whatsapp:{OURS}",
            21659: whatsapp or sender == OURS,
            21701: message.get("MessagingServiceSid", self.service) == self.service,
            21602: bool(body.strip()),
            21617: len(body.encode("utf-16-le")) // 2 <= MESSAGE_LIMIT,
            21609: bool(urlsplit(report).hostname) and "_" not in str(urlsplit(report).hostname),
            21610: to not in self.stopped,
        }
        return next((code for code, kept in rules.items() if not kept), 0)

    def _shown(self, url: httpx.URL) -> httpx.Response:
        number = {"phone_number": OURS, "capabilities": {"sms": True}, "sms_application_sid": "", "sms_url": f"{PUBLIC}/webhooks/sms", **self.number_said}
        service = {"sid": self.service, "use_inbound_webhook_on_number": False, "inbound_request_url": f"{PUBLIC}/webhooks/sms", **self.service_said}
        sender = {"sender_id": f"whatsapp:{OURS}", "status": "ONLINE", "webhook": {"callback_url": f"{PUBLIC}/webhooks/whatsapp"}, **self.sender_said}
        known = {
            f"{API}/2010-04-01/Accounts/{self.account}.json": {"sid": self.account, **self.account_said},
            f"{API}/2010-04-01/Accounts/{self.account}/IncomingPhoneNumbers.json": {
                "incoming_phone_numbers": [number] if url.params.get("PhoneNumber") == number["phone_number"] else []
            },
            f"{API}/2010-04-01/Accounts/{self.account}/SMS/ShortCodes.json": {"short_codes": [{"short_code": "12345", "sms_url": number["sms_url"]}]},
            f"{MESSAGING}/v1/Services/{self.service}": service,
            f"{MESSAGING}/v2/Channels/Senders": {"senders": [sender] if url.params.get("Channel") == "whatsapp" else []},
        }
        found: Optional[dict[str, Any]] = known.get(str(url.copy_with(query=None)))
        return httpx.Response(200, json=found) if found else refusal(404, 20404, "The requested resource was not found")


def refusal(status: int, code: int, message: str, **headers: str) -> httpx.Response:
    """An error as Twilio words it."""
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return httpx.Response(status, json=body, headers=headers)


def text_form(body: str = "hello", **more: str) -> dict[str, str]:
    """What Twilio posts for a text, by its documentation."""
    name = more.get("MessageSid") or sid("SM")
    same = {"MessageSid": name, "SmsSid": name, "SmsMessageSid": name, "AccountSid": sid("AC"), "ApiVersion": "2010-04-01"}
    where = {"FromCountry": "GB", "FromCity": "", "ToCountry": "US", "ToCity": "", "From": PERSON, "To": OURS}
    return {**same, **where, "Body": body, "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", **more}


def whatsapp_form(body: str = "hello", **more: str) -> dict[str, str]:
    """What Twilio posts for a message of WhatsApp."""
    sender = {"From": f"whatsapp:{PERSON}", "To": f"whatsapp:{OURS}", "WaId": PERSON[1:], "ProfileName": "A", "ExternalUserId": "whatsapp:GB.4566546130240823"}
    return {**text_form(body), **sender, "MessageType": "text", "Forwarded": "false", "ChannelMetadata": "{}", **more}
