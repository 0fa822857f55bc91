"""knowledge/ into frozen values. Collects every problem; raises once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from chatbot.errors import KnowledgeError, Problem
from chatbot.knowledge.check import wording_problems
from chatbot.knowledge.patterns import unguarded
from chatbot.knowledge.reader import Entry, read_entries, read_entry, suggestion
from chatbot.knowledge.schools import ID, read_date, read_school
from chatbot.knowledge.types import (
    Edition,
    Intent,
    Knowledge,
    Screening,
    Sign,
    SlotType,
    SlotValue,
)
from chatbot.text import Spelling, read

_REPORTS = ("child", "child_now", "staff", "staff_now", "head", "head_now", "possible")
_NOTHING = re.compile(r"(?!)")


def load(folder: Path, english: frozenset[str] = frozenset()) -> Knowledge:
    """Everything under `folder`. `english` is a list of words known to be spelt right.

    Raises KnowledgeError with every problem found.
    """
    problems: list[Problem] = []
    knowledge = read_knowledge(folder, english, problems)
    if problems:
        raise KnowledgeError(problems)
    return knowledge


def read_knowledge(folder: Path, english: frozenset[str], problems: list[Problem]) -> Knowledge:
    """As load(), but notes problems in `problems` and goes on as far as it can."""
    slots = _slots(folder, problems)
    intents = _intents(folder, slots, problems)
    spelling = _spelling(folder, english, intents, problems)
    wording, smalltalk = _wording(folder, problems)
    schools = {
        path.name: read_school(path, folder, intents, slots, problems)
        for path in sorted((folder / "schools").glob("*"))
        if path.is_dir()
    }
    if not schools:
        problems.append(Problem(f"{folder.name}/schools", None, "holds no school; each has a folder of its own"))
    screening = _screening(folder, problems)
    digest = hashlib.sha256()
    for intent in intents.values():
        digest.update("\0".join((intent.id, *intent.examples)).encode())
    for path in ("words.yaml", "slots.yaml", "safeguarding.yaml", "safeguarding-examples.yaml"):
        digest.update((folder / path).read_bytes() if (folder / path).is_file() else b"")
    return Knowledge(
        schools,
        intents,
        slots,
        spelling,
        wording,
        smalltalk,
        screening,
        _editions(folder, problems),
        digest.hexdigest(),
    )


def _slots(folder: Path, problems: list[Problem]) -> dict[str, SlotType]:
    slots: dict[str, SlotType] = {}
    for entry in read_entries(folder / "slots.yaml", folder, problems):
        entry.only("id", "question", "condition", "unless", "values")
        values = []
        for value in entry.entries("values"):
            value.only("id", "label", "against", "patterns", "doubts")
            doubts = value.patterns("doubts", needed=False)
            against = value.text("against", "") == "true"
            values.append(SlotValue(value.text("id"), value.text("label"), value.patterns("patterns"), doubts, against))
        slot_id = entry.text("id")
        if slot_id in slots:
            entry.problem(f"slot {slot_id!r} stands twice; ids are unique", "id")
        unless, condition = entry.patterns("unless", needed=False), entry.text("condition", "") == "true"
        slots[slot_id] = SlotType(slot_id, entry.text("question"), tuple(values), unless, condition)
    return slots


def _intents(folder: Path, slots: Mapping[str, SlotType], problems: list[Problem]) -> dict[str, Intent]:
    intents: dict[str, Intent] = {}
    for path in sorted((folder / "intents").glob("*/*.yaml")):
        entry = read_entry(path, folder, problems)
        if entry is None:
            continue
        entry.only("id", "title", "setting", "slots", "cues", "needs", "examples")
        intent_id = entry.text("id")
        if intent_id != path.stem or not ID.fullmatch(intent_id):
            entry.problem(
                f"the id {intent_id!r} should be the file's name in small letters and hyphens: {path.stem!r}", "id"
            )
        if intent_id in intents:
            entry.problem(f"intent {intent_id!r} stands twice; ids are unique", "id")
        for slot in entry.texts("slots", needed=False):
            if slot not in slots:
                entry.problem(f"no slot named {slot!r}{suggestion(slot, slots)}", "slots")
        examples = entry.texts("examples")
        if len(set(examples)) < len(examples):
            twice = next(e for e in examples if examples.count(e) > 1)
            entry.problem(f"has an example twice: {twice!r}", "examples")
        intents[intent_id] = Intent(
            intent_id,
            path.parent.name,
            entry.text("title"),
            tuple(s for s in entry.texts("slots", needed=False) if s in slots),
            examples,
            entry.patterns("cues", needed=False),
            entry.patterns("needs", needed=False),
            entry.text("setting", "") == "true",
        )
    if not intents:
        problems.append(Problem(f"{folder.name}/intents", None, "holds no intent"))
    return intents


def _spelling(
    folder: Path, english: frozenset[str], intents: Mapping[str, Intent], problems: list[Problem]
) -> Spelling:
    entry = read_entry(folder / "words.yaml", folder, problems)
    if entry is None:
        return Spelling({}, frozenset(), english, frozenset())
    entry.only("phrases", "protected", "other_languages")
    phrases = {str(k): str(v) for k, v in entry.table_at("phrases").items()}
    protected = frozenset(entry.texts("protected"))
    elsewhere = frozenset(entry.texts("other_languages", needed=False))
    bare = Spelling(phrases, protected, frozenset(), frozenset())
    seen: dict[str, int] = {}
    for intent in intents.values():
        for example in intent.examples:
            for word in read(example, bare).words:
                seen[word] = seen.get(word, 0) + 1
    vocabulary = frozenset(w for w, n in seen.items() if n >= 3 and (not english or w in english or w in protected))
    return Spelling(phrases, protected, english, vocabulary, elsewhere)


def _wording(folder: Path, problems: list[Problem]) -> tuple[dict[str, str], dict[str, tuple[re.Pattern[str], ...]]]:
    entry = read_entry(folder / "wording" / "en.yaml", folder, problems)
    if entry is None:
        return {}, {}
    entry.only("say", "smalltalk")
    say = Entry(entry.table_at("say"), entry.shown, problems)
    talk = Entry(entry.table_at("smalltalk"), entry.shown, problems)
    wording = {key: say.text(key) for key in say.table}
    problems.extend(wording_problems(wording, say))
    return wording, {key: talk.patterns(key) for key in talk.table}


def _screening(folder: Path, problems: list[Problem]) -> Screening:
    path = folder / "safeguarding.yaml"
    entry = read_entry(path, folder, problems)
    examples = read_entry(folder / "safeguarding-examples.yaml", folder, problems)
    if entry is None or examples is None:
        return Screening((), (), (), _NOTHING, _NOTHING, {}, (), (0.3, 0.7), (0.2, 1.1), 0.4, {}, ())
    entry.only(
        "clear",
        "possible",
        "clear_with_meaning",
        "possible_with_meaning",
        "possible_by_words_beside_meaning",
        "signs",
        "words",
        "emergencies",
        "bystanders",
        "duties",
        "foreign",
    )
    words = {str(k): str(v) for k, v in entry.table_at("words").items()}
    signs = []
    for sign in entry.entries("signs"):
        sign.only("id", "points", "hard", "patterns")
        for pattern in sign.patterns("patterns", words):
            hard = sign.text("hard", "") == "true"
            of_adult = pattern.pattern.startswith(words.get("adult", "^"))
            signs.append(Sign(sign.text("id"), sign.number("points"), pattern, unguarded(pattern), hard, of_adult))
    duties = Entry(entry.table_at("duties"), entry.shown, problems)
    examples.only(*_REPORTS, "lookalikes")
    return Screening(
        tuple(signs),
        entry.patterns("emergencies", words),
        entry.patterns("bystanders", words),
        _word(words, "adult", entry),
        _word(words, "headship", entry),
        {duty: duties.patterns(duty, words) for duty in duties.table},
        entry.patterns("foreign"),
        (entry.number("possible"), entry.number("clear")),
        (entry.number("possible_with_meaning"), entry.number("clear_with_meaning")),
        entry.number("possible_by_words_beside_meaning"),
        {about: examples.texts(about) for about in _REPORTS},
        examples.texts("lookalikes"),
    )


def _word(words: Mapping[str, str], name: str, entry: Entry) -> re.Pattern[str]:
    """The pattern of one of `words`."""
    try:
        return re.compile(words[name])
    except KeyError:
        entry.problem(f"'words' needs {name!r}", "words")
    except re.error as error:
        entry.problem(f"the word {name!r} does not compile: {error}", "words")
    return _NOTHING


def _editions(folder: Path, problems: list[Problem]) -> tuple[Edition, ...]:
    editions = []
    for entry in read_entries(folder / "statutory.yaml", folder, problems):
        entry.only("title", "edition", "from", "to", "source", "checked_on")
        start = read_date(entry, "from")
        checked = entry.text("checked_on", "")
        editions.append(
            Edition(
                entry.text("title"),
                int(entry.number("edition")),
                start or date.min,
                read_date(entry, "to") if "to" in entry.table else None,
                entry.text("source"),
                None if checked in ("", "unchecked") else read_date(entry, "checked_on"),
            )
        )
    return tuple(editions)
