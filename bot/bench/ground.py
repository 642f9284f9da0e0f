"""What all scenarios of one run share: a folder, and the two bots, each started when it is first asked for."""

from __future__ import annotations

import logging
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Optional, Type

from bot.bench.product import Product
from bot.bench.reference import Reference, Trained, train

log = logging.getLogger(__name__)


class Ground:
    """Use it in a `with`; at its end everything is stopped and erased."""

    def __init__(self, epochs: Optional[int], compared: bool = True) -> None:
        """`epochs` are those of the reference's training, None for its default. Without `compared` there is no reference."""
        self.epochs, self.compared = epochs, compared
        self._folder = tempfile.TemporaryDirectory(prefix="reframe-bench-")
        self._numbers = count()
        self._product: Optional[Product] = None
        self._trained: Optional[Trained] = None
        self._reference: Optional[Reference] = None

    def product(self) -> Product:
        """The server that scenarios share."""
        if self._product is None:
            log.info("starting the product")
            self._product = Product(self.folder("product"))
        return self._product

    def trained(self) -> Trained:
        """The reference's project. Training takes minutes."""
        if self._trained is None:
            log.info("training the reference; with its default of 100 epochs that takes an hour")
            self._trained = train(self.folder("reference"), self.epochs)
        return self._trained

    def reference(self) -> Reference:
        """The reference that scenarios share."""
        if self._reference is None:
            trained = self.trained()
            log.info("starting the reference")
            self._reference = Reference(trained)
        return self._reference

    def both(self) -> list[Product | Reference]:
        """Both sides, or the product alone where nothing is compared."""
        return [self.product(), self.reference()] if self.compared else [self.product()]

    def folder(self, name: str) -> Path:
        """A new folder."""
        return Path(self._folder.name) / f"{next(self._numbers)}-{name}"

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self._product:
            self._product.stop()
        if self._reference:
            self._reference.stop()
        self._folder.cleanup()
