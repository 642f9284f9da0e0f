"""Ways on which an alarm reaches people: a webhook, a Slack webhook, e-mail. What is sent holds nothing of a person."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Optional, Protocol
from urllib.parse import urlsplit

import httpx

from bot.errors import ReframeError

SECONDS = 10.0
"""How long one attempt may take."""


class NotSent(Exception):
    """An alarm did not go out on this way. The text is for the log and names no address."""


class BadAddress(ReframeError):
    """An address for alarms that cannot be used."""


@dataclass(frozen=True)
class Notice:
    """What is sent. `times` is how often it goes out, this one included."""

    subject: str
    text: str
    times: int


class Sender(Protocol):
    """One way to one address."""

    def send(self, notice: Notice) -> None:
        """Send it. Raises NotSent."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed in. With a `user` it is always over TLS."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: bool = True


@dataclass(frozen=True)
class Webhook:
    """A JSON object to an address: subject, text, times."""

    url: str

    def send(self, notice: Notice) -> None:
        """As JSON."""
        _post(self.url, {"subject": notice.subject, "text": notice.text, "times": notice.times})


@dataclass(frozen=True)
class SlackWebhook:
    """A message to the channel of a Slack webhook."""

    url: str

    def send(self, notice: Notice) -> None:
        """As Slack takes it."""
        _post(self.url, {"text": f"*{notice.subject}*\n{notice.text}"})


@dataclass(frozen=True)
class Mail:
    """A message to a mailbox."""

    to: str
    server: MailServer

    def send(self, notice: Notice) -> None:
        """In plain text."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = notice.subject, self.server.sender, self.to
        message.set_content(notice.text)
        try:
            with smtplib.SMTP(self.server.host, self.server.port, timeout=SECONDS) as smtp:
                if self.server.tls or self.server.user:
                    smtp.starttls(context=ssl.create_default_context())
                if self.server.user:
                    smtp.login(self.server.user, self.server.password)
                smtp.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"e-mail: {type(error).__name__}") from None


def senders_of(given: str, server: Optional[MailServer]) -> list[Sender]:
    """The ways of a list parted by commas: `https://…`, `slack+https://…`, `mailto:…`. Raises BadAddress."""
    return [_sender(address.strip(), server) for address in given.split(",") if address.strip()]


def _sender(address: str, server: Optional[MailServer]) -> Sender:
    scheme, _, rest = address.partition(":")
    if scheme == "mailto" and "@" in rest:
        if server is None:
            raise BadAddress("Alarms by e-mail need REFRAME_SMTP_HOST and REFRAME_SMTP_FROM. See docs/settings.md.")
        return Mail(rest, server)
    if scheme in ("https", "http", "slack+https", "slack+http") and urlsplit(address).netloc:
        return SlackWebhook(address.removeprefix("slack+")) if scheme.startswith("slack") else Webhook(address)
    raise BadAddress("An address for alarms begins with https://, slack+https:// or mailto:. See docs/settings.md.")


def _post(url: str, body: dict[str, object]) -> None:
    try:
        httpx.post(url, json=body, timeout=SECONDS).raise_for_status()
    except httpx.HTTPStatusError as error:
        raise NotSent(f"the webhook answered {error.response.status_code}") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotSent(f"the webhook: {type(error).__name__}") from None
