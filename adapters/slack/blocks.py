"""message_of(): a Reply as a message of Slack, and as the text that is read out in place of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ContextActionsBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    SectionBlock,
)

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import is_blank, one_line
from adapters.escalations.standing import Standing
from adapters.slack.actions import (
    CHOICE,
    CHOICES_BLOCK,
    CLAUSE,
    FEEDBACK,
    FEEDBACK_BLOCK,
    FEEDBACK_NO,
    FEEDBACK_YES,
    SHARE,
    SHARE_BLOCK,
    Chosen,
    ClauseRef,
    Feedback,
)
from adapters.slack.clauses import address_of, quoted_clauses
from adapters.slack.elements import (
    actions,
    bullets,
    button,
    header,
    line,
    link,
    note,
    paragraph,
    plain,
    quote,
    rich,
    said,
    sections,
)
from adapters.slack.pieces import Message, Piece, message_from
from adapters.slack.settled import settled_block
from adapters.slack.standing import standing_piece
from adapters.slack.texts import LONGEST_SECTION, bounded, length, sentence, spoken
from chatbot.compose import CONFIRM
from chatbot.knowledge import School
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text, Verdict

_LONGEST_NOTICE = 1_000
_LONGEST_HEADLINE = 140
_MOST_CHOICES = 10
_MOST_POINTS = 20
_LONGEST_IN_POINTS = 2_000
_RIGHT, _WRONG = "This was right", "This was not right"
_SHORTENED = "This reply is shortened: the rest of it is in the policy."

VERDICTS: Mapping[Verdict, str] = {
    Verdict.ALLOWED: "white_check_mark",
    Verdict.NOT_ALLOWED: "no_entry",
    Verdict.DEPENDS: "scales",
    Verdict.REQUIRED: "exclamation",
    Verdict.INFO: "information_source",
}
TONES: Mapping[str, str] = {"review": "hourglass", "duty": "clipboard", "closest": "mag"}


@dataclass(frozen=True, slots=True)
class Showing:
    """A reply, and how it is to be shown."""

    reply: Reply
    school: School
    turn_id: str
    policy_url: PolicyUrl | None = None
    standing: Standing | None = None
    settled: str | None = None
    share: bool = False
    feedback: bool = True
    public: bool = False
    in_view: bool = False


def message_of(
    reply: Reply,
    school: School,
    *,
    turn_id: str,
    policy_url: PolicyUrl | None = None,
    standing: Standing | None = None,
    settled: str | None = None,
    share: bool = False,
    feedback: bool = True,
    public: bool = False,
) -> Message:
    """`reply` as a message. `settled` is what was chosen: it stands in place of the buttons.

    `policy_url` leads to a page that everybody reaches; without it a button opens the clause. `standing` is how the
    report stands now. `public`: it was written where others read it. A private reply is never offered for sharing.
    """
    showing = Showing(reply, school, turn_id, policy_url, standing, settled, share, feedback, public)
    return message_from(pieces_of(showing), _SHORTENED)


def pieces_of(showing: Showing) -> tuple[Piece, ...]:
    """The parts of a reply: danger first, then what has become of the report, then the rest in its order."""
    order = {"emergency": 0, "concern": 1}
    ranked = [(2, piece) for piece in _report(showing)]
    buttons = 0
    for part in showing.reply.parts:
        at = order.get(part.tone, 3) if isinstance(part, Notice) else 3
        ranked += [(at, piece) for piece in _part(part, showing, buttons)]
        buttons += len(part.choices) if isinstance(part, Choices) else 0
    return (*(piece for _, piece in sorted(ranked, key=_place)), *_below(showing))


def _place(row: tuple[int, Piece]) -> int:
    return row[0]


def _part(part: Part, showing: Showing, before: int) -> Iterator[Piece]:
    """One part; `before` is how many buttons stand before it."""
    match part:
        case Text(text):
            yield Piece(2, sentence(text), _text(bounded(text, LONGEST_SECTION), showing.reply))
        case Quote(citation):
            yield _quote(citation, showing)
        case Choices(choices):
            yield from _choices(choices, showing, before)
        case Notice("verdict", text):
            yield Piece(1, sentence(text), (_verdict(text, showing.reply),))
        case Notice("emergency", text):
            yield Piece(0, sentence(text), (_emergency(text, showing.reply),))
        case Notice("concern", text):
            yield Piece(1, sentence(text), (_concern(text, showing.standing),))
        case Notice("duty", text):
            yield Piece(1, sentence(text), (paragraph(TONES["duty"], "", bounded(text, LONGEST_SECTION)),))
        case Notice(tone, text):
            yield Piece(4, sentence(text), _note(text, TONES.get(tone, "")))


def _text(text: str, reply: Reply) -> tuple[Block, ...]:
    """A paragraph; what to do about a concern is one point a sentence, to be found at a glance."""
    points = [point for point in re.split(r"(?<=\.)\s+(?=[A-Z])", text.strip()) if not is_blank(point)]
    few = 2 <= len(points) <= _MOST_POINTS and len(text) <= _LONGEST_IN_POINTS
    if reply.kind is not Kind.ESCALATE or not few:
        return sections(text)
    return (rich(bullets([[said(point)] for point in points])),)


def _note(text: str, icon: str) -> tuple[Block, ...]:
    return () if is_blank(text) else (note(text, icon),)


def _verdict(text: str, reply: Reply) -> Block:
    """The verdict's own word set apart from the reason that follows it."""
    because = reply.because.strip()
    if because and text.endswith(because):
        word = text.removesuffix(because).strip()
    else:
        word, _, because = text.partition(". ")
        word = f"{word}." if because else word
    icon = VERDICTS[reply.verdict or Verdict.INFO]
    return paragraph(icon, bounded(word, _LONGEST_NOTICE), bounded(because, _LONGEST_NOTICE))


