"""The desk in a browser, over a desk in memory with a clock that the test moves: from the report to its outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from adapters.web.app import make_app
from chatbot.bot import Bot
from chatbot.respond import Engine
from tests.adapters.web.conftest import FixedClock
from tests.adapters.web.desk import PLANS, MemoryDesk, RecordingLedger
from tests.e2e.conftest import serving

CHILD = "a year 4 girl just told me that her dad <b>hits</b> her with a belt"
POSSIBLE = "something is off with one of mine"
ABOUT_HEAD = "The headteacher hit a child in the corridor today, I saw it"
SOON = 10_000
"""Milliseconds in which a page brings itself up to date, on a busy machine."""
Open = Callable[..., Page]


@dataclass(frozen=True)
class Served:
    """Where it is served, and what is behind it."""

    address: str
    desk: MemoryDesk
    clock: FixedClock

    def later(self, minutes: int) -> None:
        """Time passes."""
        self.clock.advance(timedelta(minutes=minutes))


@pytest.fixture
def served(lexical_engine: Engine) -> Iterator[Served]:
    """A server with nothing on its desk."""
    clock = FixedClock()
    desk = MemoryDesk(PLANS, clock)
    ledger = RecordingLedger(desk)
    bot = Bot(lexical_engine, ledger)
    app = make_app(bot, lexical_engine.knowledge, ledger, clock, desk, PLANS, open_desk=True)
    with serving(app) as address:
        yield Served(address, desk, clock)


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens pages, each for a person of its own; nothing may be complained of or fetched from elsewhere."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    asked_for: list[str] = []

    def opened(
        path: str, *, width: int = 1280, script: bool = True, scheme: Literal["light", "dark"] = "light"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 860}, java_script_enabled=script, color_scheme=scheme,
            reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked_for.append(request.url))
        page.goto(served.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [said for said in complaints if not re.search("status of (404|409|503)", said)] == []
    assert [url for url in asked_for if not url.startswith(served.address)] == []


def _ask(page: Page, text: str) -> None:
    said = page.locator(".exchange").count()
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(said + 1)


def _at(person: str, reference: str = "") -> str:
    return f"/desk{'/' if reference else ''}{reference}?school=fact&as=fact-{person}"


def _reported(visit: Open, served: Served, text: str = CHILD) -> tuple[Page, str]:
    """The reporter's page, and the reference."""
    page = visit("/?school=fact")
    _ask(page, text)
    return page, next(reversed(served.desk.held))


def test_from_the_report_to_its_outcome_both_sides_see_the_truth_without_a_reload(visit: Open, served: Served) -> None:
    inbox = visit(_at("deputy"))
    expect(inbox.get_by_text("Nothing here for B. Deputy.")).to_be_visible()
    reporter, reference = _reported(visit, served)
    standing = reporter.locator(".standing")
    expect(standing).to_contain_text("Sent to A. Lead; nobody has seen it yet: speak to A. Lead now.")
    expect(standing.get_by_role("link", name="01632 960001")).to_have_attribute("href", "tel:01632960001")
    expect(inbox.get_by_role("link", name=reference)).to_be_visible(timeout=SOON)
    expect(inbox.get_by_role("status")).to_have_text("1 report that nobody has taken on.")
    expect(inbox).to_have_title("(1) Inbox – FACT")

    served.later(5)
    expect(inbox.get_by_text("Alert sent; the latest is for B. Deputy.")).to_be_visible(timeout=SOON)
    expect(standing).to_contain_text("the latest alert is for B. Deputy; nobody has seen it yet", timeout=SOON)

    inbox.get_by_role("link", name=reference).focus()
    inbox.keyboard.press("Enter")
    expect(inbox.get_by_role("heading", level=1)).to_have_text(f"Report {reference}")
    expect(inbox.locator("blockquote")).to_have_text(CHILD)
    expect(standing).to_contain_text("B. Deputy has opened it. Nobody has taken it on yet.", timeout=SOON)

    inbox.get_by_role("button", name="Take this on").click()
    expect(inbox.get_by_text("You took this on at 09:35.")).to_be_visible()
    expect(standing).to_have_text(
        re.compile(r"^\s*At the moment: B. Deputy has taken this on at 09:35.\s*$"), timeout=SOON
    )

    served.later(30)
    inbox.get_by_text("Close with an outcome").click()
    inbox.get_by_label("What came of it").fill("Referred <i>to</i> social care.")
    inbox.get_by_label("Where the record is kept").fill("CPOMS 7")
    inbox.get_by_role("button", name="Close it").click()
    expect(inbox.get_by_text("Referred <i>to</i> social care.")).to_be_visible()
    expect(standing).to_contain_text("B. Deputy took this on, and it was closed at 10:05.", timeout=SOON)
    expect(reporter.get_by_text("social care.", exact=False).filter(has_text="Referred")).to_have_count(0)


def test_of_two_who_press_at_once_the_second_reads_who_has_it(visit: Open, served: Served) -> None:
    _, reference = _reported(visit, served)
    # without JavaScript the second page cannot know yet
    first, second = visit(_at("lead", reference)), visit(_at("deputy", reference), script=False)
    first.get_by_role("button", name="Take this on").click()
    expect(first.get_by_text("You took this on at 09:30.")).to_be_visible()
    second.get_by_role("button", name="Take this on").click()
    expect(second.get_by_role("alert").filter(has_text="A. Lead took this on at 09:30.")).to_be_visible()
    expect(second.get_by_role("button", name="Take this on")).to_have_count(0)
    assert served.desk.held[reference].acknowledged_by == "fact-lead"


