"""What is counted and encoded from the examples, kept in a file so that starting takes no time.

Everything in the file can be made again; it is not trusted further than numbers and texts (no pickle).
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import chatbot
from chatbot.calibration import Calibration
from chatbot.safeguarding import Odds, WordOdds
from chatbot.similarity import Block, Index, Postings

Vectors = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[np.generic]]

MOST_KEPT = 8
"""Files kept in the cache: those of a few versions of the knowledge, with and without sentence meaning."""
_CORE = Path(chatbot.__file__).parent
_MADE_BY = (
    Path(__file__),
    Path(__file__).parent / "semantic" / "model.py",
    *(_CORE / f"{name}.py" for name in ("calibration", "model", "recognize", "safeguarding", "similarity", "text")),
)
"""The code whose change makes what was learnt before stale."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What sentence meaning learns from the examples."""

    centre: Vectors
    examples: Vectors
    """One row an example, of length one, in the order of the labels."""
    layer: Vectors
    """One row a label: a linear layer over the vectors, learnt from the examples."""
    report: Vectors
    held_back: npt.NDArray[np.int32]
    """The numbers of the examples that the encoder was not trained on."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that an engine learns from the examples; `fitted` is None where words are matched alone."""

    index: Index
    odds: Odds
    calibration: Calibration
    fitted: Fitted | None


def key_of(digest: str, model: str) -> str:
    """The key of what is learnt from knowledge of that digest, with that model, by this code."""
    made = hashlib.sha256(f"{digest} {model} {np.__version__}".encode())
    for path in _MADE_BY:
        made.update(path.read_bytes())
    return made.hexdigest()[:32]


def cache_folder() -> Path:
    """Where learnt files are kept; nothing in it is needed, all of it is made again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "staff-policy-chatbot"


def read_learnt(key: str) -> Learnt | None:
    """What was kept under `key`, or None if nothing was or it cannot be read."""
    path = _path(key)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            return _from_arrays({name: held[name] for name in held.files})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile):
        path.unlink(missing_ok=True)
        return None


def write_learnt(key: str, learnt: Learnt) -> None:
    """Keep `learnt` under `key`; a folder that cannot be written to is not an error."""
    path = _path(key)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **_to_arrays(learnt))
        partial.replace(path)
        kept = sorted(path.parent.glob("learnt-*.npz"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[MOST_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        partial.unlink(missing_ok=True)


def _path(key: str) -> Path:
    return cache_folder() / f"learnt-{key}.npz"


_BLOCKS = ("words", "letters")
_ODDS = ("report", "about_adult", "about_head", "in_danger")
_FITTED = ("centre", "examples", "layer", "report", "held_back")
_POSTINGS = ("starts", "where", "weights")


def _to_arrays(learnt: Learnt) -> dict[str, npt.NDArray[np.generic]]:
    index, held = learnt.index, learnt.calibration
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "labels": _packed(index.labels),
        "texts": _packed(index.texts),
        "owners": index.owners,
        "calibration": np.array([held.accept, held.bias, held.by_score, held.by_margin]),
    }
    for name in _BLOCKS:
        block: Block = getattr(index, name)
        arrays |= {f"{name}.features": _packed(block.features), f"{name}.idf": block.idf}
        arrays[f"{name}.lengths"] = block.lengths
        for kind in ("examples", "means"):
            arrays |= {f"{name}.{kind}.{part}": getattr(getattr(block, kind), part) for part in _POSTINGS}
    for name in _ODDS:
        odds: WordOdds = getattr(learnt.odds, name)
        arrays[f"odds.{name}.features"] = _packed(tuple(odds.odds))
        arrays[f"odds.{name}.values"] = np.array(list(odds.odds.values()))
    if learnt.fitted is not None:
        arrays |= {f"fitted.{name}": getattr(learnt.fitted, name) for name in _FITTED}
    return arrays


def _from_arrays(arrays: Arrays) -> Learnt:
    index = Index(
        _unpacked(arrays["labels"]), _unpacked(arrays["texts"]), arrays["owners"].astype(np.int32),
        *(_block(arrays, name) for name in _BLOCKS),
    )  # fmt: skip
    odds = Odds(*(WordOdds(_odds(arrays, name)) for name in _ODDS))
    held = Calibration(*arrays["calibration"].astype(float).tolist())
    fitted = {name: arrays[f"fitted.{name}"] for name in _FITTED if f"fitted.{name}" in arrays}
    return Learnt(index, odds, held, Fitted(**fitted) if fitted else None)  # type: ignore[arg-type]  # numpy's own types


def _block(arrays: Arrays, name: str) -> Block:
    postings = {
        kind: Postings(**{part: arrays[f"{name}.{kind}.{part}"] for part in _POSTINGS})  # type: ignore[arg-type]  # numpy's own types
        for kind in ("examples", "means")
    }
    return Block(
        _unpacked(arrays[f"{name}.features"]), arrays[f"{name}.idf"].astype(np.float32), postings["examples"],
        postings["means"], arrays[f"{name}.lengths"].astype(np.float32),
    )  # fmt: skip


def _odds(arrays: Arrays, name: str) -> Mapping[str, float]:
    features = _unpacked(arrays[f"odds.{name}.features"])
    return dict(zip(features, arrays[f"odds.{name}.values"].astype(float).tolist(), strict=True))


def _packed(texts: tuple[str, ...]) -> npt.NDArray[np.generic]:
    """Texts in standard spelling hold no line breaks, so lines keep them apart."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpacked(packed: npt.NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(packed.tobytes().decode().split("\n")) if packed.size else ()
