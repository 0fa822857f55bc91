"""How alike a message and the examples of each label are: TF-IDF over words and letters.

The prototype score (shared measurements: better by 10 points than the best example alone):
a label's likeness is a quarter its best example and three quarters its examples' mean, and
every part of it can be named. Plain dicts, no fitting beyond counting, no dependencies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

BEST_SHARE = 0.25
"""How much of a label's likeness is its best example; the rest is its mean."""

_TOO_COMMON = 0.3
"""A feature in more than this share of examples tells nothing and is left out."""
_TELLING = 0.02
"""Only a feature in at most this share of examples is looked up example by example: the common ones
cost most of the time and move the nearest example little."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a message is to one label, 0 to 1, and the example that is nearest."""

    score: float
    best: float
    example: str


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


class _Block:
    """One kind of feature with its index: examples and label means that hold each feature."""

    def __init__(self, counts: Sequence[Counter[str]], labels: Sequence[int], label_count: int) -> None:
        total = len(counts)
        seen: Counter[str] = Counter()
        for count in counts:
            seen.update(count.keys())
        limit = max(4, total * _TOO_COMMON)
        self.idf = {f: math.log((1 + total) / (1 + n)) + 1 for f, n in seen.items() if n <= limit}
        telling = {f for f, n in seen.items() if n <= max(4, total * _TELLING)}
        self.examples: dict[str, list[tuple[int, float]]] = {}
        sums: list[dict[str, float]] = [{} for _ in range(label_count)]
        for at, count in enumerate(counts):
            sum_ = sums[labels[at]]
            for feature, weight in self.weigh(count).items():
                if feature in telling:
                    self.examples.setdefault(feature, []).append((at, weight))
                sum_[feature] = sum_.get(feature, 0.0) + weight
        self.means: dict[str, list[tuple[int, float]]] = {}
        self.lengths: list[float] = []
        for label, sum_ in enumerate(sums):
            length = math.sqrt(sum(w * w for w in sum_.values())) or 1.0
            self.lengths.append(length)
            for feature, weight in sum_.items():
                self.means.setdefault(feature, []).append((label, weight / length))

    def weigh(self, count: Counter[str]) -> dict[str, float]:
        """TF-IDF weights of length one for a text's features; unknown features count for nothing."""
        weights = {f: (1 + math.log(n)) * self.idf[f] for f, n in count.items() if f in self.idf}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        return {f: w / length for f, w in weights.items()}


class Lexical:
    """Examples of each label, indexed. Immutable once made."""

    def __init__(self, examples: Mapping[str, Iterable[str]]) -> None:
        self.labels = tuple(sorted(examples))
        self.texts = tuple(text for label in self.labels for text in examples[label])
        self.owners = tuple(i for i, label in enumerate(self.labels) for _ in examples[label])
        sizes = Counter(self.owners)
        ends = list(accumulate(sizes[i] for i in range(len(self.labels))))
        self._spans = tuple(zip([0, *ends], ends, strict=False))
        self._blocks = tuple(
            (features, _Block([features(text) for text in self.texts], self.owners, len(self.labels)))
            for features in (word_features, letter_features)
        )

    def likeness(self, text: str, without: int | None = None) -> dict[str, Likeness]:
        """How alike `text` is to every label. `without` leaves out the example of that number, which `text` is."""
        examples = [0.0] * len(self.texts)
        means = [0.0] * len(self.labels)
        for features, block in self._blocks:
            own = [0.0] * len(self.labels)
            for feature, weight in block.weigh(features(text)).items():
                half = weight * 0.5
                for at, other in block.examples.get(feature, ()):
                    examples[at] += half * other
                for label, other in block.means[feature]:
                    own[label] += half * other
            if without is not None:
                owner = self.owners[without]
                own[owner] = 0.5 * _mean_without(own[owner] * 2, block.lengths[owner])
            for label, part in enumerate(own):
                means[label] += part
        if without is not None:
            examples[without] = 0.0
        best = [max(range(a, b), key=examples.__getitem__) for a, b in self._spans]
        return {
            label: Likeness(
                BEST_SHARE * examples[best[i]] + (1 - BEST_SHARE) * means[i], examples[best[i]], self.texts[best[i]]
            )
            for i, label in enumerate(self.labels)
        }

    def evidence(self, text: str, label: str, most: int = 5) -> tuple[str, ...]:
        """The words and pairs of `text` that speak most for `label`, strongest first."""
        owner = self.labels.index(label)
        features, block = self._blocks[0]
        found = [
            (weight * other, feature)
            for feature, weight in block.weigh(features(text)).items()
            for at, other in block.means[feature]
            if at == owner
        ]
        return tuple(feature for _, feature in sorted(found, key=lambda p: (-p[0], p[1]))[:most])


def _mean_without(cosine: float, length: float) -> float:
    """Cosine of an example to its label's mean once the example is taken out of that mean.

    `length` is that of the sum of the label's vectors, each of length one.
    """
    rest = length * length - 2 * cosine * length + 1
    return (cosine * length - 1) / math.sqrt(rest) if rest > 1e-9 else 0.0
