"""Exports: nothing is lost on the way into the school's record, and figures give no small count away."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zlib
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.exports import (
    DESCRIBED,
    FEWER,
    HIDDEN,
    MARK,
    escalation_csv,
    escalation_pdf,
    figures,
    figures_csv,
    figures_pdf,
    printable,
)
from chatbot.escalation import Entry, Held, Opened, Remark, State
from chatbot.plan import Contact, Plan
from chatbot.reply import Route

AT = datetime(2026, 7, 21, 8, 30, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
LEAD = Contact("lead", "Zoë Lead", timedelta(minutes=5))
PLAN = Plan("fact", {Route.DSL: (LEAD, Contact("dep", "D. Deputy", timedelta(minutes=5)))})
HELD = Held(
    "R-ABC234", "fact", Route.DSL, State.CLOSED, True, True, "lead of Year 3", AT, acknowledged_by="lead",
    acknowledged_at=AT + timedelta(minutes=7), closed_at=AT + timedelta(days=1), outcome="Social care told",
)  # fmt: skip
OPENED = Opened(
    HELD, "Ann said “it hurts”.\n\nThen {nb} **she** cried — €5.",
    (Remark("dep", AT, "Rang\u2028home"),), (Entry(4, AT, "chatbot", "told", "R-ABC234", "lead,dep"),),
)  # fmt: skip


def words_of(pdf: bytes) -> str:
    """The text of a PDF of ours, one line after the other: what is shown, out of each page's stream."""
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    pages = (zlib.decompress(found) for found in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL))
    shown = (found for page in pages for found in re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", page, re.DOTALL))
    return " ".join(re.sub(rb"\\(.)", rb"\1", line, flags=re.DOTALL).decode("cp1252") for line in shown)


def pdf_of(words: str) -> str:
    return words_of(escalation_pdf(replace(OPENED, words=words), "FACT", PLAN, AT))


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def said_in(text: str) -> str:
    """The cell of the report's own words."""
    return next(row[4] for row in rows_of(text) if row[1] == "reported")


def test_the_pdf_has_the_report_its_notes_and_its_trail() -> None:
    shown = words_of(escalation_pdf(OPENED, "Ysgol Gynradd", PLAN, AT))
    for said in (
        MARK, "Safeguarding report R-ABC234", "school: Ysgol Gynradd", "severity: EMERGENCY; never confirmed",
        "21 July 2026, 09:30 BST, reported by lead of Year 3", "Ann said “it hurts”.", "Then {nb} **she** cried — €5.",
        "09:37 BST, taken on by Zoë Lead", "Social care told", "note by D. Deputy Rang home",
        "told by chatbot Zoë Lead, D. Deputy", "page 1 of", " 1",
    ):  # fmt: skip
        assert said in shown
    assert DESCRIBED[:40] not in shown


def test_the_csv_is_by_the_rfc_and_has_the_same() -> None:
    text = escalation_csv(OPENED, "FACT", PLAN, AT)
    assert text.count("\r\n") == len(rows_of(text))
    header, notice, *rows = rows_of(text)
    assert header == ["part", "what", "at", "by", "text"]
    assert notice == ["notice", "", "", "", MARK]
    assert ["report", "reported", "2026-07-21T09:30:00+01:00", "lead of Year 3", OPENED.words] in rows
    assert ["trail", "told", "2026-07-21T09:30:00+01:00", "chatbot", "Zoë Lead, D. Deputy"] in rows
    assert {len(row) for row in rows} == {5}


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (replace(OPENED, words=None), "[erased]"),
        (replace(OPENED, words=None, unreadable=True), "[cannot be read: the key it was kept with is missing]"),
    ],
)
def test_words_that_are_gone_are_said_to_be(opened: Opened, said: str) -> None:
    assert said_in(escalation_csv(opened, "FACT", PLAN, AT)) == said
    assert said in words_of(escalation_pdf(opened, "FACT", PLAN, AT))


