"""The measures of the example questions: judged case by case, then counted per school and tag."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatbot.errors import BadTurn
from chatbot.knowledge import plain
from chatbot.model import Kind, Memory, Reply, Turn, Verdict
from chatbot.respond import Engine, respond


class BadCase(BadTurn):
    """A line of a question file that is not a case."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what a correct bot does."""

    id: str
    school: str
    turns: tuple[str, ...]
    kinds: frozenset[str]
    verdicts: frozenset[str]
    quotes: tuple[str, ...]
    routes: frozenset[str]
    emergency: bool
    tags: frozenset[str]

    @property
    def guidance(self) -> bool:
        """Whether an answer is acceptable."""
        return bool(self.kinds & {Kind.ANSWER, Kind.CLARIFY})


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with the reply that it got, judged."""

    case: Case
    reply: Reply

    @property
    def kind(self) -> bool:
        """Whether the kind of reply is acceptable."""
        return self.reply.kind in self.case.kinds

    @property
    def answered(self) -> bool:
        """An answer, or a question back that gives a verdict."""
        return self.reply.kind is Kind.ANSWER or (self.reply.kind is Kind.CLARIFY and self.reply.verdict is not None)

    @property
    def verdict(self) -> bool:
        """Whether the verdict is one of the case's."""
        return self.reply.verdict in self.case.verdicts

    @property
    def citation(self) -> bool:
        """Whether some clause shown holds one of the case's quotes."""
        shown = [plain(citation.text) for citation in self.reply.citations]
        return any(plain(quote) in text for quote in self.case.quotes for text in shown)

    @property
    def escalated(self) -> bool:
        """Whether the reply passes the message on, or asks whether to."""
        return self.reply.kind is Kind.ESCALATE

    @property
    def routed(self) -> bool:
        """Whether an escalation goes to an acceptable role."""
        return self.reply.route in self.case.routes

    @property
    def wrong_permission(self) -> bool:
        """The worst error: `allowed` where the policy says no."""
        return self.reply.verdict is Verdict.ALLOWED and Verdict.NOT_ALLOWED in self.case.verdicts

    @property
    def fully_right(self) -> bool:
        """Kind, and with an answer its verdict and clause, with an escalation its route."""
        if not self.kind or self.wrong_permission:
            return False
        if self.answered and self.case.guidance:
            return self.verdict and self.citation
        return not self.escalated or self.routed


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of a JSON-lines file. Raises BadCase with the line."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise BadCase(f"{path}:{number}: not a case: {error!r}; see tests/questions/README.md") from error
    return tuple(cases)


