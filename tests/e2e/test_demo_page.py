"""The demonstration as a person meets it in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

Scheme = Literal["light", "dark"]
Open = Callable[..., Page]

QUESTION = "Can I share the school's post of my class on my own page?"
FORMER = "Can I message a former pupil on instagram?"
REPORT = "he is going to kill himself right now on the roof"
PICTURE = Path(__file__).parent / "answer.png"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """Opens pages; afterwards nothing may have been complained of or fetched from elsewhere."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    asked_for: list[str] = []

    def opened(
        path: str = "/?school=fact",
        *,
        width: int = 1280,
        height: int = 860,
        scheme: Scheme = "light",
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked_for.append(request.url))
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked_for if not url.startswith(address)] == []


def _ask(page: Page, text: str) -> None:
    said = page.locator(".exchange").count()
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(said + 1)


def _wide(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_brings_the_verdict_and_the_clause(visit: Open, scheme: Scheme) -> None:
    page = visit(scheme=scheme, height=845)
    _ask(page, QUESTION)
    expect(page.locator(".verdict.allowed")).to_contain_text("Yes.")
    expect(page.locator(".verdict .icon")).to_be_visible()
    expect(page.locator("blockquote").first).to_contain_text("Post images of pupils, unless")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.get_by_label("Your question")).to_have_value("")
    assert page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor") == (
        "rgb(243, 245, 246)" if scheme == "light" else "rgb(16, 21, 24)"
    )
    if scheme == "light" and os.environ.get("GOLDEN") == "1":
        page.get_by_label("Your question").blur()
        page.screenshot(path=PICTURE)
        assert PICTURE.stat().st_size < 200_000


def test_the_link_leads_to_the_clause_highlighted_with_its_lead(visit: Open) -> None:
    page = visit()
    _ask(page, QUESTION)
    page.get_by_role("link", name="Clause 3.i in the policy").click()
    clause = page.locator("[id='3.i']")
    expect(clause).to_be_in_viewport()
    expect(clause).to_have_css("background-color", "rgb(255, 242, 184)")
    expect(page.locator(".lead.shown")).to_have_text("When using social media, staff must not:")
    expect(page.get_by_text("Review overdue.")).to_have_count(1)


def test_the_bare_address_of_a_clause_highlights_it_too(visit: Open) -> None:
    page = visit("/policies/fact#3.f")
    expect(page.locator("[id='3.f']")).to_be_in_viewport()
    expect(page.locator("[id='3.f']")).to_have_css("background-color", "rgb(255, 242, 184)")
    assert (
        page.locator("p:has(+ ul [id='3.f']) .lead").evaluate("node => getComputedStyle(node).textDecorationLine")
        == "underline"
    )


def test_a_choice_is_answered_by_keyboard_and_replaced_by_what_was_chosen(visit: Open) -> None:
    page = visit()
    _ask(page, FORMER)
    choice = page.get_by_role("button", name=re.compile("^(Under 18|18 or over)$")).first
    label = choice.inner_text()
    choice.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chosen")).to_contain_text(f"You chose: {label}")
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".exchange").last).to_be_in_viewport()
    expect(page.get_by_role("button", name=label)).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()


def test_a_report_comes_to_the_inbox_with_its_words_only_when_opened(visit: Open) -> None:
    page = visit("/?school=calmore")
    inbox = page.get_by_role("complementary")
    expect(page.get_by_text("no real person is told").first).to_be_visible()
    _ask(page, REPORT)
    expect(page.locator(".notice-emergency")).to_contain_text("999")
    expect(inbox.locator(".item-emergency")).to_have_count(1, timeout=10_000)
    reference = inbox.locator(".item-reference").inner_text().split()[-1]
    expect(page.locator(".notice-concern")).to_contain_text(reference)
    expect(inbox.get_by_text(REPORT)).to_have_count(0)
    inbox.get_by_role("link", name=reference).click()
    expect(inbox.get_by_text(REPORT)).to_be_visible()


