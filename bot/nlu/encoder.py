"""all-MiniLM-L6-v2 on ONNX Runtime: sentences in, unit vectors out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Iterator, Union

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
BATCH = 256
"""Tokens that go through the network together: what lies between two layers then fits the processor's cache, and little memory is ever taken."""
TOKENS = 128
"""Longer texts are split before they come here; the model was trained on 128 tokens."""


class Encoder:
    """A loaded network. Build it once; it may be used by several threads."""

    def __init__(self, of: Union[Path, bytes]) -> None:
        """`of` is a model of bot/nlu/graph.py, or the file it lies in."""
        self._tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        options = SessionOptions()
        # One message is read by one core, since several messages, and several workers, share the machine; many batches are shared out among all of them.
        options.intra_op_num_threads = 1
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "encoder")
        self._session = InferenceSession(of, options, providers=["CPUExecutionProvider"])
        self.encode(["warmup"])  # loads the word list as well, so that the first message need not wait for it

    def encode(self, texts: list[str]) -> Vectors:
        """Unit vectors of shape (len(texts), 384)."""
        ids = [tokens.ids for tokens in self._tokenizer.encode_batch([as_read(text) for text in texts])]
        out = np.zeros((len(ids), WIDTH), dtype=np.float32)
        batches = list(_batches([len(tokens) for tokens in ids]))
        reading = self._threads.map if len(batches) > 1 else map
        for rows, vectors in zip(batches, reading(lambda rows: self._batch([ids[row] for row in rows]), batches)):
            out[rows] = vectors
        return out

    def _batch(self, ids: list[list[int]]) -> Vectors:
        padded = np.zeros((len(ids), max(map(len, ids))), dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, tokens in enumerate(ids):
            padded[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
        vectors: Vectors = self._session.run(None, {"ids": padded, "mask": mask})[0]
        return vectors


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows of like length together, so that batches carry little padding, and at most BATCH tokens with it."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > BATCH:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """The one encoder of this process, in which numpy works with one thread from then on.

    The products for one message are too small to be shared: threads that waited for each other took half of the processor's time of a turn.
    """
    threadpool_limits(1, "blas")
    return Encoder(network())
