"""The encoder's network as an ONNX graph: BERT (Devlin et al. 2019) with the mean of its last layer as a unit vector, as sentence-transformers reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bot.nlu.weights import Array

LAYERS, HEADS, WIDTH = 6, 12, 384
"""Of MiniLM-L6-H384, by its config.json; so is EPSILON."""
EPSILON = 1e-12
OPSET, FORMAT = 20, 9
"""The first operators with Gelu, and the format they came with."""
HIDDEN = -1e9
"""Added to the likeness of what is only padding, so that nothing of it is heard."""


def model(weights: dict[str, Array]) -> bytes:
    """A serialised model: `ids` and `mask` (n, tokens) in, `vectors` (n, WIDTH) of unit length out."""
    graph = _Graph(weights)
    graph.out()
    ends = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "tokens"]) for name in ("ids", "mask")]
    out = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", WIDTH])
    whole = helper.make_graph(graph.nodes, "encoder", ends, [out], graph.kept)
    made: bytes = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FORMAT).SerializeToString()
    return made


class _Graph:
    """Nodes in the order in which they run, and the arrays they use. Methods give the names of their results."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.kept: list[Any] = []

    def out(self) -> None:
        heard = self._op("Cast", "mask", to=TensorProto.FLOAT)
        unheard = self._op("Mul", self._op("Sub", self._array(np.float32(1)), heard), self._array(np.float32(HIDDEN)))
        unheard, x = self._op("Unsqueeze", unheard, self._array([1, 2])), self._embedded()
        for n in range(LAYERS):
            x = self._layer(x, f"encoder.layer.{n}", unheard)
        # A sum has the direction of the mean, and only the direction is kept.
        total = self._op("ReduceSum", self._op("Mul", x, self._op("Unsqueeze", heard, self._array([2]))), self._array([1]), keepdims=0)
        self._op("LpNormalization", total, out="vectors", axis=1, p=2)

    def _embedded(self) -> str:
        names = [f"embeddings.{what}_embeddings.weight" for what in ("word", "position", "token_type")]
        words, places, kinds = (self.weights[name] for name in names)
        length = self._op("Shape", "ids", start=1, end=2)
        place = self._op("Slice", self._array(places + kinds[0]), self._array([0]), length, self._array([0]))
        return self._norm(self._op("Add", self._op("Gather", self._array(words), "ids"), place), "embeddings.LayerNorm")

    def _layer(self, x: str, layer: str, unheard: str) -> str:
        said = self._linear(self._attention(x, f"{layer}.attention.self", unheard), f"{layer}.attention.output.dense")
        x = self._norm(self._op("Add", said, x), f"{layer}.attention.output.LayerNorm")
        wide = self._op("Gelu", self._linear(x, f"{layer}.intermediate.dense"))
        return self._norm(self._op("Add", self._linear(wide, f"{layer}.output.dense"), x), f"{layer}.output.LayerNorm")

    def _attention(self, x: str, name: str, unheard: str) -> str:
        query, value = (self._heads(x, f"{name}.{part}", [0, 2, 1, 3]) for part in ("query", "value"))
        near = self._op("MatMul", query, self._heads(x, f"{name}.key", [0, 2, 3, 1]))
        near = self._op("Mul", near, self._array(np.float32((WIDTH / HEADS) ** -0.5)))
        shares = self._op("Softmax", self._op("Add", near, unheard), axis=-1)
        together = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self._op("Reshape", together, self._array([0, 0, WIDTH]))

    def _heads(self, x: str, name: str, order: list[int]) -> str:
        parted = self._op("Reshape", self._linear(x, name), self._array([0, 0, HEADS, WIDTH // HEADS]))
        return self._op("Transpose", parted, perm=order)

    def _linear(self, x: str, name: str) -> str:
        product = self._op("MatMul", x, self._array(self.weights[f"{name}.weight"].T))
        return self._op("Add", product, self._array(self.weights[f"{name}.bias"]))

    def _norm(self, x: str, name: str) -> str:
        scale, shift = (self._array(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self._op("LayerNormalization", x, scale, shift, axis=-1, epsilon=EPSILON)

    def _op(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        out = out or f"node{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def _array(self, values: Any) -> str:
        name = f"array{len(self.kept)}"
        self.kept.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(np.shape(values)), name))
        return name
