"""Where things lie on disk: the knowledge folder, the English word list, the cache."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def knowledge_folder() -> Path:
    """The knowledge that comes with the product: the checkout's, else the installed copy."""
    beside = CHECKOUT / "knowledge"
    return beside if beside.is_dir() else CHECKOUT / "chatbot_knowledge"


@lru_cache(maxsize=1)
def read_english() -> frozenset[str]:
    """82,765 English words (symspellpy's list, MIT), used only to recognize words as spelt right."""
    path = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    return frozenset(line.split(" ", 1)[0] for line in path.read_text(encoding="utf-8-sig").splitlines() if line)
