"""screen(): is this a concern? First on every message, and independent of what is asked.

Three judges look at the message and at each of its sentences: signs (patterns with points, in
knowledge/safeguarding.yaml), word odds learnt by counting examples, and sentence meaning where the
extra is there. Their sum decides. A sentence is judged on its own too, so that words around a
report never hide it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from chatbot.knowledge import Knowledge, Screening, Sign
from chatbot.model import Concern, Question, Route, Status
from chatbot.ports import Semantics
from chatbot.similarity import word_features
from chatbot.text import read

MOST_SENTENCES = 40
"""Sentences judged one by one; what follows in a long story is judged with the last."""

WORTH_A_LOOK = -0.1
"""Score by words from which a sentence among others is also judged by its meaning; the whole always is.
On none of 1,172 questions and reports did a lower bound find another report."""
LONGEST_RUN = 2
"""Neighbouring sentences judged together: a report told in so many is found whatever stands around it."""
BRIEF = 10
"""Words under which more neighbours are judged together: "Missing. Year 1. Zac. Both gates open." is one report."""
CERTAIN = 5.0
"""Points from which signs alone make a possible report: likeness may add to them, never take away."""
FEWEST_WORDS = 3
"""Fewer words than this are judged by signs alone: likeness needs something to go by."""
PLAIN_FACT = "plain-fact"
"""The sign of a sentence that says no more than somebody's age or kin ("she's 14 now"): judged by signs alone."""
POINT = 0.2
"""What one point of a sign adds to a score."""
DANGER = 1.0
"""Word odds from which a clear report is an emergency without a pattern of danger."""
HEAD = -0.3
"""Word odds from which a report that mentions the head is about the head."""
NOTHING = -1.0
"""The score of a few words without a sign: they tell of nothing."""
MEANING = 1.5
"""What one unit of meaning adds to a score: of 243 reports held back from all learning 83 in 100 are found at 5 in 100
of the look-alikes held back, against 80 with a weight of 1."""
ODDS = 0.3
"""What one unit of word odds adds to a score."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a piece of text was judged: the score, that of its words alone, the points and the signs found."""

    score: float
    by_words: float
    points: float
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordOdds:
    """How much likelier each word is in reports than elsewhere: naive Bayes by counting."""

    odds: Mapping[str, float]
    """Log odds of a word or a pair of words; above 0 speaks for a report."""

    def score(self, text: str) -> float:
        """Log odds of `text`, evened out for its length; above 0 speaks for a report."""
        features = word_features(text)
        return sum(self.odds.get(f, 0.0) for f in features) / math.sqrt(max(8, len(features)))


def word_odds(reports: Iterable[str], others: Iterable[str]) -> WordOdds:
    """Counted from texts in standard spelling."""
    inside, outside = _counts(reports), _counts(others)
    known = {f for f in inside.keys() | outside.keys() if inside[f] + outside[f] > 1}
    total_in = sum(inside.values()) + 0.5 * len(known)
    total_out = sum(outside.values()) + 0.5 * len(known)
    return WordOdds(
        {f: math.log((inside[f] + 0.5) / total_in) - math.log((outside[f] + 0.5) / total_out) for f in sorted(known)}
    )


def _counts(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word_features(text).keys())
    return counts


@dataclass(frozen=True, slots=True)
class Odds:
    """What screening counts from its examples: all that a build step keeps."""

    report: WordOdds
    """Reports against look-alikes and ordinary questions."""
    about_adult: WordOdds
    """Reports about adults at school against reports about children."""
    about_head: WordOdds
    """Reports about the head against reports about other adults and children."""
    in_danger: WordOdds
    """Reports of immediate danger against other reports."""


@dataclass(frozen=True, slots=True)
class Screener:
    """Everything screening needs, made once at start."""

    screening: Screening
    odds: Odds
    semantics: Semantics | None


@dataclass(frozen=True, slots=True)
class Examples:
    """What screening learns from, in standard spelling."""

    reports: Mapping[str, tuple[str, ...]]
    """By whom they are about; `_now` for immediate danger."""
    others: tuple[str, ...]
    """Look-alikes, and each sentence that stands in a look-alike or in an ordinary question: a sentence is
    judged on its own too, and out of its place many an ordinary one sounds like a report."""

    @property
    def all_reports(self) -> tuple[str, ...]:
        """Every report, whomever it is about."""
        return tuple(text for texts in self.reports.values() for text in texts)