def test_beside_the_chat_a_report_is_taken_on_and_its_reporter_reads_it_without_a_reload(visit: Open) -> None:
    page = visit("/?school=ravenscote")
    inbox = page.get_by_role("complementary")
    _ask(page, REPORT)
    expect(page.locator(".standing")).to_contain_text(re.compile("[Nn]obody has seen"))
    inbox.locator(".item-reference").click(timeout=10_000)
    expect(inbox.get_by_role("heading", name="Report R-")).to_be_focused()
    inbox.get_by_role("button", name="Take this on").click()
    expect(inbox.get_by_text("You took this on")).to_be_visible()
    expect(page.locator(".standing")).to_contain_text("has taken this on", timeout=10_000)
    inbox.get_by_role("link", name="Back to the inbox").click()
    expect(inbox.get_by_role("heading", name="Inbox")).to_be_focused()
    expect(inbox.locator(".item-taken")).to_have_count(1)


def test_another_window_sees_a_report_without_a_reload_and_keeps_its_focus(visit: Open) -> None:
    watching, writing = visit("/?school=ashley"), visit("/?school=ashley")
    _ask(writing, REPORT)
    expect(watching.locator(".item")).to_have_count(1, timeout=10_000)
    watching.locator(".item-reference").focus()
    focused = watching.locator(".item-reference").get_attribute("id")
    _ask(writing, f"{REPORT}, hurry")
    expect(watching.locator(".item")).to_have_count(2, timeout=10_000)
    expect(watching.locator(f"#{focused}")).to_be_focused()


def test_shift_and_enter_start_a_new_line(visit: Open) -> None:
    page = visit()
    page.get_by_label("Your question").fill("one")
    page.keyboard.press("End")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(page.get_by_label("Your question")).to_have_value("one\ntwo")
    expect(page.locator(".exchange")).to_have_count(0)


def test_feedback_is_noted_in_place(visit: Open) -> None:
    page = visit()
    _ask(page, QUESTION)
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text("Noted as right. Thank you.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Noted as right. Thank you.")).to_be_visible()


def test_a_suggested_question_is_asked_by_one_press(visit: Open) -> None:
    page = visit("/?school=yeadon")
    button = page.locator(".suggestion").first
    text = button.inner_text()
    button.click()
    expect(page.locator(".asked")).to_have_text(text)


def test_the_school_is_changed_with_the_picker(visit: Open) -> None:
    page = visit()
    page.get_by_label("School", exact=True).select_option("yeadon")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?school=yeadon"))
    expect(page.locator(".inbox-school")).to_have_text("Yeadon Junior School")


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_wider_than_a_phone(visit: Open, width: int) -> None:
    page = visit(width=width, height=740)
    _ask(page, QUESTION)
    _ask(page, FORMER)
    _ask(page, REPORT)
    _ask(page, "x" * 3_000)
    assert not _wide(page)
    page.get_by_role("link", name=re.compile("Inbox")).click()
    expect(page.locator("#desk-title")).to_be_in_viewport()
    for path in ("/policies", "/policies/yeadon", "/policies/ravenscote"):
        assert not _wide(visit(path, width=width, height=740)), path


def test_the_page_itself_never_scrolls_on_a_wide_screen(visit: Open) -> None:
    page = visit()
    for _ in range(4):
        _ask(page, QUESTION)
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight - innerHeight]") == [0, 0]
    expect(page.locator(".exchange").last.locator(".asked")).to_be_in_viewport()


def test_everything_works_without_javascript(visit: Open) -> None:
    page = visit("/?school=yeadon", script=False)
    page.get_by_label("Your question").fill(FORMER)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_label("Your question").fill(REPORT)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".item-emergency")).to_have_count(1)
    expect(page.locator(".standing")).to_have_count(1)
    page.get_by_role("button", name="Clear this conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.get_by_role("heading", name="Your earlier reports")).to_be_visible()


def test_what_was_typed_is_text_in_the_page(visit: Open) -> None:
    page = visit()
    typed = "<img src=x onerror=alert(1)><b>hello</b>"
    _ask(page, typed)
    expect(page.locator(".asked")).to_have_text(typed)
    assert page.locator(".log img, .log b").count() == 0


def test_landmarks_and_names_are_there_for_a_screen_reader(visit: Open) -> None:
    page = visit()
    for role in ("banner", "main", "complementary", "log"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_in_viewport()