@pytest.mark.parametrize("start", ["=1+1", "+44", "-she", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_no_cell_is_a_formula(start: str) -> None:
    opened = replace(OPENED, words=start, remarks=(Remark(start, AT, start),), held=replace(HELD, outcome=start))
    rows = rows_of(escalation_csv(opened, start, PLAN, AT))
    assert sum(f"'{start}" in row for row in rows) == 4
    assert not [cell for row in rows for cell in row if cell.strip()[:1] in tuple("=+-@＝")]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_words_can_be_exported(words: str) -> None:
    said = said_in(escalation_csv(replace(OPENED, words=words), "FACT", PLAN, AT))
    assert said.removeprefix("'") == words.encode("utf-8", "replace").decode().replace("\0", "\ufffd").removeprefix("'")
    printable(words).encode("cp1252")
    assert not set(printable(words)) - {"\n"} & set(map(chr, range(32)))


@pytest.mark.parametrize(("words", "shown"), [
    ("“Zoë” – £5 …\nnext", "“Zoë” – £5 …\nnext"), ("Zoe\u0308", "Zoë"), ("a\r\nb\vc\u2029d", "a\nb\nc\nd"),
    ("Łukasz Wójcik-Zielińska", "Lukasz Wójcik-Zielinska"), ("snap‑chat\t−5 ﬁve 𝓗𝓲", "snap-chat    -5 five Hi"),
    ("😏 then 😏😏😏", "[smirking face] then [smirking face ×3]"), ("👩‍👧", "[woman][girl]"),
    ("محمد said", "[4 Arabic letters] said"), ("小明", "[2 Cjk letters]"), ("soft\xadhyphen\u200b", "softhyphen"),
    ("\u202egnirts", "[right-to-left override]gnirts"), ("a\x02\x02\ud800", "a[U+0002 ×2][U+D800]"),
])  # fmt: skip
def test_what_the_fonts_lack_is_described(words: str, shown: str) -> None:
    assert printable(words) == shown
    assert (DESCRIBED[:40] in pdf_of(words)) == (shown not in (words, "Zoë", "a\nb\nc\nd"))


@pytest.mark.parametrize(
    ("words", "piece"),
    [("word " * 20_000, "word"), ("x" * 100_000, "x"), ("😏🙈" * 3_000, "smirking"), ("\n" * 5_000, "")],
)
def test_a_long_report_is_exported_whole(words: str, piece: str) -> None:
    shown = pdf_of(words)
    assert shown.count(piece or "x") - pdf_of("").count(piece or "x") == words.count(
        "😏" if piece == "smirking" else piece or "x"
    )
    assert said_in(escalation_csv(replace(OPENED, words=words), "FACT", PLAN, AT)).removeprefix("'") == words
    pages = re.findall(r"page (\d+) of +(\d+)", shown)
    assert [int(page) for page, _ in pages] == list(range(1, len(pages) + 1))
    assert {int(of) for _, of in pages} == {len(pages)}
    assert shown.count(MARK) == len(pages)


def reports(dsl: int, head: int = 0, chair: int = 0, *, emergencies: int = 0) -> list[Held]:
    """So many reports on each route, each taken on a minute later than the one before."""
    routes = [Route.DSL] * dsl + [Route.HEADTEACHER] * head + [Route.CHAIR_OF_GOVERNORS] * chair
    return [
        replace(
            HELD, reference=f"R-{n}", route=route, emergency=n < emergencies, unconfirmed=False,
            acknowledged_at=AT + timedelta(minutes=n + 1),
        )
        for n, route in enumerate(routes)
    ]  # fmt: skip


@pytest.mark.parametrize(("counts", "shown", "total"), [
    ((23, 7, 5), ("23", "7", "5"), "35"),
    ((23, 7, 4), ("23", "7", FEWER), "at least 30"),
    ((23, 0, 0), ("23", FEWER, FEWER), "at least 23"),
    ((4, 4, 4), (FEWER, FEWER, FEWER), "at least 5"),
    ((2, 1, 1), (FEWER, FEWER, FEWER), FEWER),
    ((0, 0, 0), (FEWER, FEWER, FEWER), FEWER),
])  # fmt: skip
def test_counts_under_five_are_not_shown(counts: tuple[int, int, int], shown: tuple[str, ...], total: str) -> None:
    made = figures(reports(*counts), SINCE, UNTIL)
    assert (tuple(made.routes.values()), made.total) == (shown, total)


@pytest.mark.parametrize(("emergencies", "shown"), [(4, FEWER), (5, "5"), (7, "7"), (8, HIDDEN), (12, HIDDEN)])
def test_a_part_that_gives_the_rest_away_is_not_shown(emergencies: int, shown: str) -> None:
    assert figures(reports(12, emergencies=emergencies), SINCE, UNTIL).emergencies == shown


def test_no_small_count_can_be_worked_out() -> None:
    """Whoever knows how figures are made still cannot tell which of 0 to 4 a hidden count is, nor a remainder."""
    behind: dict[tuple[str, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in itertools.product(range(7), repeat=3):
        for emergencies in range(sum(counts) + 1):
            made = figures(reports(*counts, emergencies=emergencies), SINCE, UNTIL)
            known = (*made.routes.values(), made.total, made.emergencies)
            behind[known].append((*counts, emergencies, sum(counts) - emergencies))
    for known, possible in behind.items():
        *hidden, remainder = (set(values) for values in zip(*possible, strict=True))
        assert all(values >= set(range(5)) or min(values) >= 5 for values in hidden), known
        assert len(remainder) >= 5 or min(remainder) >= 5, known


def test_what_is_no_report_of_the_period_is_left_out() -> None:
    inside, *others = reports(11)
    left_out = [
        replace(inside, drill=True), replace(inside, state=State.POSSIBLE), replace(inside, at=UNTIL),
        replace(inside, at=SINCE - timedelta(seconds=1)), replace(inside, acknowledged_by="", acknowledged_at=None),
    ]  # fmt: skip
    still_open = [replace(inside, at=SINCE, state=state) for state in (State.RAISED, State.DELIVERED)] * 3
    made = figures([*left_out, *others, *still_open], SINCE, UNTIL)
    assert (made.routes[Route.DSL], made.still_open) == ("16", "6")


def test_how_long_people_waited() -> None:
    assert (figures(reports(4), SINCE, UNTIL).median, figures(reports(4), SINCE, UNTIL).longest) == (None, None)
    made = figures(reports(130), SINCE, UNTIL)
    assert (made.median, made.longest) == (timedelta(minutes=65, seconds=30), timedelta(minutes=130))
    early = [replace(one, acknowledged_at=one.at - timedelta(seconds=2)) for one in reports(5)]
    assert figures(early, SINCE, UNTIL).longest == timedelta()


def test_figures_are_shown_without_a_word_of_a_report() -> None:
    made = figures(reports(130, 2), SINCE, UNTIL)
    rows = rows_of(figures_csv(made, "=FACT"))
    assert rows[:2] == [["figure", "value"], ["School", "'=FACT"]]
    pdf = words_of(figures_pdf(made, "=FACT", AT))
    for what, value in (("For the designated safeguarding lead (DSL)", "130"), ("Reports", "at least 130"), (
        "For the headteacher", FEWER), ("Longest time until a person took it on", "2 h 12 min"), ("Emergencies", FEWER),
    ):  # fmt: skip
        assert [what, value] in rows
        assert f"{what}: {value}" in pdf
    for secret in (HELD.outcome, HELD.reporter, "R-1", "Zoë"):
        assert secret not in pdf + str(rows)
    empty = figures([], SINCE, UNTIL)
    assert f"took it on: {HIDDEN}" in words_of(figures_pdf(empty, "FACT", AT))
