"""Tune the sentence encoder on our own examples, for risk and for intents at once, so that one pass over a message serves both.

What is kept is small: for each weight matrix the change as two narrow matrices (its truncated singular value decomposition). The heads are thrown away;
what reads the vectors is fitted afterwards (fitting.py, bot/nlu/likeness.py).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Optional

import numpy as np

from bot.nlu.encoder import encoder
from bot.nlu.reading import as_read
from bot.nlu.weights import TUNED, weights_folder
from bot.reframing.examples import examples_in
from bot.safety.scoring import CATEGORIES, TIER_NAMES

log = logging.getLogger(__name__)
EPOCHS, BATCH, RATE, SHARPNESS, RANK, TOKENS = 2, 32, 1e-4, 12.0, 24, 80
SEEDS = (0, 1, 2)
"""Chosen on the validation part; a third and fourth epoch find fewer of those at risk. SHARPNESS multiplies unit vectors before a head reads them.

The mean of several tunings from the same start does better than each of them (Wortsman et al. 2022, model soups; docs/measurements.md)."""
Vectors = Any


@dataclass(frozen=True)
class Example:
    """One message with what is known of it; None where nothing is."""

    text: str
    tier: int
    category: Optional[int]
    intent: Optional[str]


def examples(root: Path) -> list[Example]:
    """All examples of ours, in an order that depends on nothing but them."""
    return sorted(_read(root), key=lambda e: e.text)


def _read(root: Path) -> Iterator[Example]:
    for path in (root / "data" / "safety").glob("*.jsonl"):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            category = CATEGORIES.index(row["category"]) if row["tier"] != "none" and row["category"] in CATEGORIES else None
            yield Example(row["text"], TIER_NAMES.index(row["tier"]), category, None)
    yield from (Example(e.text, 0, None, e.intent) for e in examples_in(root / "data" / "nlu"))


def tune(examples: list[Example], into: Path = TUNED) -> None:
    """Tune from the weights as they come, once for each of SEEDS, and write the mean of what has changed."""
    names, before, after = _once(examples, SEEDS[0])
    for seed in SEEDS[1:]:
        after = [total + weight for total, weight in zip(after, _once(examples, seed)[2])]
    _keep(into, names, before, [total / len(SEEDS) for total in after])
    encoder.cache_clear()  # whoever holds the old one keeps it


def _once(examples: list[Example], seed: int) -> tuple[list[str], list[Vectors], list[Vectors]]:
    """One tuning: the names of the weights, what they were, and what they have become."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    tokenizer, model = published()
    model.bert.embeddings.trainable = model.bert.pooler.trainable = False
    intents = sorted({e.intent for e in examples if e.intent})
    heads = [tf.keras.layers.Dense(n) for n in (len(TIER_NAMES), len(CATEGORIES), len(intents))]
    for head in heads:
        head.build((None, 384))
    before = [v.numpy() for v in model.trainable_variables]
    steps = EPOCHS * (len(examples) // BATCH)
    optimizers = [
        tf.keras.optimizers.AdamW(tf.keras.optimizers.schedules.PolynomialDecay(RATE, steps, RATE / 20), weight_decay=0.01),
        tf.keras.optimizers.Adam(2e-3),
    ]
    step = _step(tf, model, heads, optimizers)
    for epoch in range(EPOCHS):
        log.info("seed %s, epoch %s of %s …", seed, epoch + 1, EPOCHS)
        for batch in _batches(examples, (seed, epoch)):
            tokens = tokenizer([as_read(e.text) for e in batch], padding=True, truncation=True, max_length=TOKENS, return_tensors="np")
            truth = [[e.tier for e in batch], [e.category or 0 for e in batch], [intents.index(e.intent) if e.intent else 0 for e in batch]]
            counts = [[1.0] * len(batch), [float(e.category is not None) for e in batch], [float(e.intent is not None) for e in batch]]
            step(tokens["input_ids"].astype("int32"), tokens["attention_mask"].astype("int32"), np.array(truth), np.array(counts, dtype="float32"))
    return [_name_of(v) for v in model.trainable_variables], before, [v.numpy() for v in model.trainable_variables]


def published() -> tuple[Any, Any]:
    """Tokenizer and model on the TensorFlow that Rasa brings, with the weights as they are packaged."""
    from transformers import AutoTokenizer, TFAutoModel, logging

    logging.set_verbosity_error()  # it warns of weights that are left out on purpose
    folder = str(weights_folder())
    return AutoTokenizer.from_pretrained(folder), TFAutoModel.from_pretrained(folder, use_safetensors=True)


def _name_of(weight: Any) -> str:
    """A weight's name within the model, however often one was loaded in this process."""
    return str(weight.name).split("/", 1)[1]


def _step(tf: Any, model: Any, heads: list[Any], optimizers: list[Any]) -> Any:
    weights, own = model.trainable_variables, [v for head in heads for v in head.trainable_variables]

    @tf.function(reduce_retracing=True)
    def step(ids: Any, mask: Any, truth: Any, counts: Any) -> None:
        with tf.GradientTape() as tape:
            hidden = model(input_ids=ids, attention_mask=mask, training=True).last_hidden_state
            share = tf.cast(mask, tf.float32)[:, :, None]
            unit = tf.math.l2_normalize(tf.reduce_sum(hidden * share, 1) / tf.reduce_sum(share, 1), axis=1)
            losses = [
                tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(truth[n], head(tf.nn.dropout(unit * SHARPNESS, 0.1))) * counts[n])
                / (tf.reduce_sum(counts[n]) + 1e-6)
                for n, head in enumerate(heads)
            ]
            loss = losses[0] + 0.3 * losses[1] + 0.7 * losses[2]
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, [*weights, *own]), 1.0)
        optimizers[0].apply_gradients(zip(gradients[: len(weights)], weights))
        optimizers[1].apply_gradients(zip(gradients[len(weights) :], own))

    return step


def _batches(examples: list[Example], pass_: tuple[int, int]) -> Iterator[list[Example]]:
    """Batches of messages of like length, in an order that depends on nothing but the seed and the epoch."""
    chance = np.random.default_rng(pass_)
    order = chance.permutation(len(examples))
    chunks = [sorted(order[s : s + BATCH * 20], key=lambda i: len(examples[i].text)) for s in range(0, len(order), BATCH * 20)]
    batches = [chunk[s : s + BATCH] for chunk in chunks for s in range(0, len(chunk), BATCH)]
    for n in chance.permutation(len(batches)):
        yield [examples[i] for i in batches[n]]


def _keep(into: Path, names: list[str], before: list[Vectors], after: list[Vectors]) -> None:
    kept = {}
    for name, old, new in zip(names, before, after):
        change = (new - old).reshape(old.shape[0], -1) if old.ndim > 1 else new - old
        if old.ndim == 1 or min(change.shape) <= RANK:
            kept[name] = (new - old).astype(np.float16)
            continue
        left, strength, right = np.linalg.svd(change, full_matrices=False)
        kept[f"{name}|left"] = (left[:, :RANK] * np.sqrt(strength[:RANK])).astype(np.float16)
        kept[f"{name}|right"] = (np.sqrt(strength[:RANK])[:, None] * right[:RANK]).astype(np.float16)
    np.savez_compressed(into, **kept)
