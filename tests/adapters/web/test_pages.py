"""What a reply looks like as HTML."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from adapters.escalations.standing import Number, Standing
from adapters.web.pages import ICONS, Pages
from chatbot.knowledge import Knowledge
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text, Verdict
from chatbot.respond import Engine
from tests.adapters.web.replies import ALL, CLAUSE, answer, clarify, exchange, possible

GOLDEN = Path(__file__).parent / "golden"
STANDINGS = {
    "escalate-possible": Standing("R-ABCDEF", "waiting", "Waiting for your answer."),
    "escalate-emergency": Standing("R-ABCDEF", "alone", "Nobody has seen this.", (Number("A. Lead", "01632 960001"),)),
}
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("name", ALL)
def test_each_ruling_looks_as_its_golden_page(name: str, pages: Pages) -> None:
    html = f"{pages.exchange(None, exchange(ALL[name]), None, 'R-ABCDEF', STANDINGS.get(name))}\n"
    path = GOLDEN / f"{name}.html"
    if os.environ.get("GOLDEN") == "1":
        path.write_text(html, encoding="utf-8")
    assert html == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_shown_by_word_icon_and_colour(verdict: Verdict, pages: Pages, engine: Engine) -> None:
    word = engine.knowledge.wording[f"verdict_{verdict}"]
    html = pages.render(exchange(answer(verdict, word)))
    assert f'<strong class="verdict-word">{word}</strong>' in html
    assert '<span class="because">The reason.</span>' in html
    assert f'class="verdict {verdict}"' in html
    assert ICONS[verdict] in html


def test_a_clause_is_quoted_with_its_heading_and_a_link_that_highlights_it(pages: Pages) -> None:
    html = pages.render(exchange(answer(Verdict.NOT_ALLOWED, "No.")))
    assert "must not: Accept &#39;friend requests&#39; from" in html
    assert "<cite>3. Personal use of social media by staff</cite>" in html
    assert 'href="/policies/fact?clause=3.f#3.f"' in html


def test_neighbouring_sentences_quoted_as_one_are_all_highlighted(pages: Pages, engine: Engine) -> None:
    first, second = (engine.knowledge.schools["fact"].clauses[name] for name in ("1.i", "1.j"))
    citation = Citation("1.i", first.heading, f"{first.shown} {second.text}", "/policies/fact#1.i")
    html = pages.render(exchange(Reply(Kind.ANSWER, (Quote(citation),))))
    assert 'href="/policies/fact?clause=1.i&amp;clause=1.j#1.i"' in html


def test_choices_are_buttons_that_work_as_a_form(pages: Pages) -> None:
    html = pages.render(exchange(clarify()))
    assert html.count('<button class="choice" name="text"') == 2
    assert '<form action="/turns" method="post"' in html


def test_choices_are_replaced_by_what_was_chosen_and_the_press_is_not_repeated(pages: Pages) -> None:
    asked, pressed = exchange(clarify()), exchange(answer(Verdict.ALLOWED, "Yes."), "18 or over", "t2")
    html = pages.conversation((asked, pressed), None, {})
    assert "You chose: <strong>18 or over</strong>" in html
    assert "choice" not in re.findall(r'<button class="(\w+)', html)
    assert html.count('class="asked"') == 1


def test_choices_that_were_passed_over_are_no_longer_buttons(pages: Pages) -> None:
    html = pages.conversation((exchange(clarify()), exchange(answer(Verdict.ALLOWED, "Yes."), turn_id="t2")), None, {})
    assert '<ul class="passed">' in html
    assert '<button class="choice"' not in html


def test_the_question_of_a_possible_report_stays_open_as_long_as_it_waits(pages: Pages) -> None:
    said = (exchange(possible()), exchange(answer(Verdict.ALLOWED, "Yes."), turn_id="t2"))
    assert '<button class="choice"' in pages.conversation(said, "R-ABCDEF", {})
    assert '<button class="choice"' not in pages.conversation(said, None, {})


@pytest.mark.parametrize("tone", ["review", "emergency", "concern", "duty", "closest"])
def test_a_notice_stands_out_by_its_tone(tone: str, pages: Pages) -> None:
    html = pages.render(exchange(Reply(Kind.ESCALATE, (Notice(tone, "Note this."),), emergency=True)))
    assert f'class="notice notice-{tone}"' in html
    assert "Note this." in html
    assert ICONS[tone] in html


def test_the_line_on_danger_shouts_only_where_there_is_an_emergency(pages: Pages) -> None:
    html = pages.render(exchange(Reply(Kind.ESCALATE, (Notice("emergency", "In danger: 999."),))))
    assert 'class="notice notice-danger"' in html


def test_a_concern_says_that_nobody_is_told_in_the_demonstration_and_only_there(pages: Pages) -> None:
    real = Pages(pages.wording, pages.schools, pages.plans)
    assert "no real person is told" in pages.render(exchange(possible()))
    assert "no real person is told" not in real.render(exchange(possible()))


def test_how_a_report_stands_lets_no_markup_through(pages: Pages) -> None:
    standing = Standing(SCRIPT, "alone", SCRIPT, (Number(SCRIPT, f"0163 {SCRIPT} 2"),))
    html = pages.render(exchange(possible()), standing=standing)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="tel:0163112"' in html


@pytest.mark.parametrize(
    "part",
    [
        Text(SCRIPT),
        Notice("review", SCRIPT),
        Notice("verdict", SCRIPT),
        Notice(SCRIPT, "words"),
        Choices((Choice(SCRIPT, SCRIPT),)),
        Quote(Citation(SCRIPT, SCRIPT, SCRIPT, f"/policies/fact#{SCRIPT}")),
    ],
)
def test_no_part_lets_markup_through(part: Part, pages: Pages) -> None:
    html = pages.exchange(None, exchange(Reply(Kind.ANSWER, (part,)), SCRIPT, SCRIPT), None, None)
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"""="[^"]*["'][^"=<>]*onerror""", html)


def test_characters_that_a_page_cannot_hold_are_replaced(pages: Pages) -> None:
    html = pages.exchange(None, exchange(ALL["answer-allowed"], "a\x00b\ud800c\u202ed\ne"), None, None)
    html.encode("utf-8")
    assert "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c" in html
    assert 'dir="auto"' in html


def test_only_answers_are_asked_about(pages: Pages) -> None:
    shown = {
        name: "Was this right?" in pages.exchange(None, exchange(reply), None, None) for name, reply in ALL.items()
    }
    assert {name for name, there in shown.items() if not there} == {
        "escalate-possible",
        "escalate-emergency",
        "smalltalk-greeting",
    }


def test_a_link_survives_a_clause_that_is_not_known(engine: Engine) -> None:
    knowledge: Knowledge = engine.knowledge
    html = Pages(knowledge.wording, {}, {}).render(exchange(Reply(Kind.ANSWER, (Quote(CLAUSE),))))
    assert 'href="/policies/fact?clause=3.f#3.f"' in html
