"""compose(): a ruling into parts that every platform can show. Decides nothing, invents no words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chatbot.knowledge import Edition, Knowledge, School
from chatbot.model import (
    Answer,
    Choice,
    Choices,
    Citation,
    Clarify,
    Concern,
    Decline,
    Declined,
    Escalate,
    Greet,
    Kind,
    Notice,
    Part,
    Quote,
    Reply,
    Route,
    Ruling,
    Status,
    Text,
)

CONFIRM, WITHDRAW = "concern:confirm", "concern:withdraw"
"""What the two buttons of a possible report send."""
MEANT = "meant:"
"""What a "did you mean" button sends, before the intent's id."""


def compose(
    ruling: Ruling,
    school: School,
    knowledge: Knowledge,
    today: date,
    reference: str | None = None,
    unreachable: frozenset[Route] = frozenset(),
) -> Reply:
    """The reply that says `ruling`. `reference` is the escalation's, None where nothing is recorded (ask, batch);
    `unreachable` are the routes on which nobody can be told.
    """
    say = _Say(school, knowledge)
    match ruling:
        case Answer():
            parts = (*_answer(ruling, school, say), *_reviews(school, knowledge, say, today))
            return _answered(Kind.ANSWER, ruling, parts)
        case Clarify(slot, values, provisional):
            kind = knowledge.slots[slot]
            choices = Choices(tuple(Choice(kind.label(v), kind.label(v)) for v in values))
            asked = Text(say("ask_slot", question=kind.question))
            parts = (*_answer(provisional, school, say), asked, choices, *_reviews(school, knowledge, say, today))
            return _answered(Kind.ANSWER if kind.condition else Kind.CLARIFY, provisional, parts)
        case Escalate(concern, also):
            nobody = concern.route in unreachable
            parts = (
                *_concern(concern, reference, nobody, say),
                *_reporting(school, say),
                *_with_answer(also, school, say),
            )
            return Reply(
                Kind.ESCALATE, parts, concern.status, also.verdict if also else None, also.intent if also else None,
                also.rules if also else (), also.because if also else "", concern.route, concern.emergency, reference,
                1.0, private=True,
            )  # fmt: skip
        case Declined():
            parts = _declined(ruling, school, knowledge, say)
            if ruling.reason is Decline.SILENT:
                parts = (*parts, *_reviews(school, knowledge, say, today))
            return Reply(Kind.NONE, parts, intent=ruling.intent, confidence=ruling.confidence)
        case Greet(sort):
            words = Text(say(sort, reference=reference or ""))
            return Reply(Kind.SMALLTALK, (words, *_suggested(sort, school)), confidence=1.0)


class _Say:
    """Fills the school's names into the wording."""

    def __init__(self, school: School, knowledge: Knowledge) -> None:
        self.wording = knowledge.wording
        self.names = {
            "school": school.name,
            "head": f"the {school.head}",
            "ask": f"the {school.head}",
            "owner": school.owner,
            "updated": school.updated,
            "due": school.due_shown,
            "example": f"“{school.suggestions[0]}”" if school.suggestions else "",
        }

    def __call__(self, key: str, **words: str) -> str:
        return self.wording[key].format_map({**self.names, **words})


def _answered(kind: Kind, answer: Answer, parts: tuple[Part, ...]) -> Reply:
    return Reply(
        kind, parts, verdict=answer.verdict, intent=answer.intent, rules=answer.rules, because=answer.because,
        confidence=answer.confidence,
    )  # fmt: skip


def _answer(answer: Answer, school: School, say: _Say) -> tuple[Part, ...]:
    verdict = say(f"verdict_{answer.verdict}")
    headline = Notice("verdict", say("verdict_because", verdict=verdict, because=answer.because))
    return (headline, *_quotes(answer.clauses, school), Text(answer.guidance))


def _quotes(clause_ids: Iterable[str], school: School) -> tuple[Quote, ...]:
    """The clauses as quotations; neighbouring sentences of one paragraph become one."""
    quotes: list[Citation] = []
    last = None
    for clause_id in sorted_neighbours(tuple(clause_ids), school):
        clause = school.clauses[clause_id]
        joined = f"{last.text} {clause.text}" if last is not None else ""
        if (
            last is not None
            and not clause.lead
            and last.block == clause.block
            and joined in school.blocks[clause.block]
        ):
            before = quotes.pop()
            quotes.append(Citation(before.clause, before.heading, f"{before.text} {clause.text}", before.url))
        else:
            quotes.append(Citation(clause.id, clause.heading, clause.shown, f"/policies/{school.id}#{clause.id}"))
        last = clause
    return tuple(Quote(citation) for citation in quotes)


