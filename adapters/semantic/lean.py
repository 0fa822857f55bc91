"""lean(): a quantized BERT as few operators as it needs for one text at a time.

The graph that torch writes carries a mask, a batch, token types and shapes worked out anew for every run: at the
length of a sentence that is a third of its time. Here none of it is left; the weights are the same, and so are the
vectors (to 1e-6 in their cosine). Needs onnx (dependency group `training`); the product never imports this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from adapters.semantic.wordpiece import LONGEST

EPSILON = 1e-12
"""BERT's, in every layer normalization."""
_OURS = "com.microsoft"
_IR = 8


class _Graph:
    """Nodes and weights as they are added; what is added gives its name."""

    def __init__(self, quantized: onnx.ModelProto) -> None:
        self.known = {weight.name: numpy_helper.to_array(weight) for weight in quantized.graph.initializer}
        self._matrices = {
            node.name.strip("/").replace("/", ".").removesuffix(".MatMul_quant"): node.input[1][: -len("_quantized")]
            for node in quantized.graph.node
            if node.op_type == "MatMulInteger"
        }
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    @property
    def layers(self) -> int:
        """How many layers the encoder has."""
        return sum(name.endswith("self.query") for name in self._matrices)

    def weight(self, name: str, value: npt.ArrayLike) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, given: Sequence[str], name: str, **settings: object) -> str:
        self.nodes.append(helper.make_node(kind, given, [name], name, **settings))
        return name

    def normalized(self, given: str, key: str) -> str:
        scale, bias = (self.weight(f"{key}.{part}", self.known[f"{key}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", (given, scale, bias), f"{key}.out", epsilon=EPSILON)

    def dense(self, given: str, keys: Sequence[str], name: str) -> str:
        """`given` times the matrices of `keys` side by side, plus their biases: quantized on the way."""
        matrices = [self.known[f"{self._matrices[key]}_quantized"] for key in keys]
        scales = [
            np.full(matrix.shape[1], self.known[f"{self._matrices[key]}_scale"], dtype=np.float32)
            for key, matrix in zip(keys, matrices, strict=True)
        ]
        biases = [self.known[f"{key}.bias"] for key in keys]
        parts = [
            self.weight(f"{name}.{part}", np.concatenate(values, axis=-1))
            for part, values in (("matrix", matrices), ("scale", scales), ("bias", biases))
        ]
        return self.node(
            "DynamicQuantizeMatMul", (given, parts[0], parts[1], "", parts[2]), f"{name}.out", domain=_OURS
        )

    def table(self, key: str) -> npt.NDArray[np.float32]:
        """A quantized table of vectors in full numbers."""
        held, zero, scale = (self.known[f"{key}.weight_{part}"] for part in ("quantized", "zero_point", "scale"))
        return np.asarray((held.astype(np.float32) - np.float32(zero)) * scale, dtype=np.float32)


def lean(quantized: Path, out: Path, heads: int = 12) -> None:
    """Write the encoder in `quantized` (by quantize_dynamic(), with its names as torch gives them) to `out`.

    In: `input_ids`, the tokens of one text. Out: `vector`, the mean of the last layer's token vectors.
    """
    graph = _Graph(onnx.load(str(quantized)))
    at = _embedded(graph)
    width = graph.known["encoder.embeddings.LayerNorm.bias"].shape[0]
    graph.weight("by head", np.array([-1, heads, width // heads], dtype=np.int64))
    graph.weight("whole", np.array([-1, width], dtype=np.int64))
    graph.weight("thirds", np.array([width] * 3, dtype=np.int64))
    graph.weight("evened", np.float32(1 / np.sqrt(width // heads)))
    for number in range(graph.layers):
        at = _layer(graph, at, f"encoder.encoder.layer.{number}")
    graph.node("ReduceMean", (at,), "vector", axes=[0], keepdims=0)
    made = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["length"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [width])],
        graph.weights,
    )
    sets = [helper.make_opsetid("", 17), helper.make_opsetid(_OURS, 1)]
    onnx.save(helper.make_model(made, opset_imports=sets, ir_version=_IR), str(out))


def _embedded(graph: _Graph) -> str:
    key = "encoder.embeddings"
    words = f"{key}.word_embeddings.weight"
    for part in ("quantized", "scale", "zero_point"):
        graph.weight(f"{words}_{part}", graph.known[f"{words}_{part}"])
    places = graph.table(f"{key}.position_embeddings")[:LONGEST] + graph.table(f"{key}.token_type_embeddings")[0]
    graph.weight("places", places)
    graph.weight("zero", np.array([0], dtype=np.int64))
    rows = graph.node("Gather", (f"{words}_quantized", "input_ids"), "rows")
    full = graph.node("DequantizeLinear", (rows, f"{words}_scale", f"{words}_zero_point"), "words")
    length = graph.node("Shape", ("input_ids",), "length of it")
    placed = graph.node("Slice", ("places", "zero", length, "zero"), "places of it")
    return graph.normalized(graph.node("Add", (full, placed), "placed"), f"{key}.LayerNorm")


def _layer(graph: _Graph, given: str, key: str) -> str:
    attention = f"{key}.attention"
    thirds = graph.dense(given, [f"{attention}.self.{part}" for part in ("query", "key", "value")], f"{attention}.self")
    names = [f"{attention}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", (thirds, "thirds"), names, axis=1))
    turns = ([1, 0, 2], [1, 2, 0], [1, 0, 2])
    split = [graph.node("Reshape", (name, "by head"), f"{name} by head") for name in names]
    query, keys, value = (
        graph.node("Transpose", (part,), f"{part} turned", perm=turn) for part, turn in zip(split, turns, strict=True)
    )
    products = graph.node("MatMul", (query, keys), f"{attention}.products")
    alike = graph.node("Mul", (products, "evened"), f"{attention}.alike")
    shares = graph.node("Softmax", (alike,), f"{attention}.shares", axis=-1)
    seen = graph.node("MatMul", (shares, value), f"{attention}.seen")
    turned = graph.node("Transpose", (seen,), f"{attention}.turned", perm=[1, 0, 2])
    whole = graph.node("Reshape", (turned, "whole"), f"{attention}.whole")
    told = graph.dense(whole, [f"{attention}.output.dense"], f"{attention}.output")
    middle = graph.normalized(
        graph.node("Add", (told, given), f"{attention}.sum"), f"{attention}.output.LayerNorm"
    )  # fmt: skip
    wide = graph.dense(middle, [f"{key}.intermediate.dense"], f"{key}.intermediate")
    bent = graph.node("Gelu", (wide,), f"{key}.bent", domain=_OURS)
    narrow = graph.dense(bent, [f"{key}.output.dense"], f"{key}.output")
    return graph.normalized(graph.node("Add", (narrow, middle), f"{key}.sum"), f"{key}.output.LayerNorm")
