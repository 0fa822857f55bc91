"""render(): a Reply into HTML. Every word that was typed stays text: the templates escape all they are given."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.escalations.lines import moment, role_of
from adapters.escalations.standing import Standing
from adapters.memory import Exchange
from chatbot.knowledge import School
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Status, Text
from chatbot.plan import Plan

ICONS: Mapping[str, str] = {
    "allowed": "M4.5 12.5l5 5 10-11",
    "not_allowed": "M6 6l12 12M18 6L6 18",
    "depends": "M12 21v-8M12 13c0-4-6-4-6-9M12 13c0-4 6-4 6-9M3.5 6L6 3.5 8.5 6M15.5 6L18 3.5 20.5 6",
    "required": "M12 4v11M12 19.5v.5",
    "info": "M12 10.5V20M12 5v.5",
    "review": "M12 7v5.5l3.5 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
    "emergency": "M12 3.5L22 20.5H2zM12 10v5M12 17.7v.3",
    "danger": "M12 3.5L22 20.5H2zM12 10v5M12 17.7v.3",
    "concern": "M12 3l8 3v6c0 5-3.5 7.8-8 9-4.5-1.2-8-4-8-9V6z",
    "duty": "M6 3h9l4 4v14H6zM9.5 12h6M9.5 16h6",
    "closest": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21",
}
"""Outlines on a square of 24, one for each verdict and tone."""

_INVISIBLE = {"Cc", "Cs", "Co", "Cn"}


def shown(text: str) -> str:
    """`text` without characters that a page cannot hold: controls, lone surrogates, unassigned ones."""
    visible = (c == "\n" or unicodedata.category(c) not in _INVISIBLE for c in text)
    return "".join(c if kept else "\N{REPLACEMENT CHARACTER}" for c, kept in zip(text, visible, strict=True))


def make_environment() -> Environment:
    """The templates, with escaping on."""
    environment = Environment(
        loader=PackageLoader("adapters.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"demonstration": False, "chat": False, "icons": ICONS, "moment": moment, "role_of": role_of}
    environment.filters["shown"] = shown
    return environment


class Pages:
    """Fills the templates; knows the words of the verdicts and the clauses to link to."""

    def __init__(
        self,
        wording: Mapping[str, str],
        schools: Mapping[str, School],
        plans: Mapping[str, Plan],
        *,
        demonstration: bool = False,
        chat: bool = True,
    ) -> None:
        """`wording` names the verdicts, `schools` hold the clauses that quotations link to, `plans` the time zones.

        A `demonstration` says wherever somebody might rely on it that no real person is told.
        `chat`: whether pages may lead to one.
        """
        self.wording = wording
        self.schools = schools
        self.plans = plans
        self._environment = make_environment()
        self._environment.globals |= {"demonstration": demonstration, "chat": chat}

    def page(self, template: str, **words: object) -> Markup:
        """One template filled in."""
        return Markup(self._environment.get_template(template).render(**words))  # noqa: S704  # the template escapes

    def conversation(
        self, exchanges: Sequence[Exchange], pending: str | None, standings: Mapping[str, Standing]
    ) -> Markup:
        """All that was said, oldest first. `pending` is the reference that still waits for yes or no."""
        after = (*exchanges, None)[1:]
        before = (None, *exchanges)[:-1]
        rows = zip(before, exchanges, after, strict=True)
        shown = (self.exchange(*row, pending, standings.get(row[1].turn.id)) for row in rows)
        return Markup("\n").join(shown)

    def exchange(
        self,
        before: Exchange | None,
        exchange: Exchange,
        after: Exchange | None,
        pending: str | None,
        standing: Standing | None = None,
    ) -> Markup:
        """One message and its reply; a message that answered the buttons before it is not repeated."""
        asked = None if before and _chosen(before, exchange) else exchange.turn.text
        html = self.render(exchange, after, pending, standing)
        feedback = exchange.reply.kind in (Kind.ANSWER, Kind.CLARIFY, Kind.NONE)
        return self.page("exchange.html", exchange=exchange, asked=asked, html=html, feedback=feedback)

    def render(
        self,
        exchange: Exchange,
        after: Exchange | None = None,
        pending: str | None = None,
        standing: Standing | None = None,
    ) -> Markup:
        """The parts of a reply, in order; below the part that speaks of the report how that stands now."""
        parts = (
            self._concern(part.text, exchange, standing)
            if isinstance(part, Notice) and part.tone == "concern"
            else self.part(part, exchange, after, pending)
            for part in exchange.reply.parts
        )
        return Markup("\n").join(parts)

    def part(self, part: Part, exchange: Exchange, after: Exchange | None, pending: str | None) -> Markup:
        """One part of the reply of `exchange`."""
        match part:
            case Text(text):
                return self.page("parts/text.html", text=text)
            case Quote(citation):
                return self.page("parts/quote.html", citation=citation, link=self._link(citation, exchange))
            case Choices(choices):
                return self._choices(choices, exchange, after, pending)
            case Notice("verdict", text):
                return self._verdict(text, exchange.reply)
            case Notice("emergency", text) if not exchange.reply.emergency:
                return self.page("parts/notice.html", tone="danger", text=text)
            case Notice(tone, text):
                return self.page("parts/notice.html", tone=tone, text=text)

    def choices(self, exchange: Exchange, after: Exchange | None, pending: str | None) -> Markup:
        """The buttons of a reply as they stand now that `after` has been said."""
        parts = (part for part in exchange.reply.parts if isinstance(part, Choices))
        return Markup("\n").join(self._choices(part.choices, exchange, after, pending) for part in parts)

    def _concern(self, text: str, exchange: Exchange, standing: Standing | None) -> Markup:
        return self.page(
            "parts/concern.html", text=text, said_at=self._said_at(exchange), turn=exchange.turn, standing=standing
        )

    def _said_at(self, exchange: Exchange) -> str:
        """When a reply was given: what it says of a report holds for that moment."""
        plan = self.plans.get(exchange.turn.school, Plan(exchange.turn.school, {}))
        at = exchange.turn.at.astimezone(ZoneInfo(plan.hours.zone))
        return f"{at:%H:%M} on {at.day} {at:%B}"

    def _verdict(self, text: str, reply: Reply) -> Markup:
        """The verdict's own word set apart from the reason that follows it."""
        word = self.wording.get(f"verdict_{reply.verdict}", "")
        word, because = (word, text[len(word) :].strip()) if word and text.startswith(word) else (text, "")
        return self.page("parts/verdict.html", verdict=reply.verdict or "info", word=word, because=because)

    def _choices(
        self, choices: tuple[Choice, ...], exchange: Exchange, after: Exchange | None, pending: str | None
    ) -> Markup:
        waits = exchange.reply.status is Status.POSSIBLE and exchange.reply.reference == pending
        chosen = _chosen(exchange, after) if after else None
        return self.page(
            "parts/choices.html",
            choices=choices,
            turn=exchange.turn,
            chosen=chosen,
            live=chosen is None and (after is None or (waits and pending is not None)),
        )

    def _link(self, citation: Citation, exchange: Exchange) -> str:
        """The policy page at the clause, all sentences quoted highlighted, also where the address loses its #."""
        path, _, clause_id = citation.url.partition("#")
        school = self.schools.get(exchange.turn.school)
        names = _quoted(citation, school) if school else (clause_id,)
        query = "&".join(f"clause={quote(name)}" for name in names)
        return f"{path}?{query}#{quote(clause_id)}"


def _chosen(exchange: Exchange, after: Exchange) -> str | None:
    """The label of the button that `after` pressed, or None."""
    return next((c.label for c in exchange.reply.choices if c.value == after.turn.text), None)


def _quoted(citation: Citation, school: School) -> tuple[str, ...]:
    """The clauses whose words a quotation holds: neighbouring sentences are quoted as one."""
    names = tuple(school.clauses)
    if citation.clause not in school.clauses:
        return (citation.clause,)
    first = school.clauses[citation.clause]
    rest = citation.text.removeprefix(first.shown).strip()
    found = [citation.clause]
    for name in names[names.index(citation.clause) + 1 :]:
        text = school.clauses[name].text
        if not rest or not rest.startswith(text):
            break
        found.append(name)
        rest = rest.removeprefix(text).strip()
    return tuple(found)