def sorted_neighbours(clause_ids: tuple[str, ...], school: School) -> tuple[str, ...]:
    """`clause_ids` with each clause moved next to its neighbour of the same paragraph, in the text's order."""
    order = list(school.clauses)
    groups: dict[int, list[str]] = {}
    for clause_id in clause_ids:
        groups.setdefault(school.clauses[clause_id].block, []).append(clause_id)
    return tuple(clause_id for group in groups.values() for clause_id in sorted(group, key=order.index))


def _reviews(school: School, knowledge: Knowledge, say: _Say, today: date) -> tuple[Part, ...]:
    """What is out of date about the policy on `today`."""
    notices = [Notice("review", say("overdue"))] if today > school.due else []
    for cited in school.guidance:
        current = current_edition(knowledge.editions, cited.title, today)
        if current is not None and current.edition > cited.edition:
            words = {"title": cited.title, "cited": str(cited.edition), "current": str(current.edition)}
            notices.append(Notice("review", say("old_guidance", **words)))
    return tuple(notices)


def current_edition(editions: Iterable[Edition], title: str, today: date) -> Edition | None:
    """The edition of `title` in force on `today`, or None where none is known."""
    in_force = [e for e in editions if e.title == title and e.start <= today and (e.end is None or today <= e.end)]
    return max(in_force, key=lambda e: e.edition, default=None)


def _recipient(route: Route, say: _Say) -> str:
    return say(f"recipient_{route}")


def _concern(concern: Concern, reference: str | None, nobody: bool, say: _Say) -> tuple[Part, ...]:
    recipient = _recipient(concern.route, say)
    live = "trial" if reference is None else "unreachable" if nobody else "live"
    possible = concern.status is Status.POSSIBLE
    parts: list[Part] = [Notice("emergency", say("emergency" if concern.emergency else "if_danger"))]
    key = f"{'possible' if possible else 'raised'}_{live}"
    parts.append(Notice("concern", say(key, recipient=recipient, reference=reference or "")))
    if possible:
        choices = (Choice(say("pass_on", recipient=recipient), CONFIRM), Choice(say("only_asking"), WITHDRAW))
        parts.append(Choices(choices))
    parts.extend((Text(say(f"do_now_{concern.route}")), Text(say("do_not"))))
    parts.extend(Notice("duty", say(f"duty_{duty}")) for duty in concern.duties)
    return tuple(parts)


def _reporting(school: School, say: _Say) -> tuple[Part, ...]:
    """The school's own clause on reporting, shown beside the floor that holds everywhere."""
    return (Text(say("clause_for_reports")), *_quotes(school.reporting, school)) if school.reporting else ()


def _with_answer(also: Answer | None, school: School, say: _Say) -> tuple[Part, ...]:
    return () if also is None else (Text(say("answer_too")), *_answer(also, school, say))


def _declined(declined: Declined, school: School, knowledge: Knowledge, say: _Say) -> tuple[Part, ...]:
    if declined.reason is Decline.SILENT:
        parts: list[Part] = [Text(say("silent", say=declined.say)), Text(say("ask_person", ask=declined.ask))]
        if declined.nearest:
            parts = [parts[0], Notice("closest", say("closest")), *_quotes(declined.nearest, school), parts[1]]
        return tuple(parts)
    text = Text(say(declined.reason))
    if declined.reason is Decline.NOT_UNDERSTOOD and declined.suggestions:
        choices = tuple(Choice(_short(knowledge, intent), f"{MEANT}{intent}") for intent in declined.suggestions)
        return (text, Text(say("did_you_mean")), Choices(choices))
    return (text,)


def _short(knowledge: Knowledge, intent_id: str) -> str:
    title = knowledge.intents[intent_id].title
    return title if len(title) <= 75 else title[:74].rsplit(" ", 1)[0] + "…"


def _suggested(sort: str, school: School) -> tuple[Part, ...]:
    if sort not in ("greeting", "help", "restart"):
        return ()
    return (Choices(tuple(Choice(text, text) for text in school.suggestions)),)
