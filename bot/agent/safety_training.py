"""Learn the scorer from our own examples: `data/safety/` at risk and not, and the training data of the recogniser as not at risk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Iterator

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier

from bot.nlu.encoder import encoder
from bot.nlu.intent_ranker import with_whole
from bot.nlu.segments import segments
from bot.safety.scoring import WEIGHTS

FALSE_ALARMS = 0.005
"""The share of our own examples without risk that may be asked about; what it costs is in docs/measurements.md."""


def learn(root: Path) -> dict[str, float]:
    """Train, choose the threshold by five-fold cross-validation, write the weights; returns the figures of the held-out folds."""
    rows = sorted(_examples(root))
    at_risk = np.array([tier != "none" for _, tier in rows])
    vectors = _vectors([text for text, _ in rows])
    network = MLPClassifier((64,), alpha=1e-2, max_iter=40, random_state=0)
    held_out = cross_val_predict(network, vectors, at_risk, cv=StratifiedKFold(5, shuffle=True, random_state=0), method="predict_proba")[:, 1]
    line = LogisticRegression().fit(_logit(held_out), at_risk)
    likely = line.predict_proba(_logit(held_out))[:, 1]
    threshold = float(np.quantile(likely[~at_risk], 1 - FALSE_ALARMS))
    network.fit(vectors, at_risk)
    _write(network, line, threshold, hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12])
    return {
        "examples": float(len(rows)),
        "threshold": threshold,
        "recall": float((likely >= threshold)[at_risk].mean()),
        "false_alarms": float((likely >= threshold)[~at_risk].mean()),
        "calibration_error": _calibration_error(likely, at_risk),
    }


def _examples(root: Path) -> Iterator[tuple[str, str]]:
    for path in (root / "data" / "safety").glob("*.jsonl"):
        yield from ((row["text"], row["tier"]) for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()))
    for path in (root / "data" / "nlu").glob("*.yml"):
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:  # the C form of the safe loader
            yield from ((line.strip()[2:], "none") for line in block["examples"].splitlines())


def _vectors(texts: list[str]) -> Any:
    parts = [segments(text) or [text] for text in texts]
    flat, start, whole = encoder().encode([p for group in parts for p in group]), 0, []
    for group in parts:
        whole.append(with_whole(flat[start : start + len(group)])[0])
        start += len(group)
    return np.array(whole)


def _logit(likely: Any) -> Any:
    kept = np.clip(likely, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept)).reshape(-1, 1)


def _calibration_error(likely: Any, truth: Any) -> float:
    """Expected calibration error over ten equal bins."""
    bins = np.minimum((likely * 10).astype(int), 9)
    return float(sum((bins == b).mean() * abs(likely[bins == b].mean() - truth[bins == b].mean()) for b in range(10) if (bins == b).any()))


def _write(network: Any, line: Any, threshold: float, version: str) -> None:
    hidden, output = network.coefs_
    np.savez_compressed(
        WEIGHTS,
        hidden=hidden.astype(np.float16),
        hidden_bias=network.intercepts_[0].astype(np.float32),
        output=output[:, 0].astype(np.float32),
        output_bias=network.intercepts_[1][0],
        slope=line.coef_[0][0],
        shift=line.intercept_[0],
        threshold=threshold,
        version=version,
    )
