"""Texts (SMS) and WhatsApp by Twilio: one way of verifying, reading and sending, and two ways of writing for what a phone shows."""

from __future__ import annotations

import logging
import time
from typing import Any, Callable, Mapping, Optional, Union

import httpx
import regex
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bot.channels import gsm
from bot.channels.messaging import Heard, NotBelieved, Received
from bot.channels.speaking import said
from bot.channels.splitting import Length, split, utf16
from bot.channels.twilio_account import Account
from bot.channels.twilio_check import NumberCheck, sender_wrong, text_number_wrong, wrong
from bot.channels.twilio_errors import WINDOW, problem
from bot.channels.twilio_inbound import INBOUND, WHATSAPP, arrival, fields, is_json, status
from bot.channels.webhooks import PREFIX
from bot.desk.courier import Part, Undeliverable
from bot.store.messages import CARE, Reply

log = logging.getLogger(__name__)
NOTHING = str(MessagingResponse())
"""The answer to a webhook: an empty TwiML document, so that Twilio sends nothing by itself."""
LONGEST = 1600
"""Letters of one message; also on WhatsApp, which by itself would take 4,096 (https://www.twilio.com/docs/api/errors/21617)."""
HOW_TO_CHOOSE = "Answer with a number, or in your own words."
WINDOW_SECONDS = 24 * 60 * 60
"""How long after a message WhatsApp lets us answer (https://www.twilio.com/docs/api/errors/63016)."""
INLINE = regex.compile(r"(https?://\S+|\bwww\.\S+)|(?<![\p{L}\p{N}])([*_~`])(?=\S)")
LINE = regex.compile(r"^(?=(?:[>*-]|\d+\.) )", regex.MULTILINE)
HAIR_SPACE, WORD_JOINER = "\u200a", "\u2060"


class Twilio:
    """What both channels share. `number` is only checked: answers come from the number that was written to."""

    name: str
    pace: str
    longest = LONGEST
    length: Length
    shown: Callable[[str], str]
    """The text as it has to be sent so that it is seen as it is."""
    number_wrong: NumberCheck

    def __init__(self, settings: Mapping[str, Any], number: str, client: Optional[httpx.AsyncClient] = None, clock: Callable[[], float] = time.time) -> None:
        sid, token, api = (settings[f"reframe_twilio_{key}"] for key in ("account", "token", "api"))
        self.account, self.number, self.clock = Account(sid, token, api, client or httpx.AsyncClient()), number, clock
        self.reports_to = self._webhook(settings["reframe_public_url"])
        self._validator = RequestValidator(token)

    def verify(self, request: Received) -> None:
        """By Twilio's own validator. Twilio signs no time: what is brought again is the same message by its MessageSid."""
        if not self._validator.validate(request.url, _signed(request), request.headers.get("x-twilio-signature", "")):
            raise NotBelieved

    def parse(self, request: Received) -> Heard:
        """One message, or news of one of ours, of which only a failure is logged."""
        form = fields(request)
        if (became := status(form)) not in INBOUND:
            self._hear(became, form.get("ErrorCode", ""))
            return Heard((), NOTHING, "application/xml")
        heard = arrival(self.name, form, self.clock())
        return Heard((heard,) if heard else (), NOTHING, "application/xml")

    def parts(self, reply: Reply) -> list[Part]:
        """Choices are numbered; the reception knows a number by the choice."""
        pieces = split(self.shown(said(reply)), self.longest, self.length, care=reply.author in CARE)
        if reply.buttons:
            choices = [f"{number} {button['title']}" for number, button in enumerate(reply.buttons, 1)]
            last = "\n\n".join([*pieces[-1:], self.shown("\n".join([*choices, HOW_TO_CHOOSE]))])
            pieces = [*pieces[:-1], *split(last, self.longest, self.length)]
        return [Part(piece) for piece in pieces]

    async def send(self, address: dict[str, str], part: Part) -> None:
        """From the number, and by the service, that the person wrote to."""
        if address["to"].startswith(WHATSAPP) and self.clock() - float(address["at"]) > WINDOW_SECONDS:
            raise Undeliverable(problem(WINDOW))  # Twilio would take it, and tell of the failure when it is too late for a dead letter
        message = {"To": address["to"], "From": address["from"], "Body": part.text, "StatusCallback": self.reports_to}
        await self.account.send({**message, **({"MessagingServiceSid": address["service"]} if "service" in address else {})})

    async def check(self, public_url: str) -> list[str]:
        """What is wrong with the settings, the account, the number and the address that messages are sent on to."""
        return await wrong(self.account, self.number, self._webhook(public_url), self.number_wrong)

    def _webhook(self, public_url: str) -> str:
        return f"{public_url.rstrip('/')}{PREFIX}/{self.name}"

    def _hear(self, became: str, code: str) -> None:
        if became in ("failed", "undelivered"):
            log.warning("a message of ours on %s is %s: %s", self.name, became, problem(int(code) if code.isdecimal() else 0))


class Sms(Twilio):
    """Texts. They have no markup. They may overtake each other on their way, so those that belong together are counted."""

    name = "sms"
    pace = "10/second"
    """Twilio keeps what a number may not send yet, so this only spares its interface (https://www.twilio.com/docs/api/errors/21611)."""
    longest = LONGEST - len("(99/99) ")
    length, shown = staticmethod(gsm.length), staticmethod(gsm.plain)
    number_wrong = staticmethod(text_number_wrong)

    def __init__(self, settings: Mapping[str, Any], **more: Any) -> None:
        super().__init__(settings, settings["reframe_twilio_number"], **more)

    def parts(self, reply: Reply) -> list[Part]:
        """As everywhere, each with its place where there are several."""
        parts = super().parts(reply)
        return parts if len(parts) < 2 else [Part(f"({number}/{len(parts)}) {part.text}") for number, part in enumerate(parts, 1)]


def literally(text: str) -> str:
    """The text with WhatsApp's markup undone, unseen, as there is no way to switch it off.

    A sign of bold, italic, struck or code begins nothing with a space after it (a hair space here), and one of a list or quote
    nothing within a line (here after a word joiner).
    """
    undone = INLINE.sub(lambda found: found[1] or found[2] + HAIR_SPACE, text)
    return str(LINE.sub(WORD_JOINER, undone))


class WhatsApp(Twilio):
    """WhatsApp."""

    name = "whatsapp"
    pace = "80/second"
    """Of one sender (https://www.twilio.com/docs/whatsapp/best-practices-and-faqs)."""
    length, shown = staticmethod(utf16), staticmethod(literally)
    number_wrong = staticmethod(sender_wrong)

    def __init__(self, settings: Mapping[str, Any], **more: Any) -> None:
        super().__init__(settings, settings["reframe_twilio_whatsapp"].removeprefix(WHATSAPP), **more)


def _signed(request: Received) -> Union[dict[str, str], str]:
    """What is signed besides the address: nothing of a GET, the fields of a form, and of JSON its body, whose hash then has to be in the address."""
    if request.method == "GET":
        return {}
    if not is_json(request):
        return fields(request)
    if "bodySHA256" not in request.query:
        raise NotBelieved
    return request.body.decode("utf-8", "replace")
