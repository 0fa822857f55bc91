"""recognize(): which intent a question is about, and how sure that is.

Similarity picks only the topic. Facts come from read_slots(), and what an intent's cues say
(patterns over words) is added to the score. Equal words always give equal answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.calibration import Calibration, Trial
from chatbot.knowledge import Intent, Knowledge
from chatbot.model import Candidate, Match, Memory, Question, Slot
from chatbot.ports import Semantics
from chatbot.similarity import Lexical, Likenesses, Weights
from chatbot.text import read

CUE = 0.08
"""What a matching cue adds to an intent's score."""
MISSING = 0.12
"""What an intent loses where none of the words it needs is there."""
LEXICAL_SHARE = 0.8
"""Weight of word likeness beside sentence meaning, where the semantic extra is there."""
CLOSE = 0.06
"""Two intents nearer than this cannot be told apart by score alone."""
MOST = 5

MeaningWithout = Callable[[int], Weights]
"""The meaning scores of the example of a number, that example left out."""

_FOLLOW_UP = re.compile(
    r"^(and|what about|how about|what if|but|or|so what if|ok(ay)? (and|but|so|what)|also|even if|even on|same for"
    r"|does that|is that|sorry|no,?|nope|actually|i should say|i mean|i meant|well|it's|he's|she's|they're|that's"
    r"|thanks|right|oh|forgot to say|i forgot|whoops|oops|scrap that|ignore that|hang on|hold on|wait|typo|correction"
    r"|my mistake|my bad|meant|should'?ve said|should have said|brill(iant)?|great|lovely|ace|fab|cheers)\b"
)
_ASKS = re.compile(
    r"^(can|could|may|might|is|are|am|do|does|did|should|shall|will|would|what|who|whom|whose|how|when|where|which|why"
    r"|any|anyone|has|have|ok to|allowed|was|were)\b"
)

_WHAT_THEN = re.compile(
    r"\b(what|who) (do|should|must|would|have|can) i (\w+ ){0,3}(do|tell|ask)"
    r"( then| now| about (it|that|him|her|them))?( [?!])*$|^(so )?(what|where) (now|next|then)( [?!])*$"
)
"""Asks what follows from what was said, and of nothing new."""
_ELSEWHERE = re.compile(
    r"^((and|or|but|ok(ay)?|so|what|how|about|same (for|on|with)|is it the same (for|on)) ?,? ?){0,6}"
    r"((on|for|with|via|over) )?((the|our|my|a) )?((school'?s?|own) )?"
    r"(facebook|instagram|whatsapp|tiktok|snapchat|x|twitter|threads|linkedin|youtube|discord|messenger|bereal|telegram"
    r"|pinterest|reddit|twitch|bluesky|nextdoor|strava|website)"
    r"( (page|group|account|story|then|too|as well|though|instead|either)){0,3} ?[?!.]{0,3}$"
)
"""Nothing but another platform: the same is asked of it."""
LONGEST_SMALLTALK = 40
"""Words, full stops among them; who writes more wants something."""
AS_SURE = 0.8
"""How sure it is then: what was asked has been recognized before."""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Everything recognition needs, made once at start."""

    intents: Mapping[str, Intent]
    lexical: Lexical
    semantics: Semantics | None
    calibration: Calibration


def standard_examples(knowledge: Knowledge) -> dict[str, list[str]]:
    """Every intent's examples in standard spelling."""
    return {
        intent.id: [read(example, knowledge.spelling).standard for example in intent.examples]
        for intent in knowledge.intents.values()
    }


def recognize(question: Question, memory: Memory, recognizer: Recognizer, knowledge: Knowledge) -> Match:
    """The match for `question` in a conversation that knows `memory`."""
    if not question.words or question.too_long:
        return Match(None, 0.0, slots=question.slots)
    asked = memory.asked is not None and any(slot.name == memory.asked for slot in question.slots)
    smalltalk = None if asked else _smalltalk(question, knowledge)
    if smalltalk:
        return Match(None, 1.0, smalltalk=smalltalk)
    ranked = rank(question.standard, recognizer, question.pieces)
    best, margin = ranked[0], ranked[0].score - ranked[1].score
    certainty = recognizer.calibration.confidence(best.score, margin)
    if memory.intent and _follows_up(question, memory, best.intent, certainty, recognizer):
        slots = _merged(memory.slots, question.slots)
        least = AS_SURE if _ELSEWHERE.match(question.standard) else 0.6
        return Match(memory.intent, max(certainty, least), ranked, slots, follow_up=True)
    if best.score < recognizer.calibration.accept:
        return Match(None, certainty, ranked, question.slots)
    return Match(best.intent, certainty, ranked, question.slots, close=margin < CLOSE)


