"""message_of(): a Reply as an Adaptive Card, and as the text that is read out in place of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import is_blank, one_line, units
from adapters.escalations.standing import Standing
from adapters.teams.actions import Chosen, ClauseRef, picked_as, pressed
from adapters.teams.clauses import address_of
from adapters.teams.elements import (
    MOST_ACTIONS,
    ROOM_FOR_TEXT,
    Action,
    Element,
    actions,
    box,
    bullets,
    button,
    heading,
    line,
    linked,
    note,
    paragraph,
    picked_from,
    questions,
    said,
    submit,
    words,
)
from adapters.teams.pieces import Message, Piece, message_from
from adapters.teams.standing import standing_piece
from adapters.teams.surroundings import quoted_clauses
from adapters.teams.texts import bounded, inert, sentence, spoken, within
from chatbot.compose import CONFIRM
from chatbot.knowledge import School
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text, Verdict

_LONGEST_NOTICE = 1_000
_LONGEST_HEADLINE = 140
_MOST_CHOICES = 40
_SHORTENED = "This reply is shortened: the rest of it is in the policy."

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.ALLOWED: ("✅", "good"),
    Verdict.NOT_ALLOWED: ("⛔", "attention"),
    Verdict.DEPENDS: ("⚖️", "warning"),
    Verdict.REQUIRED: ("❗", "accent"),
    Verdict.INFO: ("ℹ️", "emphasis"),
}
"""The picture and the ground of each; its word says the same."""
TONES: Mapping[str, str] = {"review": "⏳", "duty": "📋", "closest": "🔍"}


@dataclass(frozen=True, slots=True)
class Showing:
    """A reply, and how it is to be shown."""

    reply: Reply
    school: School
    turn_id: str
    policy_url: PolicyUrl | None = None
    standing: Standing | None = None
    settled: str | None = None
    public: bool = False
    in_dialog: bool = False
    inserted: bool = False
    """Put into a conversation by a person, where the bot may not be: nothing can be pressed."""


def message_of(
    reply: Reply,
    school: School,
    *,
    turn_id: str,
    policy_url: PolicyUrl | None = None,
    standing: Standing | None = None,
    settled: str | None = None,
    feedback: bool = True,
    public: bool = False,
    lead: str = "",
) -> Message:
    """`reply` as a message. `settled` is what was chosen: it stands in place of the buttons.

    `policy_url` leads to a page that everybody reaches; without it a button opens the clause. `standing` is how the
    report stands now. `public`: it was written where others read it. `lead`: what was pressed for it.
    """
    showing = Showing(reply, school, turn_id, policy_url, standing, settled, public)
    asks = feedback and reply.kind in (Kind.ANSWER, Kind.CLARIFY, Kind.NONE)
    begun = (Piece(0, sentence(lead), (note(lead),)),) if not is_blank(lead) else ()
    return message_from((*begun, *pieces_of(showing)), _SHORTENED, feedback=asks)


def pieces_of(showing: Showing) -> tuple[Piece, ...]:
    """The parts of a reply: danger first, then what has become of the report, then the rest in its order."""
    order = {"emergency": 0, "concern": 1}
    ranked = [(2, piece) for piece in _report(showing)]
    for part in showing.reply.parts:
        at = order.get(part.tone, 3) if isinstance(part, Notice) else 3
        ranked += [(at, piece) for piece in _part(part, showing)]
    return tuple(piece for _, piece in sorted(ranked, key=_place))


def _place(row: tuple[int, Piece]) -> int:
    return row[0]


def _part(part: Part, showing: Showing) -> Iterator[Piece]:
    match part:
        case Text(text):
            yield Piece(2, sentence(text), _text(text, showing.reply))
        case Quote(citation):
            yield _quote(citation, showing)
        case Choices():
            if not showing.inserted and part is next(one for one in showing.reply.parts if isinstance(one, Choices)):
                yield from _choices(showing)
        case Notice("verdict", text):
            yield Piece(1, sentence(text), (_verdict(text, showing.reply),))
        case Notice("emergency", text):
            yield Piece(0, sentence(text), (_emergency(text, showing.reply),))
        case Notice("concern", text):
            yield Piece(1, sentence(text), (_concern(text, showing.standing),))
        case Notice("duty", text):
            yield Piece(1, sentence(text), (paragraph(TONES["duty"], "", bounded(text, _LONGEST_NOTICE)),))
        case Notice(tone, text):
            yield Piece(4, sentence(text), () if is_blank(text) else (note(text, TONES.get(tone, "")),))


def _text(text: str, reply: Reply) -> tuple[Element, ...]:
    """A paragraph; what to do about a concern is one point a sentence, to be found at a glance."""
    text = within(inert(text), ROOM_FOR_TEXT)
    points = [point for point in re.split(r"(?<=\.)\s+(?=[A-Z])", text.strip()) if not is_blank(point)]
    return words(text, ROOM_FOR_TEXT) if reply.kind is not Kind.ESCALATE or len(points) < 2 else bullets(points)


def _verdict(text: str, reply: Reply) -> Element:
    """The verdict's own word set apart from the reason that follows it."""
    because = reply.because.strip()
    if because and text.endswith(because):
        word = text.removesuffix(because).strip()
    else:
        word, _, because = text.partition(". ")
        word = f"{word}." if because else word
    icon, style = VERDICTS[reply.verdict or Verdict.INFO]
    reason = () if is_blank(because) else (line(said(bounded(because, _LONGEST_NOTICE)), spacing="small"),)
    alone = reply.kind is not Kind.ESCALATE  # beside a report it must not outshine that
    return box((heading(word, icon, large=alone), *reason), style, bleed=alone)


