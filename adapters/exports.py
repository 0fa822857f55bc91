"""What is carried out of the inbox: one report for the school's own record, and figures for governors.

No Unicode font comes with anything installed, and one of the machine's would make exports differ between machines. So a
PDF has the characters of Western European languages; any other is described in words, and the CSV has it exactly.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from fpdf import FPDF

from adapters.mail import ROLES
from chatbot.escalation import OPEN, Held, Opened, State
from chatbot.plan import Plan
from chatbot.reply import Route

MARK = "Not the school's safeguarding record: carry this into it."
FEWEST = 5  # a smaller count may point to a person
FEWER = "fewer than 5"
HIDDEN = "not shown"  # what would give a smaller count away
DESCRIBED = (
    "Some characters cannot be printed in this document: they are described in [square brackets] or shown without "
    "their accents. The CSV export of this report has them exactly."
)
COUNTED = (
    f"Reports that the chatbot passed on, without drills and without those that were taken back. Counts under {FEWEST} "
    f"are shown as “{FEWER}”; a count from which one of them could be worked out is not shown."
)
_PAGES = "\x02" * 5  # becomes the number of pages; no text has it, printable() describes control characters
_PRINTED = frozenset(bytes(range(32, 256)).decode("cp1252", "ignore") + "\n") - frozenset("\x7f\xad")
"""What the fonts that every reader of PDF has can show."""
_UNSEEN = frozenset("\xad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
_DASHES = {0x2010: "-", 0x2011: "-", 0x2212: "-", 0x2015: "\u2014"}
_BREAK = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LATIN = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z]) WITH .*")
_FORMULA = frozenset("=+-@＝＋－＠")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an export says: a fact, the report, a note or a line of the audit trail."""

    part: str
    what: str
    text: str
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts as they may be shown: small ones, and those that would give one away, are words already.

    Subtracting the figures of two overlapping periods could still give a small count away: publish whole terms.
    """

    since: datetime
    until: datetime
    routes: Mapping[Route, str]
    total: str
    emergencies: str
    unconfirmed: str
    still_open: str
    median: timedelta | None
    """From the report to a person taking it on; None where fewer than 5 were."""
    longest: timedelta | None


def escalation_csv(opened: Opened, school_name: str, plan: Plan, made_at: datetime) -> str:
    """The report, its notes and its trail as RFC 4180. Encode as utf-8-sig: Excel needs the mark at the beginning."""
    zone = ZoneInfo(plan.hours.zone)
    rows = [("part", "what", "at", "by", "text"), ("notice", "", "", "", MARK)]
    for line in _lines(opened, school_name, plan, made_at):
        at = line.at.astimezone(zone).isoformat(timespec="seconds") if line.at else ""
        rows.append((line.part, line.what, at, line.by, line.text))
    return _csv(rows)


def escalation_pdf(opened: Opened, school_name: str, plan: Plan, made_at: datetime) -> bytes:
    """The report, its notes and its trail, marked on each page as not being the school's record."""
    zone = ZoneInfo(plan.hours.zone)
    lines = tuple(_lines(opened, school_name, plan, made_at))
    page = _Page(f"Safeguarding report {opened.held.reference}", MARK, made_at)
    if any(printable(text) != _composed(text) for line in lines for text in (line.text, line.by)):
        page.say(DESCRIBED)
    for part, of_part in groupby(lines, lambda line: line.part):
        page.say(part.capitalize(), size=12, bold=True)
        for line in of_part:
            if line.at:
                page.say(f"{_moment(line.at, zone)}, {line.what}{' by ' if line.by else ''}{line.by}", bold=True)
            page.say(line.text if line.at else f"{line.what}: {line.text}")
    return bytes(page.output())