def _emergency(text: str, reply: Reply) -> Block:
    if reply.emergency and length(text) <= _LONGEST_HEADLINE and not is_blank(text):
        return header(text, "rotating_light")
    return paragraph("rotating_light" if reply.emergency else "warning", bounded(text, _LONGEST_NOTICE))


def _concern(text: str, standing: Standing | None) -> Block:
    """What was said of the report. Once it says below how that stands now, this holds for the time it was sent."""
    text = bounded(text, 2 * _LONGEST_NOTICE)
    if standing is not None:
        return paragraph("shield", "When this was sent:", text)
    first = re.split(r"(?<=[.?])\s", text, maxsplit=1)
    return paragraph("shield", first[0], first[1] if len(first) > 1 else "")


def _quote(citation: Citation, showing: Showing) -> Piece:
    school = showing.school
    ref = ClauseRef(school.id, quoted_clauses(citation, school))
    text = bounded(citation.text, LONGEST_SECTION)
    heading = bounded(one_line(citation.heading), 300)
    clause = bounded(one_line(citation.clause), 80)
    aloud = f"“{spoken(text)}” ({spoken(heading)}, clause {spoken(clause)})."
    url = address_of(ref.school, ref.clauses, showing.policy_url)
    words = quote(said(text if not is_blank(text) else "…"))
    if url:
        source = line(said(f"{heading} · "), link(f"Clause {clause} in the policy", url))
        return Piece(3, aloud, (rich(words, source),))
    reads = button("Read it in the policy", CLAUSE, str(ref), says=f"Read it in the policy: clause {clause}")
    known = ClauseRef.parse(str(ref)) == ref
    source_block = SectionBlock(text=plain(f"{heading} · Clause {clause}"), accessory=reads if known else None)
    return Piece(3, aloud, (rich(words), source_block))


def _choices(choices: Sequence[Choice], showing: Showing, before: int) -> Iterator[Piece]:
    """Buttons, or in their place what was chosen."""
    block_id = f"{CHOICES_BLOCK}.{before}" if before else CHOICES_BLOCK
    if showing.settled is not None:
        if choices and not before:
            yield Piece(0, sentence(f"You chose: {showing.settled}"), (settled_block(showing.settled),))
        return
    offered = [choice for choice in choices if not is_blank(choice.label) and not is_blank(choice.value)]
    offered = offered[: max(0, _MOST_CHOICES - before)]
    if offered:
        buttons = [_choice(choice, showing, before + number) for number, choice in enumerate(offered)]
        aloud = (sentence(f"Choice {before + at}: {choice.label}") for at, choice in enumerate(offered, 1))
        yield Piece(0, " ".join(aloud), actions(buttons, block_id))


def _choice(choice: Choice, showing: Showing, number: int) -> ButtonElement:
    carried = Chosen(showing.turn_id, choice.value, one_line(choice.label))
    style = "primary" if choice.value == CONFIRM else None
    return button(choice.label, f"{CHOICE}.{number}", str(carried), style=style)


def noted_of(*, right: bool) -> Message:
    """The answer to a thumb."""
    words = "Noted as right. Thank you." if right else "Noted as not right. Thank you."
    return message_from([Piece(0, words, (note(words),))])


def _report(showing: Showing) -> Iterator[Piece]:
    """How the report stands, whom to phone, and that it lies open where others read it."""
    if showing.standing is not None:
        yield standing_piece(showing.standing)
    if showing.public:
        kept = " It is kept with the report." if showing.reply.reference else ""
        where = f"Delete your message there.{kept}"
        lead = "You wrote this where others can read it."
        yield Piece(0, f"{lead} {where}", (paragraph("wastebasket", lead, where),))


def _below(showing: Showing) -> Iterator[Piece]:
    """Sharing, and whether the reply was right."""
    reply = showing.reply
    if showing.share and not reply.private and reply.kind is not Kind.ESCALATE:
        says = "Share in channel: this answer"
        yield Piece(1, "", actions([button("Share in channel", SHARE, showing.turn_id, says=says)], SHARE_BLOCK))
    if showing.feedback and reply.kind in (Kind.ANSWER, Kind.CLARIFY, Kind.NONE):
        yield Piece(1, "", _feedback(showing))


def _feedback(showing: Showing) -> tuple[Block, ...]:
    """Two thumbs in a message; a view has no place for them, so there they are buttons."""
    yes, no = (str(Feedback(showing.turn_id, right)) for right in (True, False))
    if showing.in_view:
        return actions([button(_RIGHT, FEEDBACK_YES, yes), button(_WRONG, FEEDBACK_NO, no)], FEEDBACK_BLOCK)
    good = FeedbackButtonObject(text=_RIGHT, value=yes)
    bad = FeedbackButtonObject(text=_WRONG, value=no)
    thumbs = FeedbackButtonsElement(action_id=FEEDBACK, positive_button=good, negative_button=bad)
    return (ContextActionsBlock(elements=[thumbs], block_id=FEEDBACK_BLOCK),)
