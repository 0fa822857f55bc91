"""read_slots(): the facts stated in a message, by rules over its words and never by similarity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from chatbot.knowledge import SlotType
from chatbot.model import Slot

_NOT_AN_AGE = (
    r"(?! ?(?:%|am|pm|mins?|minutes|hours?|days?|weeks?|months?|children|pupils|photos|people|of|times|followers"
    r"|:|\.\d|st|nd|rd|th))"
)
_AGE = re.compile(
    r"(?<!not )\b(?:aged?|is|are|turned|she's|he's|they're|be|just|about|around|now|nearly|must be|only|over|at|under"
    r"|meant|mean) "
    r"(?:now |about |around |only |just |nearly |like )?(\d{1,2})" + _NOT_AN_AGE + r"\b"
    r"|\b(\d{1,2}) ?(?:-| )?(?:yo|y/o|years? old|year[- ]olds?|yr olds?|now\b|next (?:week|month|year))"
    r"|\b(?:pupil|girl|boy|child|one|woman|man|teenager|friend|daughter|son) (\d{1,2})"
    r"(?= (?:now|has|is|wants|messaged|added|asked|who|just|sent|follows|followed|keeps|and))"
    r"|\b(\d{2})(?= and (?:a|at|in|works|working|married|wants))"
)
_COMING = re.compile(
    r"\b(?:18|eighteen) (?:on (?:\w+day|the)|tomorrow|next|this|soon|in (?:a|an|two|three|four|five|six|\d+|a few"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b)"
    r"|\b(?:nearly|almost|not quite|just shy of|coming up|turning|turns|about to be|soon be) (?:18|eighteen)\b"
)
"""Not of age yet, though the number is named. "Was 18 in June" is past, and looked at apart."""
_LIMIT = re.compile(
    r"\b(?:(under|below|younger than|not yet|less than) (?:18|eighteen)"
    r"|(?:over|above|at least|older than) (?:18|eighteen)|(?:18|eighteen) (?:or over|or older|plus|and over))\b"
)
_PAST = re.compile(r"\b(?:was|were|turned|became)\W*(?:only |just )?$")
_MENTIONED = re.compile(
    r"(?<!year )(?<!class )(?<!room )(?<!in )(?<!for )(?<!not )(?<!no )\b([1-9]\d)\b"
    + _NOT_AN_AGE
    + r"(?! (?:years?|odd)\b)"
    r"(?=$| (?:wants|has|sent|added|adding|is|asked|asks|messaged|now|works|working|and|at|in|who|keeps|just|not"
    r"|followed|following|accept)\b| [?!.])"
)
"""A bare number where an age is expected: "left us for secondary, 15, wants to connect"."""
_TITLED = re.compile(r"\b(?:mrs|mr|miss|ms|sir|madam)\b\.? (?!(?:said|says|has|have|agreed)\b)([a-z]+)")
_TAKEN_BACK = re.compile(r"(?:scrap|ignore|forget) that|(?:whoops|oops|sorry|hang on|hold on|no|wait)\b.*\bwrong\b")
"""What opens a correction of somebody else's age: the last one named counts."""
_AFTER_NOUN = re.compile(
    r"\b(?:pupil|student|girl|boy|child|ex|leaver|one|lady|woman|man) (\d{2})" + _NOT_AN_AGE + r"\b"
)
_WORDS = {
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "twenty-one": 21,
    "twenty-two": 22, "twenty-three": 23, "twenty-four": 24, "twenty-five": 25, "thirty": 30, "forty": 40, "fifty": 50,
}  # fmt: skip
_SMALL = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_WORD_AGE = re.compile(
    r"\b("
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r")(?! (?:of|children|pupils|past|minutes|photos|years? (?:ago|back)))\b(?: years? old)?"
)
_SPOKEN_AGE = re.compile(
    r"\b(?:aged?|turned|turns|(?:she|he|they)'(?:s|re)|(?:she|he|they) (?:is|are|must be)|now) "
    r"(?:now |about |around |only |just |like |nearly |well over |over )?("
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r")\b"
    r"(?!-| (?:of|or|children|pupils|minutes?|past|photos|times|people|o'clock|months?|weeks?|days?"
    r"|years? (?:ago|back)))"
)
_TAUGHT_IN = re.compile(r"\b(?:in|since|of|class of|back in|left in|until) (19[6-9]\d|20[0-4]\d)\b")
_TAUGHT_AGO = re.compile(
    r"\b(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty) (?:odd )?years (?:ago|back)\b"
)
_JUST_AGE = re.compile(
    r"^(?:\w+[ ,]+){0,4}(\d{1,2})(?: (?:i think|ish|maybe|or so|now|ta|thanks|i believe|i reckon))*[ .!?]*$"
)