def _case(raw: dict[str, object]) -> Case:
    if not raw["turns"]:
        raise ValueError("'turns' is empty")
    return Case(
        str(raw["id"]),
        str(raw["school"]),
        _texts(raw["turns"]),
        frozenset(_texts(raw["kinds"])),
        frozenset(_texts(raw["verdict"])),
        _texts(raw["quotes"]),
        frozenset(_texts(raw["route"])),
        bool(raw["emergency"]),
        frozenset(_texts(raw["tags"])),
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    raise TypeError(f"expected texts, got {value!r}")


def judge_all(cases: Sequence[Case], engine: Engine, now: datetime, advance: Callable[[], None]) -> list[Judged]:
    """Ask every case as a conversation of its own and judge the last reply."""
    judged = []
    for case in cases:
        memory, reply = Memory(), None
        for at, text in enumerate(case.turns):
            turn = Turn(f"{case.id}/{at}", case.id, case.school, "score", text, now)
            outcome = respond(turn, memory, engine, recorded=False)
            memory, reply = outcome.memory, outcome.reply
        assert reply is not None, case.id  # a case has turns
        judged.append(Judged(case, reply))
        advance()
    return judged


@dataclass(frozen=True, slots=True)
class Share:
    """A measure: how many of how many."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, or None where there is nothing to measure."""
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        return "–" if self.value is None else f"{self.value:.3f} ({self.hits}/{self.of})"


def measures(judged: Sequence[Judged]) -> dict[str, Share]:
    """Every measure of the example questions' README."""
    answered = [j for j in judged if j.case.guidance and j.answered]
    must_answer = [j for j in judged if j.case.guidance and not j.case.kinds & {Kind.NONE, Kind.ESCALATE}]
    reports = [j for j in judged if j.case.kinds == {Kind.ESCALATE}]
    uncovered = [j for j in judged if j.case.kinds == {Kind.NONE}]
    declined = [j for j in judged if j.reply.kind is Kind.NONE]
    ordinary = [j for j in judged if Kind.ESCALATE not in j.case.kinds]
    hard = [j for j in judged if "hard-negative" in j.case.tags]
    return {
        "kind": _share(judged, lambda j: j.kind),
        "answered": _share(must_answer, lambda j: j.answered),
        "verdict": _share(answered, lambda j: j.verdict),
        "citation": _share(answered, lambda j: j.citation),
        "fully right": _share(judged, lambda j: j.fully_right),
        "safeguarding recall": _share(reports, lambda j: j.escalated),
        "route": _share([j for j in reports if j.escalated], lambda j: j.routed),
        "emergency recall": _share([j for j in judged if j.case.emergency], lambda j: j.reply.emergency),
        "false escalation (hard negatives)": _share(hard, lambda j: j.escalated),
        "false escalation (all)": _share(ordinary, lambda j: j.escalated),
        "out-of-scope recall": _share(uncovered, lambda j: j.reply.kind is Kind.NONE),
        "out-of-scope precision": _share(declined, lambda j: Kind.NONE in j.case.kinds),
        "wrong permissions": _share(judged, lambda j: j.wrong_permission),
    }  # fmt: skip


def _share(judged: Sequence[Judged], hit: Callable[[Judged], bool]) -> Share:
    return Share(sum(map(hit, judged)), len(judged))


def show_scores(console: Console, judged: Sequence[Judged]) -> None:
    """Print the measures over all, by school and by tag, the clauses cited, and the failing ids last."""
    overall = Table("measure", "all", title=f"{len(judged)} cases", title_justify="left")
    for name, share in measures(judged).items():
        overall.add_row(name, str(share))
    console.print(overall)
    schools = sorted({j.case.school for j in judged})
    tags = sorted({tag for j in judged for tag in j.case.tags})
    groups = [(school, [j for j in judged if j.case.school == school]) for school in schools]
    groups += [(tag, [j for j in judged if tag in j.case.tags]) for tag in tags]
    columns = ("kind", "answered", "verdict", "citation", "fully right", "safeguarding recall", "wrong permissions")
    table = Table("group", "cases", *columns)
    for name, group in groups:
        found = measures(group)
        table.add_row(escape(name), str(len(group)), *(_short(found[column]) for column in columns))
    console.print(table)
    _show_citations(console, judged)
    _show_failing(console, judged)


def _short(share: Share) -> str:
    return "–" if share.value is None else f"{share.value:.2f}"


def _show_citations(console: Console, judged: Iterable[Judged]) -> None:
    cited = [j.reply.citations for j in judged if j.reply.citations]
    lengths = [len(c.text.split()) for citations in cited for c in citations]
    if cited:
        console.print(
            f"Clauses cited: {sum(map(len, cited)) / len(cited):.2f} a reply (most {max(map(len, cited))}), "
            f"{sum(lengths) / len(lengths):.0f} words a clause (most {max(lengths)})."
        )


def _show_failing(console: Console, judged: Sequence[Judged]) -> None:
    failing = [j for j in judged if not j.fully_right]
    console.print(f"Not fully right: {len(failing)}")
    for j in failing:
        wrong = [
            name for name, right in (("kind", j.kind), ("verdict", j.verdict), ("citation", j.citation)) if not right
        ]
        flag = "WRONG PERMISSION " if j.wrong_permission else ""
        console.print(
            f"  {escape(j.case.id)}: {flag}{j.reply.kind} {j.reply.verdict or ''} [{', '.join(wrong) or 'route'}]"
        )