def _emergency(text: str, reply: Reply) -> Element:
    icon = "🚨" if reply.emergency else "⚠️"
    if reply.emergency and units(text) <= _LONGEST_HEADLINE and not is_blank(text):
        return box([heading(text, icon, large=True)], "attention", bleed=True)
    return box([paragraph(icon, bounded(text, _LONGEST_NOTICE))], "attention", bleed=True)


def _concern(text: str, standing: Standing | None) -> Element:
    """What was said of the report. Once it says below how that stands now, this holds for the time it was sent."""
    text = bounded(text, 2 * _LONGEST_NOTICE)
    if standing is not None:
        return paragraph("🛡️", "When this was sent:", text)
    first = re.split(r"(?<=[.?])\s", text, maxsplit=1)
    return box([paragraph("🛡️", first[0], first[1] if len(first) > 1 else "")], "accent")


def _quote(citation: Citation, showing: Showing) -> Piece:
    school = showing.school
    ref = ClauseRef(school.id, quoted_clauses(citation, school))
    text = within(inert(citation.text), ROOM_FOR_TEXT) if not is_blank(citation.text) else "…"
    title, clause = bounded(one_line(citation.heading), 300), bounded(one_line(citation.clause), 80)
    aloud = f"“{spoken(text)}” ({spoken(title)}, clause {spoken(clause)})."
    url = address_of(ref.school, ref.clauses, showing.policy_url)
    if url:
        source: tuple[Element, ...] = (linked(f"{title} ·", f"Clause {clause} in the policy", url, small=True),)
    else:
        says = f"Read it in the policy: clause {clause}"
        reads = button("Read it in the policy", ref, says=says, dialog=showing.in_dialog)
        known = pressed(ref.data()) == ref
        shown = known and not showing.inserted
        source = (note(f"{title} · Clause {clause}", spacing="small"), *(actions([reads]) if shown else ()))
    return Piece(3, aloud, (box((line(said(f"“{text}”")), *source), "emphasis"),))


def _choices(showing: Showing) -> Iterator[Piece]:
    """Buttons, or a list where they are too many, or in their place what was chosen."""
    if showing.settled is not None:
        label = bounded(one_line(showing.settled), 75) or "…"
        yield Piece(0, sentence(f"You chose: {label}"), (line(said("☑️ You chose: "), said(label, bold=True)),))
        return
    offered = [one for one in showing.reply.choices if not (is_blank(one.label) or is_blank(one.value))][:_MOST_CHOICES]
    if not offered:
        return
    aloud = " ".join(sentence(f"Choice {at}: {choice.label}") for at, choice in enumerate(offered, 1))
    if len(offered) > MOST_ACTIONS:
        options = {picked_as(one.value, one_line(one.label)): one.label for one in offered}
        sender = submit("Choose", Chosen(showing.turn_id, "", ""), positive=True)
        yield Piece(0, aloud, (*picked_from("Your answer", list(options.items())), *actions([sender])))
        return
    buttons = [_choice(choice, showing) for choice in offered]
    show = questions if showing.reply.kind in (Kind.SMALLTALK, Kind.NONE) else actions
    yield Piece(0, aloud, show(buttons))


def _choice(choice: Choice, showing: Showing) -> Action:
    carried = Chosen(showing.turn_id, choice.value, one_line(choice.label))
    return button(choice.label, carried, says=choice.label, positive=choice.value == CONFIRM, dialog=showing.in_dialog)


def _report(showing: Showing) -> Iterator[Piece]:
    """How the report stands, whom to phone, and that it lies open where others read it."""
    if showing.standing is not None:
        yield standing_piece(showing.standing)
    if showing.public:
        kept = " It is kept with the report." if showing.reply.reference else ""
        lead, where = "You wrote this where others can read it.", f"Delete your message there.{kept}"
        yield Piece(0, f"{lead} {where}", (paragraph("🗑️", lead, where),))