def test_an_open_page_says_that_it_has_changed_and_keeps_what_is_being_typed(visit: Open, served: Served) -> None:
    _, reference = _reported(visit, served)
    first, second = visit(_at("lead", reference)), visit(_at("deputy", reference))
    second.get_by_text("Add a note").click()
    second.get_by_label("Note").fill("half a sen")
    first.get_by_role("button", name="Take this on").click()
    expect(second.get_by_text("This has changed since you opened it.").first).to_be_visible(timeout=SOON)
    expect(second.get_by_role("button", name="Take this on")).to_be_hidden()
    expect(second.get_by_label("Note")).to_have_value("half a sen")
    expect(second.get_by_label("Note")).to_be_focused()
    second.get_by_role("button", name="Add the note").click()
    expect(second.get_by_text("half a sen")).to_be_visible()


def test_whom_a_report_is_about_finds_nothing_in_the_list_or_by_its_address(visit: Open, served: Served) -> None:
    reporter, reference = _reported(visit, served, ABOUT_HEAD)
    expect(reporter.locator(".standing")).to_contain_text("D. Chair")
    accused = visit(_at("head"))
    expect(accused.get_by_text("Nothing here for C. Head.")).to_be_visible()
    accused.goto(served.address + _at("head", reference))
    expect(accused.get_by_role("heading", level=1)).to_have_text("There is no such page")
    chair = visit(_at("chair"))
    expect(chair.get_by_role("link", name=reference)).to_be_visible()


def test_a_possible_report_waits_and_is_then_passed_on_without_an_answer(visit: Open, served: Served) -> None:
    reporter, reference = _reported(visit, served, POSSIBLE)
    standing = reporter.locator(".standing")
    expect(standing).to_contain_text("Waiting for your answer; at 09:40 it is passed on as unconfirmed.")
    served.later(10)
    expect(standing).to_contain_text("Without your answer it was passed on as unconfirmed.", timeout=SOON)
    expect(visit(_at("lead")).locator(".item", has_text=reference)).to_contain_text("Unconfirmed")


def test_the_line_moves_to_the_answer_that_confirms(visit: Open, served: Served) -> None:
    reporter, _ = _reported(visit, served, POSSIBLE)
    reporter.get_by_role("button", name=re.compile("^Pass this to")).click()
    expect(reporter.locator(".exchange")).to_have_count(2)
    expect(reporter.locator(".exchange").first.locator(".standing")).to_have_count(0, timeout=SOON)
    expect(reporter.locator(".exchange").last.locator(".standing")).to_contain_text("Sent to A. Lead")


def test_everything_can_be_done_without_javascript(visit: Open, served: Served) -> None:
    _, reference = _reported(visit, served)
    page = visit(_at("lead"), script=False)
    page.get_by_role("link", name=reference).click()
    page.get_by_role("button", name="Take this on").click()
    page.get_by_text("Hand over", exact=True).click()
    page.get_by_label("Hand over to").select_option("B. Deputy")
    page.get_by_role("button", name="Hand it over").click()
    expect(page.get_by_text("Nobody has taken it on.")).to_be_visible()
    assert served.desk.held[reference].told == "fact-deputy"
    page.get_by_role("link", name="Back to the inbox").click()
    page.get_by_label("You are").select_option("B. Deputy (deputy)")
    page.get_by_role("button", name="Change who you are").click()
    expect(page.get_by_role("link", name=reference)).to_be_visible()
    expect(page).to_have_url(re.compile("as=fact-deputy"))


def test_a_lost_connection_is_said_and_not_taken_for_no_news(visit: Open, served: Served) -> None:
    reporter, reference = _reported(visit, served)
    inbox = visit(_at("lead"))
    for page in (reporter, inbox):
        page.route("**/desk/list*", lambda route: route.fulfill(status=503))
        page.route("**/standing*", lambda route: route.fulfill(status=503))
    cut = [page.get_by_text(re.compile("connection is lost")).first for page in (reporter, inbox)]
    for line in cut:
        expect(line).to_be_visible(timeout=SOON)
    for page in (reporter, inbox):
        page.unroute_all()
    for line in cut:
        expect(line).to_be_hidden(timeout=SOON)
    assert reference


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_fits_a_phone(visit: Open, served: Served, width: int, scheme: Literal["light", "dark"]) -> None:
    _, reference = _reported(visit, served, f"{CHILD} {'x' * 500}")
    for path in (_at("lead"), _at("lead", reference)):
        page = visit(path, width=width, scheme=scheme)
        for summary in page.locator("details > summary").all():
            summary.click()
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_names_and_headings_are_there_for_a_screen_reader(visit: Open, served: Served) -> None:
    _, reference = _reported(visit, served)
    for path in (_at("lead"), _at("lead", reference)):
        page = visit(path)
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        for summary in page.locator("details > summary").all():
            summary.click()
        for field in page.locator("select, textarea, input:not([type=hidden])").all():
            assert field.evaluate("node => node.labels.length") == 1
        page.reload()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
