"""Teaches MiniLM the talk of school staff: run by `make encoder` when phrasings have changed a lot.

Fine-tunes all-MiniLM-L6-v2 (Apache-2.0) on the phrasings of the intents and on the reports and
look-alikes of screening, then writes encoder.onnx in 8-bit integers. Needs torch, transformers and
onnx (dependency group `training`); the product itself never imports this file. A tenth of the
phrasings is held back, so that the threshold for "nothing fits" is set on text never seen.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel, AutoTokenizer

from adapters.files import read_english
from adapters.semantic.held_back import is_held_back
from adapters.semantic.lean import lean
from chatbot.knowledge import load
from chatbot.recognize import standard_examples
from chatbot.safeguarding import report_examples

log = logging.getLogger("chatbot.training")

SEED = 20261121
BATCH = 32
SCALE = 16.0
LONGEST = 96
FROZEN_LAYERS = 1
"""The word vectors and the lowest layer stay as published: general English, and less training time."""


class Heads(torch.nn.Module):
    """The encoder with one output an intent and one for reports."""

    def __init__(self, base: str, intents: int, layers: int) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base)
        self.encoder.encoder.layer = self.encoder.encoder.layer[:layers]
        width = self.encoder.config.hidden_size
        self.intents = torch.nn.Linear(width, intents)
        self.report = torch.nn.Linear(width, 1)
        for frozen in (self.encoder.embeddings, *self.encoder.encoder.layer[:FROZEN_LAYERS]):
            frozen.requires_grad_(requires_grad=False)

    def embed(self, tokens: dict[str, torch.Tensor]) -> torch.Tensor:
        """Sentence vectors of length one."""
        hidden = self.encoder(**tokens).last_hidden_state
        mask = tokens["attention_mask"][..., None]
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


def main() -> None:
    """Train and write encoder.onnx beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="folder of all-MiniLM-L6-v2 as published (weights, tokenizer)")
    parser.add_argument("--knowledge", default="knowledge", type=Path)
    parser.add_argument("--epochs", default=4, type=int)
    parser.add_argument("--layers", default=4, type=int, help="layers of the published encoder that are kept")
    parser.add_argument("--out", default=Path(__file__).with_name("encoder.onnx"), type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    random.seed(SEED)
    torch.manual_seed(SEED)
    knowledge = load(options.knowledge, read_english())
    examples = standard_examples(knowledge)
    labels = sorted(examples)
    screening = report_examples(knowledge)
    rows = [(text, labels.index(label), 0.0) for label in labels for text in examples[label] if not is_held_back(text)]
    rows += [(text, -1, 1.0) for text in screening.all_reports if not is_held_back(text)]
    rows += [(text, -1, 0.0) for text in screening.others if not is_held_back(text)]
    model = Heads(options.base, len(labels), options.layers)
    tokenizer = AutoTokenizer.from_pretrained(options.base)
    train(model, tokenizer, rows, options.epochs)
    export(model, tokenizer, options.out)


def train(model: Heads, tokenizer: object, rows: Sequence[tuple[str, int, float]], epochs: int) -> None:
    """Cross-entropy over intents plus a binary loss over reports, rows without an intent in the second only."""
    steps = epochs * (len(rows) // BATCH + 1)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in model.encoder.parameters() if p.requires_grad], "lr": 2e-4},
            {"params": [*model.intents.parameters(), *model.report.parameters()], "lr": 5e-3},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, s / 50) * max(0.0, 1 - s / steps))
    for epoch in range(epochs):
        model.train()
        total = 0.0
        started = time.monotonic()
        for batch in _batches(rows):
            tokens = tokenizer(
                [text for text, _, _ in batch], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
            )  # type: ignore[operator]  # transformers is untyped
            vectors = model.embed(dict(tokens)) * SCALE
            intents = torch.tensor([intent for _, intent, _ in batch])
            reports = torch.tensor([report for _, _, report in batch])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                model.report(vectors)[:, 0], reports, pos_weight=torch.tensor(3.0)
            )
            if (intents >= 0).any():
                loss = loss + torch.nn.functional.cross_entropy(
                    model.intents(vectors), intents, ignore_index=-1, label_smoothing=0.1
                )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch is partly typed
            optimizer.step()
            schedule.step()
            total += loss.item()
        mean = total / (len(rows) / BATCH)
        log.info("epoch %d of %d: loss %.3f, %.0f s", epoch + 1, epochs, mean, time.monotonic() - started)


def _batches(rows: Sequence[tuple[str, int, float]]) -> list[list[tuple[str, int, float]]]:
    order = sorted(rows, key=lambda row: (random.random() // 0.1, len(row[0])))  # noqa: S311  # no secret
    batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    random.shuffle(batches)
    return batches


def export(model: Heads, tokenizer: object, out: Path) -> None:
    """Write the encoder as ONNX with 8-bit weights and print the hash that encoder.py checks."""
    model.eval()
    tokens = dict(tokenizer(["an example sentence"], return_tensors="pt"))  # type: ignore[operator]  # transformers is untyped
    whole = out.with_suffix(".fp32.onnx")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in names}
    torch.onnx.export(
        _Hidden(model.encoder), tuple(tokens[name] for name in names), str(whole), input_names=names,
        output_names=["last_hidden_state"], dynamic_axes={**axes, "last_hidden_state": {0: "batch", 1: "length"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantized = out.with_suffix(".int8.onnx")
    quantize_dynamic(str(whole), str(quantized), weight_type=QuantType.QInt8)
    lean(quantized, out)
    whole.unlink()
    quantized.unlink()
    log.info("%s: sha256 %s", out, hashlib.sha256(out.read_bytes()).hexdigest())


class _Hidden(torch.nn.Module):
    """The encoder with plain tensors in and out, for the export."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Token vectors of the last layer."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return hidden.last_hidden_state  # type: ignore[no-any-return]  # transformers is untyped


if __name__ == "__main__":
    main()
