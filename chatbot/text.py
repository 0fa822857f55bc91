"""read(): a typed message into plain words in standard spelling.

Nothing here decides anything. Slips of the keyboard are repaired with guards, since an
unguarded repair makes worse of good words ("insta" to "inst", "dont" to "done").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chatbot.model import Question, Repair

LONGEST = 4_000
"""Characters that are read whole. More than this is not a question but a document."""

_TOKEN = re.compile(r"[@#]?[a-z0-9£]+(?:['._-][a-z0-9]+)*'?|[?!]|\.(?=\s|$)|\n")
_FOOTER = re.compile(
    r"\b(sent from (my|outlook for|yahoo mail on)|get outlook for) \w+( (phone|device|ipad))?", re.IGNORECASE
)
"""What a phone writes under a mail: no part of the sentence it stands beside."""
_INVISIBLE = {"Cf", "Cc", "Cs", "Co", "Cn"}
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": " - ", "…": "... "}
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the reader knows of words: data from knowledge/words.yaml and the English list."""

    phrases: Mapping[str, str]
    """Slang, abbreviations and contractions, each with its standard form."""
    protected: frozenset[str]
    """Words never repaired: platforms, school abbreviations, chat slang."""
    english: frozenset[str]
    """Words known to be English; empty where no list is at hand."""
    vocabulary: frozenset[str]
    """The bot's own words: the only ones that a slip may be repaired to."""
    other_languages: frozenset[str] = frozenset()
    """Commonest words of other languages; three of them make a message foreign."""

    def knows(self, word: str) -> bool:
        """Whether `word` needs no repair."""
        return (
            word in self.protected or word in self.vocabulary or word in self.english or _stem_known(word, self.english)
        )


def read(text: str, spelling: Spelling) -> Question:
    """`text` as a Question without slots. Never raises, whatever was typed."""
    plain = clean(text)
    if len(plain) > LONGEST:
        return Question(plain, (), too_long=True)
    said = _FOOTER.sub("\n", plain.lower())
    words = tuple("." if word == "\n" else word for word in _TOKEN.findall(said))
    if not any(any(c.isalnum() for c in word) for word in words):
        foreign = any(c.isalpha() for c in plain)
        return Question(plain, (), readable=foreign, foreign=foreign)
    standard = standardize(words, spelling)
    repaired, repairs = repair(standard, spelling)
    return Question(plain, repaired, repairs=repairs, foreign=_is_foreign(plain, repaired, spelling))


def clean(text: str) -> str:
    """`text` without control, direction and other invisible characters, in plain quotes, white space evened out.

    Of a text far too long to read only the two ends are kept.
    """
    if len(text) > 3 * LONGEST:
        text = text[: LONGEST + 1] + "\n" + text[-LONGEST:]
    text = unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode("utf-8"))
    text = "".join(map(_visible, text.translate(_QUOTES)))
    return "\n".join(line for line in (" ".join(row.split()) for row in text.split("\n")) if line)


@lru_cache(maxsize=4096)
def _visible(character: str) -> str:
    if character == "\n":
        return "\n"
    if character in "\u200d\ufe0f":
        return ""
    return " " if unicodedata.category(character) in _INVISIBLE else character


def standardize(words: tuple[str, ...], spelling: Spelling) -> tuple[str, ...]:
    """`words` with slang and abbreviations written out; the longest phrase wins."""
    out: list[str] = []
    at = 0
    while at < len(words):
        for size in (3, 2, 1):
            phrase = " ".join(words[at : at + size])
            if at + size <= len(words) and phrase in spelling.phrases:
                out.extend(spelling.phrases[phrase].split())
                at += size
                break
        else:
            out.extend(_possessive(words[at], spelling))
            at += 1
    return tuple(out)


def _possessive(word: str, spelling: Spelling) -> tuple[str, ...]:
    """`word` with the noun before its 's written out: "lad's" as "boy's"."""
    stem = word.removesuffix("'s")
    known = spelling.phrases.get(stem) if stem != word else None
    return (word,) if known is None or " " in known else (f"{known}'s",)


def repair(words: tuple[str, ...], spelling: Spelling) -> tuple[tuple[str, ...], tuple[Repair, ...]]:
    """`words` with slips of the keyboard mended, and what was mended."""
    repaired = tuple(_mended(word, spelling) for word in words)
    repairs = tuple(Repair(a, b) for a, b in zip(words, repaired, strict=True) if a != b)
    return repaired, repairs


def _mended(word: str, spelling: Spelling) -> str:
    if len(word) < 4 or not word.isascii() or not word.isalpha() or not spelling.english or spelling.knows(word):
        return word
    return _closest(word, _by_initial(spelling.vocabulary)) or word


@lru_cache(maxsize=8)
def _by_initial(vocabulary: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for word in sorted(vocabulary):
        if len(word) >= 4 and word.isalpha():
            groups.setdefault(word[0], []).append(word)
    return {initial: tuple(group) for initial, group in groups.items()}


def _closest(word: str, groups: Mapping[str, tuple[str, ...]]) -> str | None:
    """The one vocabulary word within reach: same first letter or an anagram; 1 slip, 2 from 8 letters."""
    reach = 2 if len(word) >= 8 else 1
    same = groups.get(word[0], ())
    found = process.extract(word, same, scorer=OSA.distance, score_cutoff=reach, limit=2)
    if found and (len(found) == 1 or found[0][1] < found[1][1] or len(word) >= 6):
        return str(found[0][0])
    letters = sorted(word)
    swapped = groups.get(word[1], ())
    anagram = [w for w in swapped if len(w) == len(word) and sorted(w) == letters and OSA.distance(word, w) == 1]
    return anagram[0] if anagram else None


def _stem_known(word: str, english: frozenset[str]) -> bool:
    return any(
        word.endswith(end)
        and len(word) - len(end) >= 3
        and (word[: -len(end)] in english or word[: -len(end)] + "e" in english)
        for end in ("'s", "s", "es", "ed", "ing", "in", "d", "er", "ers", "y", "ish")
    )


def _is_foreign(plain: str, words: tuple[str, ...], spelling: Spelling) -> bool:
    letters = [c for c in plain if c.isalpha()]
    if letters and sum(not c.isascii() for c in letters) > len(letters) * 0.3:
        return True
    if not spelling.english:
        return False
    content = [w for w in words if w.isalpha() and len(w) > 1]
    others = [w for w in content if w in spelling.other_languages]
    if len(set(others)) >= 3 and len(others) * 4 >= len(content):
        return True
    unknown = sum(w not in spelling.phrases and not spelling.knows(w) for w in content)
    return len(content) >= 4 and unknown > len(content) * 0.6