def figures(held: Iterable[Held], since: datetime, until: datetime) -> Figures:
    """The reports made from `since` until before `until`.

    Left out: drills, those still waiting for their reporter's yes or no, and those that the reporter took back.
    """
    counted = [one for one in held if since <= one.at < until and _counts(one)]
    routes = Counter(one.route for one in counted)
    # What a reader can work out to be the least total. Everything else is hidden or shown by this alone, so that
    # whether something is hidden tells nothing about a small count.
    floor = sum(count for count in routes.values() if count >= FEWEST)
    waits = sorted(max(one.acknowledged_at - one.at, timedelta()) for one in counted if one.acknowledged_at)
    return Figures(
        since, until, {route: str(routes[route]) if routes[route] >= FEWEST else FEWER for route in Route},
        total=_total(len(counted), floor, exact=all(routes[route] >= FEWEST for route in Route)),
        emergencies=_some(sum(one.emergency for one in counted), floor),
        unconfirmed=_some(sum(one.unconfirmed for one in counted), floor),
        still_open=_some(sum(one.state is not State.CLOSED for one in counted), floor),
        median=(waits[(len(waits) - 1) // 2] + waits[len(waits) // 2]) / 2 if len(waits) >= FEWEST else None,
        longest=waits[-1] if len(waits) >= FEWEST else None,
    )  # fmt: skip


def figures_csv(shown: Figures, school_name: str) -> str:
    """The figures as RFC 4180."""
    return _csv([("figure", "value"), *_figure_rows(shown, school_name), ("about", COUNTED)])


def figures_pdf(shown: Figures, school_name: str, made_at: datetime) -> bytes:
    """The figures on a page for governors."""
    page = _Page("Safeguarding figures", "For governors: numbers only.", made_at)
    for what, value in _figure_rows(shown, school_name):
        page.say(f"{what}: {value}")
    page.say(COUNTED)
    return bytes(page.output())


def printable(text: str) -> str:
    """`text` with what the PDF's fonts lack described: letters by their plain letter or script, symbols by name."""
    return "".join(_described(kind, "".join(run)) for kind, run in groupby(_composed(text), _kind))


class _Page(FPDF):
    """A document of paragraphs, with its mark and the number of pages on each."""

    def __init__(self, title: str, mark: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = "windows-1252"
        self.alias_nb_pages(_PAGES)
        self.set_title(title)
        self.set_lang("en-GB")
        self.set_creation_date(made_at)
        self._title, self._mark = printable(title), mark
        self.add_page()
        self.say(title, size=16, bold=True)

    def header(self) -> None:
        """The mark, on each page."""
        self.set_font("helvetica", "B", 10)
        self.cell(0, 8, self._mark, border=1, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def footer(self) -> None:
        """What this is and which page, so that a missing one is noticed."""
        self.set_y(-15)
        self.set_font("helvetica", "", 8)
        self.cell(0, 8, f"{self._title}, page {self.page_no()} of {_PAGES}", align="C")

    def say(self, text: str, *, size: int = 10, bold: bool = False) -> None:
        """A paragraph; nothing for an empty text."""
        if text:
            self.set_font("helvetica", "B" if bold else "", size)
            self.multi_cell(0, size / 2, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")
            self.ln(1)


def _lines(opened: Opened, school_name: str, plan: Plan, made_at: datetime) -> Iterator[Line]:
    held, names = opened.held, {contact.id: contact.name for contact in plan.contacts}
    yield Line("report", "reference", held.reference)
    yield Line("report", "school", school_name)
    yield Line("report", "for", ROLES[held.route])
    marks = {"drill, not a report": held.drill, "never confirmed by its reporter": held.unconfirmed}
    first = "EMERGENCY" if held.emergency else "concern"
    yield Line("report", "severity", "; ".join((first, *(mark for mark, there in marks.items() if there))))
    yield Line("report", "state", held.state.value)
    missing = "[cannot be read: the key it was kept with is missing]" if opened.unreadable else "[erased]"
    yield Line("report", "reported", missing if opened.words is None else opened.words, held.at, held.reporter)
    if held.acknowledged_at:
        by = names.get(held.acknowledged_by, held.acknowledged_by)
        yield Line("report", "taken on", "", held.acknowledged_at, by)
    if held.closed_at:
        yield Line("report", "closed", held.outcome, held.closed_at)
        if held.record:
            yield Line("report", "record", held.record, held.closed_at)
    yield Line("report", "exported", "", made_at)
    for remark in opened.remarks:
        yield Line("notes", "note", remark.text, remark.at, names.get(remark.by, remark.by))
    for entry in opened.trail:
        detail = re.sub(r"[^\s,]+", lambda found: names.get(found[0], found[0]), entry.detail).replace(",", ", ")
        yield Line("trail", entry.what, detail, entry.at, names.get(entry.actor, entry.actor))


def _counts(held: Held) -> bool:
    """Whether it belongs in the figures. What closed without anybody taking it on was taken back by its reporter."""
    return not held.drill and held.state is not State.POSSIBLE and bool(held.acknowledged_by or held.state in OPEN)


def _total(count: int, floor: int, *, exact: bool) -> str:
    if exact:
        return str(count)
    return f"at least {floor or FEWEST}" if floor or count >= FEWEST else FEWER


def _some(count: int, floor: int) -> str:
    """A count of some of the reports: hidden also where it is so near to all that the others are few."""
    if count < FEWEST:
        return FEWER
    return str(count) if floor - count >= FEWEST else HIDDEN


def _figure_rows(shown: Figures, school_name: str) -> Iterator[tuple[str, str]]:
    yield "School", school_name
    yield "From", _moment(shown.since)
    yield "Until before", _moment(shown.until)
    yield "Reports", shown.total
    for route, count in shown.routes.items():
        yield f"For {ROLES[route]}", count
    yield "Emergencies", shown.emergencies
    yield "Unconfirmed by their reporter", shown.unconfirmed
    yield "Still open", shown.still_open
    yield "Median time until a person took it on", _span(shown.median)
    yield "Longest time until a person took it on", _span(shown.longest)


def _span(wait: timedelta | None) -> str:
    if wait is None:
        return HIDDEN
    minutes = round(wait.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _moment(at: datetime, zone: ZoneInfo | None = None) -> str:
    at = at.astimezone(zone) if zone else at
    return f"{at.day} {at:%B %Y, %H:%M %Z}"


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([_cell(text) for text in row] for row in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return f"'{text}" if text[:1] in ("\t", "\r", "\n") or text.lstrip()[:1] in _FORMULA else text


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _BREAK.sub("\n", text)).replace("\t", "    ")


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Nothing for what has a plain form; else what it is described as, together with its neighbours of that kind."""
    name = unicodedata.name(char, "")
    if _plain(char) is not None:
        return ""
    if unicodedata.category(char)[0] in "LM" and name:
        return f"{name.split()[0].capitalize()} letters"
    return name.lower() or f"U+{ord(char):04X}"


def _described(kind: str, run: str) -> str:
    if not kind:
        return "".join(_plain(char) or "" for char in run)
    if kind.endswith(" letters"):
        return f"[{len(run)} {kind}]"
    return f"[{kind} \xd7{len(run)}]" if len(run) > 1 else f"[{kind}]"


@lru_cache(maxsize=4096)
def _plain(char: str) -> str | None:
    """The character as the fonts have it: itself, else without accent or special shape; None where there is none."""
    name = unicodedata.name(char, "")
    if char in _PRINTED:
        return char
    if char in _UNSEEN or name.startswith("COMBINING"):
        return ""
    parts = unicodedata.normalize("NFKD", char.translate(_DASHES))
    folded = "".join(part for part in parts if unicodedata.category(part)[0] != "M")
    if folded and _PRINTED.issuperset(folded):
        return folded
    stroke = _LATIN.fullmatch(name)
    return (stroke[2] if stroke[1] == "CAPITAL" else stroke[2].lower()) if stroke else None
