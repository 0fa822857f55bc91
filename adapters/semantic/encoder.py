"""Sentence vectors from encoder.onnx beside this file; nothing is fetched at run time.

The file is all-MiniLM-L6-v2 (Apache-2.0) taught the talk of school staff by training.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from adapters.learnt import Vectors
from adapters.semantic.wordpiece import WordPiece

MODEL_SHA256 = "5ca5f3b8176885c65d58b3fd3bf16cf3a241a597bcbd91d3c5bdf0c59e93102b"
"""The one file that was measured. Any other is refused."""
MODEL = Path(__file__).with_name("encoder.onnx")


class ModelRefused(Exception):
    """The bundled model is missing or is not the file that was measured."""


class Encoder:
    """Sentences to vectors of length one and 384 numbers. One text a run: padding would change results."""

    digest = MODEL_SHA256

    def __init__(self, path: Path = MODEL) -> None:
        model = _checked(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokens = WordPiece(Path(__file__).with_name("vocab.txt"))

    def vector(self, text: str) -> Vectors:
        """The vector of one text."""
        ids = np.array(self._tokens.ids(text), dtype=np.int64)
        (mean,) = self._session.run(["vector"], {"input_ids": ids})
        return np.asarray(mean / (np.linalg.norm(mean) or 1.0), dtype=np.float32)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The vectors of several texts, one row each."""
        return np.stack([self.vector(text) for text in texts])


def _checked(path: Path) -> Path:
    """`path` if it is the file that was measured. Raises ModelRefused."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelRefused(f"{path} cannot be read ({error.strerror})") from error
    if digest != MODEL_SHA256:
        raise ModelRefused(f"{path} is not the model that was measured (sha256 {digest[:12]}…)")
    return path
