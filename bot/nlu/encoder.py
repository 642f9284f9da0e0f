"""all-MiniLM-L6-v2 on ONNX Runtime: sentences in, unit vectors out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Union

import numpy as np
import numpy.typing as npt
from onnxruntime import InferenceSession, SessionOptions
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from bot.nlu.exported import network
from bot.nlu.graph import WIDTH
from bot.nlu.reading import as_read
from bot.nlu.weights import weights_folder

Vectors = npt.NDArray[np.float32]
BATCH = 32
TOKENS = 128
"""Longer texts are split before they come here; the model was trained on 128 tokens."""


class Encoder:
    """A loaded network. Build it once; it may be used by several threads."""

    def __init__(self, of: Union[Path, bytes]) -> None:
        """`of` is a model of bot/nlu/graph.py, or the file it lies in."""
        self._tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.enable_padding()
        options = SessionOptions()
        options.enable_cpu_mem_arena = False  # it would keep what the longest message ever took
        # A core that waits for the other must not keep it busy: several messages, and several workers, share the machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = InferenceSession(of, options, providers=["CPUExecutionProvider"])
        self.encode(["warmup"])  # loads the word list as well, so that the first message need not wait for it

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors of shape (len(texts), 384). Sorted by length inside, so that batches carry little padding."""
        texts = [as_read(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self._batch([texts[i] for i in rows])
        return out

    def _batch(self, texts: list[str]) -> Vectors:
        tokens = self._tokenizer.encode_batch(texts)
        ids, mask = (np.array([getattr(each, part) for each in tokens], dtype=np.int64) for part in ("ids", "attention_mask"))
        vectors: Vectors = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return vectors


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The one encoder of this process, in which numpy works with one thread from then on.

    The products for one message are too small to be shared: threads that waited for each other took half of the processor's time of a turn.
    """
    threadpool_limits(1, "blas")
    return Encoder(network())
