"""Replies and their explanation in a terminal. What a person typed is always escaped."""

from __future__ import annotations

import unicodedata

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from chatbot.model import Choices, Notice, Part, Quote, Reply, Text, Why
from chatbot.recognize import evidence
from chatbot.respond import Engine

_STYLE = {"verdict": "bold", "emergency": "bold red", "concern": "bold yellow", "review": "dim", "duty": "yellow"}


def safe(text: str) -> str:
    """`text` without characters that could steer a terminal, and with rich's markup escaped."""
    kept = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else "\ufffd" for c in text)
    return escape(kept)


def show_reply(console: Console, reply: Reply) -> None:
    """Print one reply as a person would read it."""
    for part in reply.parts:
        _show(console, part)


def _show(console: Console, part: Part) -> None:
    match part:
        case Text(text):
            console.print(safe(text))
        case Notice(tone, text):
            console.print(safe(text), style=_STYLE.get(tone, ""))
        case Quote(citation):
            console.print(Padding(f"“{safe(citation.text)}”", (0, 0, 0, 4)))
            console.print(Padding(f"{safe(citation.heading)} · {safe(citation.clause)}", (0, 0, 0, 4)), style="dim")
        case Choices(choices):
            for choice in choices:
                console.print(f"  ▸ {safe(choice.label)}")


def show_why(console: Console, why: Why, engine: Engine) -> None:
    """Print the way from words to ruling: spelling, facts, concern, candidates, rules."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), title="Why", title_justify="left")
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("read as", safe(why.question.standard or "(nothing)"))
    for repair in why.question.repairs:
        table.add_row("repaired", f"{safe(repair.typed)} → {safe(repair.read_as)}")
    for slot in why.match.slots:
        table.add_row("fact", f"{slot.name} = {slot.value}, read from “{safe(slot.read_from)}”")
    signs = ", ".join(why.concern.signs) or "none of the patterns; likeness to reports" if why.concern else ""
    table.add_row("concern", f"{why.concern.status} → {why.concern.route}: {signs}" if why.concern else "none")
    for rank, candidate in enumerate(why.match.candidates[:3]):
        label = "matched" if rank == 0 and why.match.intent else ("runner-up" if rank else "nearest")
        table.add_row(label, f"{candidate.intent} ({candidate.score:.2f}), nearest example “{safe(candidate.example)}”")
        if rank == 0:
            table.add_row(
                "", f"words: {safe(', '.join(evidence(why.question.standard, candidate.intent, engine.recognizer)))}"
            )
    accept = engine.recognizer.calibration.accept
    table.add_row("sure", f"{why.match.confidence:.2f} (a score under {accept:.2f} is not answered)")
    for rule in getattr(why.ruling, "rules", ()):
        table.add_row("rule", rule)
    for excluded in getattr(why.ruling, "excluded", ()):
        table.add_row("not", f"{excluded.rule}: {excluded.reason}")
    console.print(table)