def report_examples(knowledge: Knowledge) -> Examples:
    """The examples of `knowledge` that screening learns from."""
    screening, spelling = knowledge.screening, knowledge.spelling
    reports = {k: tuple(read(t, spelling).standard for t in texts) for k, texts in screening.reports.items()}
    whole = [read(text, spelling) for text in screening.lookalikes]
    asked = [read(text, spelling) for intent in knowledge.intents.values() for text in intent.examples]
    parts = [
        part
        for question in (*whole, *asked)
        if len(question.sentences) > 1
        for part in question.sentences
        if len(part.split()) >= FEWEST_WORDS
    ]
    return Examples(reports, (*(question.standard for question in whole), *dict.fromkeys(parts)))


def count_odds(examples: Examples, ordinary: Iterable[str]) -> Odds:
    """The odds of `examples`; `ordinary` are questions in standard spelling."""
    about = examples.reports
    child, staff, head = ((*about.get(k, ()), *about.get(f"{k}_now", ())) for k in ("child", "staff", "head"))
    now = [text for key, texts in about.items() if key.endswith("_now") for text in texts]
    later = [text for key, texts in about.items() if not key.endswith("_now") for text in texts]
    return Odds(
        word_odds(examples.all_reports, (*examples.others, *ordinary)),
        word_odds((*staff, *head), child),
        word_odds(head, (*staff, *child)),
        word_odds(now, later),
    )


def screen(question: Question, screener: Screener, head_name: str) -> Concern | None:
    """The concern in `question`, or None. A question too long or foreign is judged by its strongest words.

    `head_name` is the headteacher's at this school: a report that names them goes above them.
    """
    screening = screener.screening
    if question.too_long or question.foreign:
        return _unread(question, screening)
    if not question.words:
        return None
    whole, *parts = _windows(question)
    near = tuple(_near({question.standard, " ".join(question.sentences)}, screening.signs, screening))
    found = [judge(whole, screener, near), *(judge(part, screener, near, WORTH_A_LOOK) for part in parts)]
    best = max(found, key=lambda judgement: judgement.score)
    possible, clear = screening.by_words if screener.semantics is None else screening.by_meaning
    by_words = max(judgement.by_words for judgement in found) >= screening.words_beside_meaning
    certain = max(judgement.points for judgement in found) >= CERTAIN
    if best.score < possible and not by_words and not certain:
        return None
    told = zip(parts, found[1:], strict=True) if parts else [(whole, found[0])]
    sure = (" ".join(window) for window, judgement in told if judgement.score >= clear)
    emergency = _is_emergency(question.standard, sure, screener)
    status = Status.RAISED if best.score >= clear or emergency else Status.POSSIBLE
    signs = tuple(dict.fromkeys(sign for judgement in found for sign in judgement.signs))
    route = _route(question.standard, screener, head_name, signs)
    return Concern(route, status, emergency, _duties(question.standard, screening), signs)


def declared(question: Question, screener: Screener, head_name: str) -> Concern:
    """The concern in a message that its writer sent off as a report: never less than that."""
    concern = screen(question, screener, head_name)
    if concern is not None:
        return replace(concern, status=Status.RAISED)
    standard = question.standard
    emergency = any(found.search(standard) for found in screener.screening.emergencies)
    route = _route(standard, screener, head_name, ()) if standard else Route.DSL
    return Concern(route, Status.RAISED, emergency, _duties(standard, screener.screening))


def _is_emergency(standard: str, sure: Iterable[str], screener: Screener) -> bool:
    """Whether somebody is in danger now: by a pattern, or by the words of a part that is surely a report.

    Only parts are looked at, never a long story as a whole, so that words around a report change nothing.
    """
    if any(found.search(standard) for found in screener.screening.emergencies):
        return True
    return any(screener.odds.in_danger.score(part) > DANGER for part in sure)


