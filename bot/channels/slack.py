"""Slack: its Events API, interactivity and slash commands at one address, by the bot token of one workspace."""

from __future__ import annotations

import json
import time
from typing import Any, Mapping, Optional
from urllib.parse import parse_qs

import httpx
from slack_sdk.signature import SignatureVerifier

from bot.channels.messaging import Heard, Malformed, NotBelieved, Received, posted
from bot.channels.payloads import text_of
from bot.channels.slack_reading import NAME, command, event, interaction
from bot.channels.slack_sending import LONGEST, NO_THREAD, content, meaning, problem
from bot.channels.speaking import parted
from bot.channels.webhooks import PREFIX
from bot.desk.courier import Part, SendError
from bot.store.messages import Reply

SCOPES = ("chat:write", "im:history")
"""What the token has to be granted: to answer, and to be told of direct messages."""


class Slack:
    """The app in its workspace."""

    name = NAME
    pace = "200/minute"
    """Slack takes several hundred messages a minute in a workspace (https://docs.slack.dev/apis/web-api/rate-limits)."""

    def __init__(self, settings: Mapping[str, Any], client: Optional[httpx.AsyncClient] = None) -> None:
        self.signatures = SignatureVerifier(settings["reframe_slack_signing_secret"])
        self.api = str(settings["reframe_slack_api"]).rstrip("/")
        self.headers = {"Authorization": f"Bearer {settings['reframe_slack_token']}"}
        self.client = client or httpx.AsyncClient()

    def verify(self, request: Received) -> None:
        """Raises NotBelieved unless Slack signed the request within the last five minutes."""
        try:
            believed = self.signatures.is_valid_request(request.body, dict(request.headers))
        except (ValueError, TypeError):  # a time that is no number, a body or a signature that is no text
            believed = False
        if not believed:
            raise NotBelieved

    def parse(self, request: Received) -> Heard:
        """Events come as JSON, what is pressed and commanded as a form. Raises Malformed for JSON that is none."""
        if request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            form = {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
            return Heard(tuple(interaction(_json(form["payload"])) if "payload" in form else command(form)))
        body = request.json()
        if text_of(body, "type") == "url_verification":
            return Heard(returned=text_of(body, "challenge"))
        return Heard(tuple(event(body)))

    def parts(self, reply: Reply) -> list[Part]:
        """A reply in parts that Slack takes."""
        return parted(reply, LONGEST)

    async def send(self, address: dict[str, str], part: Part) -> None:
        """Post one part, in the thread it answers as long as that is there. Raises a SendError."""
        thread = {"thread_ts": address["thread"]} if "thread" in address else {}
        message = {"channel": address["channel"], **thread, **content(part)}
        response = await posted(self.client, f"{self.api}/chat.postMessage", json=message, headers=self.headers)
        error = problem(response)
        if thread and NO_THREAD.fullmatch(error):
            await self.send({"channel": address["channel"]}, part)
        elif error:
            raise meaning(error, response)

    async def check(self, public_url: str) -> list[str]:
        """What is wrong: Slack is asked about the token, the public address about the signing secret."""
        return [*await self._check_token(), *await self._check_address(f"{public_url.rstrip('/')}{PREFIX}/{self.name}")]

    async def _check_token(self) -> list[str]:
        try:
            response = await posted(self.client, f"{self.api}/auth.test", headers=self.headers)
            error = problem(response)
        except SendError as trouble:
            return [f"Slack does not answer at REFRAME_SLACK_API: {trouble}"]
        if error:
            return [f"Slack does not accept REFRAME_SLACK_TOKEN ({error}). Install the app again and copy its bot token."]
        if not text_of(response.json(), "bot_id"):
            return ["REFRAME_SLACK_TOKEN is no bot token. Copy the one that begins with xoxb, from OAuth & Permissions."]
        granted = response.headers.get("x-oauth-scopes")
        lacking = [scope for scope in SCOPES if granted is not None and scope not in granted.replace(" ", "").split(",")]
        return [f"The app lacks the scope {scope}. Add it under OAuth & Permissions, and install the app again." for scope in lacking]

    async def _check_address(self, address: str) -> list[str]:
        """Does what Slack does when the address is entered, with the secret that is configured here."""
        body, now = json.dumps({"type": "url_verification", "challenge": "reframe"}), str(int(time.time()))
        signature = self.signatures.generate_signature(timestamp=now, body=body) or ""
        signed = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature, "Content-Type": "application/json"}
        try:
            response = await posted(self.client, address, content=body, headers=signed)
        except SendError as trouble:
            return [f"{address} does not answer: {trouble} The server has to run, and REFRAME_PUBLIC_URL to be its address as the internet sees it."]
        if response.status_code == 403:
            return [f"{address} does not believe REFRAME_SLACK_SIGNING_SECRET. Start the server again with the same settings, and look at its clock."]
        if response.text != "reframe":
            return [f"{address} does not answer as Reframe does (status {response.status_code}). REFRAME_PUBLIC_URL may be wrong, or the server older."]
        return []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed from None
