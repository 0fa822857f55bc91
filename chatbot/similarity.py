"""How alike a message and the examples of each label are: TF-IDF over words and letters.

The prototype score (shared measurements: better by 10 points than the best example alone):
a label's likeness is a quarter its best example and three quarters its examples' mean, and
every part of it can be named. Counted once into arrays, which a build step keeps in a file.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BEST_SHARE = 0.25
"""How much of a label's likeness is its best example; the rest is its mean."""

_TOO_COMMON = 0.3
"""A feature in more than this share of examples tells nothing and is left out."""
_TELLING = 0.02
"""Only a feature in at most this share of examples is looked up example by example: the common ones
cost most of the time and move the nearest example little."""

Numbers = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a message is to one label, 0 to 1, and the example that is nearest."""

    score: float
    best: float
    example: str


class Likenesses(Mapping[str, Likeness]):
    """The likeness of one message to every label; `scores` holds them in the order of the labels."""

    def __init__(self, lexical: Lexical, means: Weights, examples: Weights) -> None:
        self._lexical = lexical
        self._examples = examples
        self._best = np.maximum.reduceat(examples, lexical.starts[:-1])
        self.scores = BEST_SHARE * self._best + (1 - BEST_SHARE) * means

    def __getitem__(self, label: str) -> Likeness:
        at = self._lexical.numbers[label]
        first, last = self._lexical.starts[at : at + 2]
        nearest = int(first) + int(self._examples[first:last].argmax())
        return Likeness(float(self.scores[at]), float(self._best[at]), self._lexical.texts[nearest])

    def __iter__(self) -> Iterator[str]:
        return iter(self._lexical.labels)

    def __len__(self) -> int:
        return len(self._lexical.labels)


def word_features(text: str) -> Counter[str]:
    """Words and pairs of neighbouring words of `text`."""
    words = text.split()
    features = Counter(words)
    features.update(f"{a} {b}" for a, b in pairwise(words))
    return features


def letter_features(text: str) -> Counter[str]:
    """Runs of three and four letters inside the words of `text`, spaces at word ends included."""
    features: Counter[str] = Counter()
    for word in text.split():
        padded = f" {word} "
        for size in (3, 4):
            features.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return features


Features = Callable[[str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Postings:
    """For each feature, where it stands and with what weight: rows of `starts[f]` to `starts[f + 1]`."""

    starts: Numbers
    where: Numbers
    weights: Weights

    def spread(self, features: Numbers, weights: Weights, size: int) -> Weights:
        """The weighted sum of the rows of `features`, by place, for `size` places."""
        first, last = self.starts[features], self.starts[features + 1]
        lengths = last - first
        total = int(lengths.sum())
        if not total:
            return np.zeros(size, dtype=np.float32)
        ends = np.cumsum(lengths)
        rows = np.arange(total) + np.repeat(first - (ends - lengths), lengths)
        found = np.bincount(self.where[rows], self.weights[rows] * np.repeat(weights, lengths), minlength=size)
        return found.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature with its index: examples and label means that hold each feature."""

    features: tuple[str, ...]
    idf: Weights
    examples: Postings
    means: Postings
    lengths: Weights
    """The length of each label's sum of vectors, each of length one."""


@dataclass(frozen=True, slots=True)
class Index:
    """All that is counted from the examples: what a build step keeps."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    owners: Numbers
    """The number of each text's label; texts stand in the order of the labels."""
    words: Block
    letters: Block


def index(examples: Mapping[str, Iterable[str]]) -> Index:
    """Count the examples of each label, given in standard spelling."""
    labels = tuple(sorted(examples))
    held = [tuple(examples[label]) for label in labels]
    texts = tuple(text for row in held for text in row)
    owners = np.repeat(np.arange(len(labels), dtype=np.int32), [len(row) for row in held])
    words, letters = (_block(features, texts, owners, len(labels)) for features in (word_features, letter_features))
    return Index(labels, texts, owners, words, letters)


