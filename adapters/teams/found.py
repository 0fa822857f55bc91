"""What the search extension finds: a clause or a rule as a card to put into a conversation, and its line in a list."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import one_line
from adapters.teams.actions import ClauseRef
from adapters.teams.cards import Showing, pieces_of
from adapters.teams.clauses import address_of
from adapters.teams.elements import box, heading, line, linked, note, said
from adapters.teams.pieces import Card, Piece, message_from
from adapters.teams.texts import bounded, inert, spoken
from chatbot.knowledge import Clause, School
from chatbot.model import Notice, Reply

_LONGEST_TITLE = 80
_LONGEST_SUBTITLE = 200
_LONGEST_QUOTED = 3_000


@dataclass(frozen=True, slots=True)
class Found:
    """One result: the hero card's title and subtitle in the list, and the card that is put in when it is picked."""

    title: str
    subtitle: str
    card: Card


def clause_found(school: School, clause: Clause, policy_url: PolicyUrl | None = None) -> Found:
    """A clause, word for word."""
    text, title = bounded(clause.shown, _LONGEST_QUOTED), bounded(one_line(clause.heading), 150)
    url = address_of(school.id, ClauseRef(school.id, (clause.id,)).clauses, policy_url)
    where = f"Clause {clause.id}"
    source = linked("", f"{where} in the policy", url, small=True) if url else note(where, spacing="small")
    card = message_from(
        [
            Piece(0, f"{spoken(title)}.", (heading(title),)),
            Piece(
                0,
                f"“{spoken(text)}” (clause {spoken(clause.id)}).",
                (box([line(said(f"“{text}”")), source], "emphasis"),),
            ),
            _of(school, due=True),
        ]
    ).card
    return Found(
        _shown(f"{clause.heading} · {clause.id}", _LONGEST_TITLE), _shown(clause.shown, _LONGEST_SUBTITLE), card
    )


def rule_found(asks: str, reply: Reply, school: School, policy_url: PolicyUrl | None = None) -> Found:
    """What a school's rule says on what `asks` names; `reply` is the answer as anybody would get it."""
    overdue = any(isinstance(part, Notice) and part.tone == "review" for part in reply.parts)  # said above
    showing = Showing(reply, school, "found", policy_url, inserted=True)
    pieces = [Piece(0, f"{spoken(asks)}.", (heading(asks),)), *pieces_of(showing), _of(school, due=not overdue)]
    verdict = next((part.text for part in reply.parts if isinstance(part, Notice) and part.tone == "verdict"), "")
    subtitle = verdict or next((citation.text for citation in reply.citations), asks)
    return Found(_shown(asks, _LONGEST_TITLE), _shown(subtitle, _LONGEST_SUBTITLE), message_from(pieces).card)


def _of(school: School, *, due: bool) -> Piece:
    review = f"; due for review in {one_line(school.due_shown)}" if due else ""
    words = f"{one_line(school.name)}, social media policy, updated {one_line(school.updated)}{review}."
    return Piece(1, spoken(words), (note(words),))


def _shown(text: str, limit: int) -> str:
    return bounded(inert(one_line(text)), limit) or "…"
