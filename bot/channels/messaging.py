"""What every messaging app has in common: a request is verified, read as arrivals, and answered at once; sending is told apart by what went wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Protocol

import httpx

from bot.desk.arrivals import Arrival
from bot.desk.courier import Sender, TryLater, Uncertain
from bot.errors import ReframeError

TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class NotBelieved(Exception):
    """A request that does not prove where it comes from. Nothing of it is kept but a count."""


class Malformed(Exception):
    """A request of the right sender that cannot be read."""


class NotConfigured(ReframeError):
    """A channel is configured in part only, and does not start."""


@dataclass(frozen=True)
class Received:
    """A request as the platform made it. Names of headers are in lower case; `url` is the public one, as the platform called it."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body. Raises Malformed when it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Malformed from None


@dataclass(frozen=True)
class Heard:
    """What a request holds: arrivals in order, and what the platform wants to read in return (with its type), if anything."""

    arrivals: tuple[Arrival, ...] = ()
    returned: str = ""
    content_type: str = "text/plain"


class Channel(Sender, Protocol):
    """A messaging app: verify, parse, send. Its file knows nothing of stores or turns."""

    def verify(self, request: Received) -> None:
        """Raises NotBelieved for a request that is not signed as it has to be."""
        ...

    def parse(self, request: Received) -> Heard:
        """What it holds. Raises Malformed for what cannot be read; what is only unknown gives no arrival."""
        ...

    async def check(self, public_url: str) -> list[str]:
        """What is wrong with the configuration, a sentence each; nothing when it works."""
        ...


def patience(response: httpx.Response, otherwise: float = 5.0) -> float:
    """The seconds of a `Retry-After` header (RFC 9110), or `otherwise` when it names none."""
    given = response.headers.get("retry-after", "")
    return float(given) if given.replace(".", "", 1).isdigit() else otherwise


async def posted(client: httpx.AsyncClient, url: str, asked: Callable[[httpx.Response], float] = patience, **content: Any) -> httpx.Response:
    """A request to a platform. Raises TryLater when it surely did not arrive, or the platform asks for patience; Uncertain when nobody can know.

    Anything else is the caller's to judge by the platform's own rules. `asked` reads how many seconds of patience a response asks for.
    """
    try:
        response = await client.post(url, timeout=TIMEOUT, **content)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        raise TryLater("The platform cannot be reached.") from None
    except httpx.HTTPError as error:
        raise Uncertain(f"The line broke before the platform answered ({type(error).__name__}); it may have arrived.") from None
    if response.status_code == 429:
        raise TryLater("The platform asks for patience.", asked(response))
    if response.status_code >= 500:
        raise TryLater(f"The platform has trouble of its own ({response.status_code}).")
    return response
