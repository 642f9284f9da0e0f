"""Messenger: the page's messages by Meta's webhooks, signed with the app's secret, and answers by its Send API."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Mapping, Optional

import httpx

from bot.channels.messaging import Heard, NotBelieved, Received, posted
from bot.channels.messenger_checking import Check
from bot.channels.messenger_reading import NAME, arrivals
from bot.channels.messenger_sending import LONGEST, content, laid_out, meaning
from bot.channels.speaking import parted
from bot.channels.webhooks import PREFIX
from bot.desk.courier import Part
from bot.store.messages import Reply

SIGNATURE = "x-hub-signature-256"


class Messenger:
    """A Facebook page that is written to."""

    name = NAME
    pace = "40/second"
    """Well below the 300 a second that Meta lets a page send; what counts by the hour grows with the people who write."""

    def __init__(self, settings: Mapping[str, Any], client: Optional[httpx.AsyncClient] = None) -> None:
        token, secret = settings["reframe_messenger_token"], settings["reframe_messenger_app_secret"]
        self.secret, self.word = secret.encode(), settings["reframe_messenger_verify"].encode()
        self.api = str(settings["reframe_messenger_api"]).rstrip("/")
        self.headers = {"Authorization": f"Bearer {token}"}
        self.proof = self._signed(token.encode())
        self.client = client or httpx.AsyncClient()

    def verify(self, request: Received) -> None:
        """Raises NotBelieved unless Meta signed the body, or repeats the word with which the address was registered.

        Meta signs no time. What is brought again is named as before, and so it is one message.
        """
        if request.method == "GET":
            shown, mine = request.query.get("hub.verify_token", "") if request.query.get("hub.mode") == "subscribe" else "", self.word
        else:
            shown, mine = request.headers.get(SIGNATURE, ""), f"sha256={self._signed(request.body)}".encode()
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), mine):
            raise NotBelieved

    def parse(self, request: Received) -> Heard:
        """The challenge goes back as it came. Raises Malformed for a body that is no JSON."""
        if request.method == "GET":
            return Heard(returned=request.query.get("hub.challenge", ""))
        return Heard(tuple(arrivals(request.json())))

    def parts(self, reply: Reply) -> list[Part]:
        """A reply in parts that Messenger takes."""
        return parted(reply, LONGEST, laid_out(reply))

    async def send(self, address: dict[str, str], part: Part) -> None:
        """Send one part, as an answer to what the person wrote within a day. Raises a SendError."""
        message = {"recipient": {"id": address["person"]}, "messaging_type": "RESPONSE", "message": content(part)}
        proof = {"appsecret_proof": self.proof}
        response = await posted(self.client, f"{self.api}/me/messages", json=message, params=proof, headers=self.headers)
        if not response.is_success:
            raise meaning(response)

    async def check(self, public_url: str) -> list[str]:
        """What is wrong: Meta is asked about token, secret and webhook, the public address about the word."""
        check = Check(self.client, self.api, self.headers, self.proof, self.secret.decode())
        return await check.problems(f"{public_url.rstrip('/')}{PREFIX}/{self.name}", self.word.decode())

    def _signed(self, message: bytes) -> str:
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()
