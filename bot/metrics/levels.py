"""What is read at the moment at which Prometheus asks, such as how much waits in the database."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from threading import Lock
from typing import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Level:
    """One measure; `values` by the value of `label`, or under the empty string where it has no label."""

    name: str
    meaning: str
    values: Mapping[str, float]
    label: str = field(default="")

    def family(self) -> GaugeMetricFamily:
        """As the library writes it."""
        family = GaugeMetricFamily(self.name, self.meaning, labels=[self.label] if self.label else [])
        for value, amount in self.values.items():
            family.add_metric([value] if self.label else [], amount)
        return family


class Levels(Collector):
    """Measures that are read when they are asked for. One that cannot be read is left out, and `NAME_up` says 0."""

    def __init__(self, name: str, read: Callable[[], Iterable[Level]]) -> None:
        """`read` may take its time and may fail, as a database does."""
        self.name, self.read = name, read
        self._reading = Lock()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is read before somebody asks."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """What there is now. While another still waits for the same, nobody waits beside it."""
        levels = self._read() if self._reading.acquire(blocking=False) else None
        yield Level(f"{self.name}_up", "Whether what is measured here could be read: 1 or 0.", {"": float(levels is not None)}).family()
        for level in levels or ():
            yield level.family()

    def _read(self) -> list[Level] | None:
        try:
            return list(self.read())
        except Exception as error:  # a measure that cannot be read must not take the others with it
            log.warning("%s cannot be measured: %s", self.name, type(error).__name__)
            return None
        finally:
            self._reading.release()


def measure(name: str, read: Callable[[], Iterable[Level]], registry: CollectorRegistry = REGISTRY) -> Levels:
    """Have these read whenever Prometheus asks. `name` begins with `reframe_`."""
    levels = Levels(name, read)
    registry.register(levels)
    return levels
