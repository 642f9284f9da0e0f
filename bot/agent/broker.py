"""Rasa's events on their way to a broker (RabbitMQ, Kafka, SQL, a file), beside the conversation: a broker that is slow or away holds up no answer."""

from __future__ import annotations

import asyncio
import logging
from threading import Thread
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bot.errors import ReframeError

log = logging.getLogger(__name__)
MOST_WAITING = 10_000
"""Events that wait in memory for a slow broker; what comes beyond is lost and said so."""


class NoBroker(ReframeError):
    """The broker that is configured cannot be used."""


class BesideBroker(EventBroker):
    """The configured broker in a thread and event loop of its own, since Rasa's own for Kafka waits up to minutes where it is called."""

    def __init__(self, configured: EndpointConfig) -> None:
        """Raises NoBroker when it cannot be made."""
        self._loop, self._waiting = asyncio.new_event_loop(), 0
        Thread(target=self._loop.run_forever, name="broker", daemon=True).start()
        making = asyncio.run_coroutine_threadsafe(EventBroker.create(configured, self._loop), self._loop)
        try:
            self.broker = making.result()
        except (RasaException, ImportError, TypeError, ValueError, OSError) as error:
            name = configured.type or "pika"
            raise NoBroker(f"The event broker {name} of endpoints.yml cannot be used ({type(error).__name__}). Check its settings and that it runs.") from error

    def publish(self, event: dict[str, Any]) -> None:
        """Hand an event on, without waiting."""
        if self._waiting >= MOST_WAITING:
            log.error("the event broker does not keep up; an event of type %s is lost", event.get("event"))
            return
        self._waiting += 1
        self._loop.call_soon_threadsafe(self._publish, event)

    def is_ready(self) -> bool:
        """Whether the broker says so."""
        return bool(self.broker.is_ready())

    async def close(self) -> None:
        """Close the broker, in its own loop."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.broker.close(), self._loop))

    def _publish(self, event: dict[str, Any]) -> None:
        try:
            self.broker.publish(event)
        except Exception:  # whatever is wrong with a broker, the conversation goes on; the event itself is not logged
            log.exception("an event of type %s did not reach the broker", event.get("event"))
        finally:
            self._waiting -= 1