class Lexical:
    """An index that questions are compared with. Immutable once made."""

    def __init__(self, held: Index) -> None:
        self.labels, self.texts, self.owners = held.labels, held.texts, held.owners
        self.numbers = {label: at for at, label in enumerate(held.labels)}
        self.starts = np.searchsorted(held.owners, np.arange(len(held.labels) + 1))
        self._blocks = (_Lookup(word_features, held.words), _Lookup(letter_features, held.letters))

    def likeness(self, text: str, without: int | None = None) -> Likenesses:
        """How alike `text` is to every label. `without` leaves out the example of that number, which `text` is."""
        examples = np.zeros(len(self.texts), dtype=np.float32)
        means = np.zeros(len(self.labels), dtype=np.float32)
        for lookup in self._blocks:
            features, weights = lookup.weigh(text)
            own = lookup.block.means.spread(features, weights, len(self.labels))
            examples += lookup.block.examples.spread(features, weights, len(self.texts)) / 2
            if without is not None:
                owner = int(self.owners[without])
                own[owner] = _mean_without(float(own[owner]), float(lookup.block.lengths[owner]))
            means += own / 2
        if without is not None:
            examples[without] = 0.0
        return Likenesses(self, means, examples)

    def evidence(self, text: str, label: str, most: int = 5) -> tuple[str, ...]:
        """The words and pairs of `text` that speak most for `label`, strongest first."""
        lookup, owner = self._blocks[0], self.numbers[label]
        found = []
        for feature, weight in zip(*lookup.weigh(text), strict=True):
            part = lookup.block.means.spread(np.array([feature]), np.array([weight]), len(self.labels))[owner]
            if part > 0:
                found.append((float(part), lookup.block.features[feature]))
        return tuple(feature for _, feature in sorted(found, key=lambda p: (-p[0], p[1]))[:most])


class _Lookup:
    """A block with its features numbered."""

    def __init__(self, features: Features, block: Block) -> None:
        self.block = block
        self._features = features

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {feature: number for number, feature in enumerate(self.block.features)}

    def weigh(self, text: str) -> tuple[Numbers, Weights]:
        """The known features of `text` and their TF-IDF weights of length one."""
        known = [(n, count) for f, count in self._features(text).items() if (n := self._numbers.get(f)) is not None]
        numbers = np.array([n for n, _ in known], dtype=np.int32)
        weights = _tf_idf(np.array([count for _, count in known], dtype=np.float32), self.block.idf[numbers])
        return numbers, weights


def _block(features: Features, texts: Sequence[str], owners: Numbers, labels: int) -> Block:
    counts = [features(text) for text in texts]
    total = len(counts)
    seen = Counter(feature for count in counts for feature in count)
    limit = max(4, total * _TOO_COMMON)
    kept = tuple(feature for feature, n in seen.items() if n <= limit)
    numbers = {feature: number for number, feature in enumerate(kept)}
    often = np.array([seen[feature] for feature in kept], dtype=np.float32)
    idf = (np.log((1 + total) / (1 + often)) + 1).astype(np.float32)
    rows = [[(numbers[f], n) for f, n in count.items() if f in numbers] for count in counts]
    what = np.array([number for row in rows for number, _ in row], dtype=np.int64)
    where = np.repeat(np.arange(total, dtype=np.int64), [len(row) for row in rows])
    raw = (1 + np.log(np.array([n for row in rows for _, n in row], dtype=np.float32))) * idf[what]
    weights = raw / np.maximum(np.sqrt(np.bincount(where, raw * raw, minlength=total)), 1e-9)[where]
    cells, inverse = np.unique(owners[where] * len(kept) + what, return_inverse=True)
    sums = np.bincount(inverse, weights)
    label, feature = cells // max(1, len(kept)), cells % max(1, len(kept))
    lengths = np.sqrt(np.bincount(label, sums * sums, minlength=labels))
    lengths[lengths == 0] = 1.0
    telling = (often <= max(4, total * _TELLING))[what]
    return Block(
        kept,
        idf,
        _postings(what[telling], where[telling], weights[telling], len(kept)),
        _postings(feature, label, sums / lengths[label], len(kept)),
        lengths.astype(np.float32),
    )


def _postings(
    what: npt.NDArray[np.int64], where: npt.NDArray[np.int64], weights: npt.NDArray[np.float64], features: int
) -> Postings:
    order = np.argsort(what, kind="stable")
    starts = np.searchsorted(what[order], np.arange(features + 1)).astype(np.int32)
    return Postings(starts, where[order].astype(np.int32), weights[order].astype(np.float32))


def _tf_idf(counts: Weights, idf: Weights) -> Weights:
    weights = (1 + np.log(counts)) * idf
    length = math.sqrt(float(weights @ weights)) or 1.0
    return np.asarray(weights / length, dtype=np.float32)


def _mean_without(cosine: float, length: float) -> float:
    """Cosine of an example to its label's mean once the example is taken out of that mean.

    `length` is that of the sum of the label's vectors, each of length one.
    """
    rest = length * length - 2 * cosine * length + 1
    return (cosine * length - 1) / math.sqrt(rest) if rest > 1e-6 else 0.0