YOUNGEST, OLDEST = 7, 11
"""Ages of the pupils of a junior school, in years."""
ADULT = 18


def read_slots(standard: str, slots: Mapping[str, SlotType], today: date, asked: str | None = None) -> tuple[Slot, ...]:
    """The facts in `standard`, a message in standard spelling. `asked` names a fact just asked for."""
    found = [slot for kind in slots.values() if (slot := _read(kind, standard)) is not None]
    age = read_age(standard, today, expected=asked == "age" or any(s.value == "former_pupil" for s in found))
    if age is not None:
        found = [slot for slot in found if slot.name != "age"] + [age]
    return _consistent(tuple(found))


def _consistent(found: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """A junior school has no grown-up pupils: a "pupil" who is an adult was one."""
    if any((slot.name, slot.value) == ("age", "adult") for slot in found):
        return tuple(
            replace(s, value="former_pupil") if (s.name, s.value) == ("relation", "pupil") else s for s in found
        )
    return found


def pressed_slot(text: str, kind: SlotType | None) -> tuple[Slot, ...]:
    """The value of `kind`, the fact asked for, whose button was pressed or label typed in full; else nothing."""
    if kind is None:
        return ()
    said = _bare(text)
    return tuple(Slot(kind.id, v.id, text) for v in kind.values if _bare(v.label) == said)


def of_this_head(slots: tuple[Slot, ...], head_name: str) -> tuple[Slot, ...]:
    """`slots` without a permission that somebody gave who is named and is not the head of this school."""
    surname = head_name.lower().split()[-1] if head_name else ""

    def is_of_another(slot: Slot) -> bool:
        named = _TITLED.search(slot.read_from)
        return slot.name == "permission" and named is not None and named[1] != surname

    return tuple(slot for slot in slots if not is_of_another(slot))


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _read(kind: SlotType, text: str) -> Slot | None:
    for value in kind.values:
        for pattern in value.patterns:
            for match in pattern.finditer(text):
                before = text[max(0, match.start() - 60) : match.start()].rstrip()
                asked = any(unless.search(before) for unless in kind.unless)
                if not asked and not any(doubt.search(text) for doubt in value.doubts):
                    return Slot(kind.id, value.id, match[0].strip())
    return None


def read_age(text: str, today: date, *, expected: bool) -> Slot | None:
    """Whether the person spoken of is a child or an adult, by years of age or the year they were taught."""
    coming = _COMING.search(text)
    if coming and not _PAST.search(text[: coming.start()]):
        return Slot("age", "child", coming[0])
    limit = _LIMIT.search(text)
    if limit:
        return Slot("age", "child" if limit[1] else "adult", limit[0])
    stated = [(int(next(group for group in match.groups() if group)), match[0]) for match in _AGE.finditer(text)]
    stated = [(years, words) for years, words in stated if 3 <= years <= 99]
    if stated:
        return _age_slot(*stated[-1 if _TAKEN_BACK.match(text) else 0])
    if spoken := _SPOKEN_AGE.search(text):
        return _age_slot(_WORDS[spoken[1]], spoken[0])
    return _expected_age(text, today) if expected else None


def _expected_age(text: str, today: date) -> Slot | None:
    """The age in a message that is known to tell one, by a bare number or the year they were taught."""
    named = _AFTER_NOUN.search(text)
    if named:
        return _age_slot(int(named[1]), named[0])
    bare = _JUST_AGE.match(text)
    if bare and 3 <= int(bare[1]) <= 99:
        return _age_slot(int(bare[1]), bare[1])
    word = _WORD_AGE.search(text)
    if word:
        return _age_slot(_WORDS[word[1]], word[0])
    mentioned = _MENTIONED.search(text)
    if mentioned:
        return _age_slot(int(mentioned[1]), mentioned[0])
    taught = _TAUGHT_IN.search(text)
    if taught and int(taught[1]) <= today.year:
        return _since(today.year - int(taught[1]), taught[0])
    ago = _TAUGHT_AGO.search(text)
    if ago:
        return _since(int(ago[1]) if ago[1].isdigit() else _SMALL.get(ago[1], _WORDS.get(ago[1], 0)), ago[0])
    return None


def _since(years: int, words: str) -> Slot | None:
    """By how long ago they were here: certain only outside the band of ages that a pupil may have had."""
    if YOUNGEST + years >= ADULT:
        return Slot("age", "adult", words)
    if OLDEST + years < ADULT:
        return Slot("age", "child", words)
    return None


def _age_slot(years: int, words: str) -> Slot:
    return Slot("age", "adult" if years >= ADULT else "child", words.strip())
