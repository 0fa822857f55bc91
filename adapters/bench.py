"""`chatbot bench`: speed, size and accuracy, beside what a school would otherwise have."""

from __future__ import annotations

import math
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from rapidfuzz import fuzz, process
from rich.console import Console
from rich.progress import Progress

from adapters.engine import Made, make_engine
from adapters.files import CHECKOUT
from adapters.scoring import Case, judge_all, measures, read_cases
from chatbot.knowledge import School, plain
from chatbot.model import Memory, Turn
from chatbot.respond import Engine, respond

Ranker = Callable[[str], Sequence[str]]


def run_bench(err: Console, *, quick: bool) -> str:
    """The report as Markdown. `quick` asks each question once instead of three times."""
    cases = read_cases(CHECKOUT / "tests" / "questions" / "dev.jsonl")
    now = datetime.now(UTC)
    lines = ["# Benchmarks", "", _machine(now), ""]
    made = {
        name: make_engine(semantic=semantic) for name, semantic in (("words and meaning", True), ("words only", False))
    }
    lines += ["| measure | " + " | ".join(made) + " | bar |", "| --- |" + " --- |" * (len(made) + 1)]
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Measuring", total=None)
        timed = {name: _answer_times(one.engine, cases, 1 if quick else 3, now) for name, one in made.items()}
        progress.advance(task)
        lines += _row("answer, median (ms)", (f"{statistics.median(t):.1f}" for t in timed.values()), "")
        lines += _row("answer, p99 (ms)", (f"{_quantile(t, 0.99):.1f}" for t in timed.values()), "20")
        one_school = {
            n: _quantile(_answer_times(m.engine, [c for c in cases if c.school == "fact"], 1, now), 0.5)
            for n, m in made.items()
        }
        ratio = (f"{statistics.median(timed[n]) / one_school[n]:.2f}" for n in made)
        lines += _row("five schools against one, ratio of medians", ratio, "not growing")
        starts = {name: _start_seconds(name) for name in made}
        lines += _row("start to first answer (s)", (f"{seconds:.1f}" for seconds, _ in starts.values()), "3")
        lines += _row("resident memory after it (MB)", (f"{memory:.0f}" for _, memory in starts.values()), "400")
        lines += ["", f"## Accuracy on tests/questions/dev.jsonl ({len(cases)} cases)", ""]
        lines += _accuracy(made, cases, now)
    lines += ["", "## What a school would otherwise have: the right clause found by search", ""]
    lines += _searches(made["words and meaning"].engine, cases)
    return "\n".join(lines) + "\n"


def _machine(now: datetime) -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("rapidfuzz", "numpy", "onnxruntime") if _installed(name)
    )
    python = f"{platform.machine()}, Python {platform.python_version()}"
    return f"Measured {now:%Y-%m-%d} by `chatbot bench` on {python}, {packages}; one core."


def _installed(name: str) -> bool:
    try:
        version(name)
    except ModuleNotFoundError:
        return False
    return True


def _row(name: str, values: Iterable[str], bar: str) -> list[str]:
    return [f"| {name} | " + " | ".join(values) + f" | {bar} |"]


def _answer_times(engine: Engine, cases: Sequence[Case], rounds: int, now: datetime) -> list[float]:
    """Milliseconds for each answer."""
    times = []
    for _ in range(rounds):
        for case in cases:
            memory = Memory()
            for at, text in enumerate(case.turns):
                turn = Turn(f"{case.id}/{at}", case.id, case.school, "bench", text, now)
                start = time.perf_counter()
                memory = respond(turn, memory, engine, recorded=False).memory
                times.append((time.perf_counter() - start) * 1000)
    return times


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


_FIRST_ANSWER = """
import resource, sys, time
start = time.perf_counter()
from datetime import UTC, datetime
from adapters.engine import make_engine
from chatbot.model import Memory, Turn
from chatbot.respond import respond
engine = make_engine(semantic={semantic}).engine
turn = Turn("1", "1", "fact", "bench", "can I add a former pupil?", datetime.now(UTC))
respond(turn, Memory(), engine, recorded=False)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _start_seconds(name: str) -> tuple[float, float]:
    """Seconds from a cold process to the first answer, and its peak resident memory in MB."""
    code = _FIRST_ANSWER.format(semantic=name == "words and meaning")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def _accuracy(made: dict[str, Made], cases: Sequence[Case], now: datetime) -> list[str]:
    found = {name: measures(judge_all(cases, one.engine, now, lambda: None)) for name, one in made.items()}
    lines = ["| measure | " + " | ".join(found) + " |", "| --- |" + " --- |" * len(found)]
    for measure in next(iter(found.values())):
        lines.append(f"| {measure} | " + " | ".join(str(shares[measure]) for shares in found.values()) + " |")
    return lines


def _searches(engine: Engine, cases: Sequence[Case]) -> list[str]:
    asked = [case for case in cases if case.quotes and len(case.turns) == 1]
    schools = engine.knowledge.schools
    ours: Callable[[Case], Sequence[str]] = lambda case: _cited(engine, case)  # noqa: E731  # one of three rankers
    fuzzy = {s.id: _fuzzy(s) for s in schools.values()}
    bm25 = {s.id: _bm25(s) for s in schools.values()}
    rankers: dict[str, Callable[[Case], Sequence[str]]] = {
        "this chatbot (clauses it cites)": ours,
        "rapidfuzz's default matcher over the clauses": lambda case: fuzzy[case.school](case.turns[0]),
        "BM25 over the clauses": lambda case: bm25[case.school](case.turns[0]),
    }
    lines = [
        f"Over the {len(asked)} one-turn cases that have a quote.",
        "",
        "| | right clause first | among three | ms, median |",
        "| --- | --- | --- | --- |",
    ]
    for name, ranker in rankers.items():
        first = three = 0
        times = []
        for case in asked:
            start = time.perf_counter()
            texts = ranker(case)
            times.append((time.perf_counter() - start) * 1000)
            hits = [any(plain(quote) in plain(text) for quote in case.quotes) for text in texts[:3]]
            first += bool(hits and hits[0])
            three += any(hits)
        lines.append(
            f"| {name} | {first / len(asked):.2f} | {three / len(asked):.2f} | {statistics.median(times):.1f} |"
        )
    return lines


def _cited(engine: Engine, case: Case) -> Sequence[str]:
    turn = Turn(case.id, case.id, case.school, "bench", case.turns[0], datetime.now(UTC))
    return [citation.text for citation in respond(turn, Memory(), engine, recorded=False).reply.citations]


def _fuzzy(school: School) -> Ranker:
    texts = [clause.shown for clause in school.clauses.values()]
    return lambda question: [str(found[0]) for found in process.extract(question, texts, scorer=fuzz.WRatio, limit=3)]


def _bm25(school: School) -> Ranker:
    texts = [clause.shown for clause in school.clauses.values()]
    bags = [Counter(text.lower().split()) for text in texts]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags)
    seen = Counter(word for bag in bags for word in bag)

    def rank(question: str) -> Sequence[str]:
        def score(bag: Counter[str]) -> float:
            size = 1.2 * (0.25 + 0.75 * sum(bag.values()) / mean)
            words = [w for w in question.lower().split() if w in bag]
            return sum(
                math.log(1 + (len(bags) - seen[w] + 0.5) / (seen[w] + 0.5)) * bag[w] * 2.2 / (bag[w] + size)
                for w in words
            )

        return [text for _, text in sorted(zip(map(score, bags), texts, strict=True), key=lambda p: -p[0])[:3]]

    return rank
