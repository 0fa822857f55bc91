"""The console script `chatbot`: one short function a command."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import Progress

from adapters.commands import register
from adapters.engine import Made, make_engine
from adapters.replies import reply_json
from chatbot.errors import KnowledgeError, UnknownSchool
from chatbot.model import Memory, Turn
from chatbot.respond import respond

app = typer.Typer(
    help="Answers school staff's questions from their own school's policy, with the clause.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
register(app)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Lexical = Annotated[bool, typer.Option("--lexical", help="Match by words only, as without the extra 'semantic'.")]


@app.command()
def ask(
    school: Annotated[str, typer.Argument(help="ashley, calmore, fact, ravenscote or yeadon")],
    question: Annotated[str, typer.Argument(help="What a member of staff types, in quotes")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Show what matched, and why.")] = False,
    lexical: Lexical = False,
) -> None:
    """Answer one question in the terminal. A concern is decided and shown, but delivered to nobody."""
    from adapters.terminal import show_reply, show_why

    engine = _made(lexical).engine
    turn = Turn("ask", "ask", school, "terminal", question, datetime.now(UTC))
    try:
        outcome = respond(turn, Memory(), engine, recorded=False)
    except UnknownSchool as error:
        err.print(f"chatbot: {escape(str(error))}")
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(reply_json(outcome.reply), ensure_ascii=False))
    else:
        show_reply(out, outcome.reply)
    if why and outcome.why:
        show_why(err if as_json else out, outcome.why, engine)


@app.command()
def batch(
    file: Annotated[str, typer.Argument(help="JSON lines; - or nothing is standard input")] = "-",
    lexical: Lexical = False,
) -> None:
    """Answer JSON lines {"id", "school", "turns"}; print {"id", "replies"} in the same order."""
    from adapters.batch import answer_line, read_lines

    try:
        lines = read_lines(file)
    except OSError as error:
        err.print(f"chatbot: cannot read {escape(file)}: {error.strerror}")
        raise typer.Exit(2) from error
    engine = _made(lexical).engine
    failed = False
    now = datetime.now(UTC)
    for number, line in lines:
        result = answer_line(number, line, engine, now)
        failed |= "error" in result
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    raise typer.Exit(1 if failed else 0)


@app.command()
def score(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Cases in the format of tests/questions")],
    lexical: Lexical = False,
) -> None:
    """Score the bot on cases with expected answers: every measure, per school and tag; failing ids last."""
    from adapters.scoring import BadCase, judge_all, read_cases, show_scores

    try:
        cases = read_cases(file)
    except BadCase as error:
        err.print(f"chatbot: {escape(str(error))}")
        raise typer.Exit(2) from error
    engine = _made(lexical).engine
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Asking", total=len(cases))
        judged = judge_all(cases, engine, datetime.now(UTC), lambda: progress.advance(task))
    show_scores(out, judged)


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="A knowledge folder; the product's own by default")] = None,
) -> None:
    """Every problem of the knowledge at once, with file and line; what it covers; the thresholds."""
    from adapters.checking import check_folder

    raise typer.Exit(0 if check_folder(folder, out, err) else 1)


@app.command()
def prepare() -> None:
    """Encode the examples ahead (the extra 'semantic'), so that starting takes no time."""
    made = _made(lexical=False)
    out.print("Ready." if made.semantic else f"Matching by words only: {escape(made.why_not)}")


@app.command()
def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds.")] = False,
    write: Annotated[Path | None, typer.Option("--write", help="Write the report to this file.")] = None,
) -> None:
    """Measure speed, size and accuracy beside what a school would otherwise have."""
    from adapters.bench import run_bench

    report = run_bench(err, quick=quick)
    if write:
        write.write_text(report, encoding="utf-8")
    else:
        typer.echo(report)


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(help="The port to listen on; the next free one if taken.", min=0, max=65535)
    ] = 8000,
    lexical: Lexical = False,
) -> None:
    """A page on 127.0.0.1 with a staff chat beside the DSL's inbox. Nothing to configure."""
    from adapters.app import run_demo

    made = _made(lexical)
    run_demo(made, port=port)


def _made(lexical: bool) -> Made:
    """The engine, with a progress bar while examples are encoded; refuses broken knowledge with the whole list."""
    try:
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("Reading the examples (once)", total=None, visible=False)

            def advance(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total, visible=True)

            return make_engine(semantic=not lexical, progress=advance)
    except KnowledgeError as error:
        err.print(
            Panel(escape(str(error)), title=f"{len(error.problems)} problems in the knowledge; nothing is served")
        )
        raise typer.Exit(1) from error


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace" if stream is not sys.stdin else "replace")
    app()