def rank(standard: str, recognizer: Recognizer, pieces: Sequence[str] = ()) -> tuple[Candidate, ...]:
    """The intents that `standard` is likest to, best first; equal scores in order of id.

    `pieces` are what is looked at for its meaning, where that is not the whole at once.
    """
    likeness = recognizer.lexical.likeness(standard)
    meaning = None if recognizer.semantics is None else recognizer.semantics.intents(pieces or (standard,))
    scores = _together(likeness, meaning)
    there = _Found(standard)
    for number, label in enumerate(recognizer.lexical.labels):
        intent = recognizer.intents[label]
        if intent.cues and any(there[pattern] for pattern in intent.cues):
            scores[number] += CUE
        if intent.needs and not any(there[pattern] for pattern in intent.needs):
            scores[number] -= MISSING
    best = np.argsort(-scores, kind="stable")[:MOST].tolist()
    labels = recognizer.lexical.labels
    return tuple(Candidate(labels[n], float(scores[n]), likeness[labels[n]].example) for n in best)


class _Found(dict[re.Pattern[str], bool]):
    """Whether each pattern is in one text, looked for once: many intents share theirs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, pattern: re.Pattern[str]) -> bool:
        self[pattern] = pattern.search(self._text) is not None
        return self[pattern]


def _together(likeness: Likenesses, meaning: Weights | None) -> Weights:
    """Words alone, or words beside meaning; one score a label, in the order of the labels."""
    scores = likeness.scores if meaning is None else meaning + LEXICAL_SHARE * likeness.scores
    return scores.astype(np.float32)


def evidence(standard: str, intent_id: str, recognizer: Recognizer) -> tuple[str, ...]:
    """The words of `standard` that speak most for an intent."""
    return recognizer.lexical.evidence(standard, intent_id)


def trials(lexical: Lexical, chosen: Sequence[int], meaning_without: MeaningWithout | None) -> tuple[Trial, ...]:
    """The examples numbered `chosen`, each scored with itself left out."""
    done = []
    for number in chosen:
        meaning = meaning_without(number) if meaning_without else None
        scores = _together(lexical.likeness(lexical.texts[number], without=number), meaning)
        first, second = np.argsort(-scores, kind="stable")[:2].tolist()
        right = first == int(lexical.owners[number])
        done.append(Trial(float(scores[first]), float(scores[first] - scores[second]), right))
    return tuple(done)


def _smalltalk(question: Question, knowledge: Knowledge) -> str | None:
    if len(question.words) > LONGEST_SMALLTALK:
        return None
    plain, standard = question.text.lower(), question.standard
    for sort, patterns in knowledge.smalltalk.items():
        if any(p.search(plain) or p.search(standard) for p in patterns):
            return sort
    return None


def _follows_up(question: Question, memory: Memory, best: str, certainty: float, recognizer: Recognizer) -> bool:
    """Whether a short message changes a fact of the last question rather than asking a new one."""
    intent = recognizer.intents.get(memory.intent or "")
    if intent is None:
        return False
    size = len(question.words)
    if _ELSEWHERE.match(question.standard) or (size <= 12 and certainty < 0.6 and _WHAT_THEN.search(question.standard)):
        return True
    old = {(slot.name, slot.value) for slot in memory.slots}
    new = [slot for slot in question.slots if slot.name in intent.slots and (slot.name, slot.value) not in old]
    if not new:
        return False
    if memory.asked and any(slot.name == memory.asked for slot in new):
        return True
    opener = bool(_FOLLOW_UP.match(question.standard))
    statement = "?" not in question.words and not _ASKS.match(question.standard)
    if best == memory.intent:
        return size <= 14
    if opener and size <= 5:
        return True
    if statement and size <= 8:
        return True
    if statement or opener:
        return size <= 14 and certainty < 0.9
    return size <= 6 and certainty < 0.5


def _merged(old: tuple[Slot, ...], new: tuple[Slot, ...]) -> tuple[Slot, ...]:
    names = {slot.name for slot in new}
    return (*(slot for slot in old if slot.name not in names), *new)