def judge(window: Sequence[str], screener: Screener, signs: Sequence[Sign], least: float = -math.inf) -> Judgement:
    """How much neighbouring sentences, in standard spelling, read like a report.

    `signs` are those looked for. Meaning is looked at where the words alone score `least` or more.
    """
    standard = " ".join(window)
    found: dict[str, Sign] = {}
    for sign in signs:
        if sign.id not in found and sign.pattern.search(standard):
            found[sign.id] = sign
    gained = sum(max(0.0, sign.points) for sign in found.values())
    lost = sum(min(0.0, sign.points) for sign in found.values())
    points = max(gained + lost, sum(sign.points for sign in found.values() if sign.hard))
    by_words, meaning = POINT * points, 0.0
    if points <= 0 and (len(standard.split()) < FEWEST_WORDS or PLAIN_FACT in found):
        return Judgement(min(by_words, NOTHING), by_words, points, tuple(found))
    by_words += ODDS * screener.odds.report.score(standard)
    if screener.semantics is not None and by_words >= least:
        meaning = MEANING * screener.semantics.report(window)
    return Judgement(by_words + meaning, by_words, points, tuple(found))


def _near(texts: Set[str], signs: Sequence[Sign], screening: Screening) -> Iterator[Sign]:
    """Those of `signs` that may be in a part of `texts`: the others are in none."""
    adult = any(screening.adult.search(text) for text in texts)
    for sign in signs:
        if (adult or not sign.of_adult) and any(sign.core.search(text) for text in texts):
            yield sign


def _windows(question: Question) -> list[tuple[str, ...]]:
    """The whole, each sentence, and each run of LONGEST_RUN neighbours, or of more where they are brief: what is judged
    on its own.
    """
    singles = list(question.sentences)
    if len(singles) > MOST_SENTENCES:
        singles = [*singles[: MOST_SENTENCES - 1], " ".join(singles[MOST_SENTENCES - 1 :])]
    sizes = [len(single.split()) for single in singles]
    runs: list[tuple[str, ...]] = []
    for first in range(len(singles)):
        for last in range(first, len(singles)):
            if last - first >= LONGEST_RUN and sum(sizes[first:last]) >= BRIEF:
                break
            runs.append(tuple(singles[first : last + 1]))
    return [question.pieces, *(run for run in runs if len(run) < len(singles))]


def _unread(question: Question, screening: Screening) -> Concern | None:
    """A text that was not read whole: the commonest words of harm make it a possible report."""
    text = question.text.lower()
    piece = text[:3000] + " " + text[-3000:] if question.too_long else text
    if question.foreign:
        found = any(pattern.search(piece) for pattern in screening.foreign)
    else:
        strong = tuple(sign for sign in screening.signs if sign.points >= 3)
        found = any(sign.pattern.search(piece) for sign in _near({piece}, strong, screening))
    return Concern(Route.DSL, Status.POSSIBLE) if found else None


_ABOUT_ADULTS = frozenset({"adult-and-child-private", "adult-boundaries", "told-on-oneself"})
_ABOUT_CHILDREN = frozenset(
    {"abuse-image", "self-harm", "exploitation", "online-predator", "neglect", "home-violence", "radicalisation"}
)
_ABOUT_HEAD = "head-covers-up"


def _route(standard: str, screener: Screener, head_name: str, signs: tuple[str, ...]) -> Route:
    """Whom it is about decides whom it goes to: an adult at school to the head, the head to the chair."""
    screening = screener.screening
    text = standard
    for bystander in screening.bystanders:
        text = bystander.sub(" ", text)
    surname = head_name.lower().split()[-1] if head_name else ""
    named = bool(surname) and surname in text.replace("'s", "").split()
    headship = named or bool(screening.headship.search(text))
    if named or _ABOUT_HEAD in signs or (headship and screener.odds.about_head.score(standard) > HEAD):
        return Route.CHAIR_OF_GOVERNORS
    adult = screening.adult.search(text) is not None
    if not adult and _ABOUT_CHILDREN.intersection(signs):
        return Route.DSL
    told = _ABOUT_ADULTS.intersection(signs)
    lean = (1.0 if adult else -1.8) + (0.5 if told and adult else 0.0) + (1.5 if "told-on-oneself" in signs else 0.0)
    return Route.HEADTEACHER if screener.odds.about_adult.score(standard) + lean > 0 else Route.DSL


def _duties(standard: str, screening: Screening) -> tuple[str, ...]:
    return tuple(
        duty for duty, patterns in screening.duties.items() if any(pattern.search(standard) for pattern in patterns)
    )
