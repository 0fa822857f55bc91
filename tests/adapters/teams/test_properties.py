"""Whatever a reply, a report or a text holds: Teams takes it, and it does nothing but be read."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.texts import visible
from adapters.chat.told import Pile
from adapters.escalations.history import Event
from adapters.escalations.standing import Standing
from adapters.teams.actions import ClauseRef
from adapters.teams.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.teams.cards import message_of
from adapters.teams.clauses import clause_of
from adapters.teams.deed_forms import close_form, hand_over_form, note_form, reopen_form
from adapters.teams.forms import ask_form, is_ok_form, raise_form, report_form
from adapters.teams.found import rule_found
from adapters.teams.opened import opened_of
from adapters.teams.standing import receipt_of
from adapters.teams.views import failed_message, notice_of, result_of
from chatbot.escalation import Held, Opened
from chatbot.model import Reply
from tests.adapters.slack import strategies as shared
from tests.adapters.slack.samples import NOW, SCHOOL, SENT, policy_url
from tests.adapters.teams import strategies
from tests.adapters.teams.golden import as_json
from tests.adapters.teams.limits import problems_of, words_of
from tests.adapters.teams.samples import PLAN, REPORT_URL

urls = st.sampled_from((None, policy_url))
WORDS = "Zaraphine Quillfeather"
"""Words of a report that occur nowhere else."""


@given(
    strategies.replies,
    shared.turns,
    urls,
    st.none() | strategies.standings,
    st.none() | strategies.names,
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_any_reply_is_a_card_that_teams_takes(
    reply: Reply, turn: str, url: None, standing: Standing | None, settled: str | None, public: bool
) -> None:
    message = message_of(reply, SCHOOL, turn_id=turn, policy_url=url, standing=standing, settled=settled, public=public)
    assert problems_of(as_json(message)) == []


@given(strategies.replies, shared.turns, urls, strategies.words)
@settings(max_examples=30, deadline=None)
def test_any_reply_is_a_dialog_and_a_result_that_teams_takes(reply: Reply, turn: str, url: None, asked: str) -> None:
    assert problems_of(as_json(result_of(reply, SCHOOL, turn_id=turn, policy_url=url, asked=asked))) == []
    assert problems_of(as_json(rule_found("On phones", reply, SCHOOL, url))) == []


@given(shared.held, strategies.names, shared.ids, st.booleans(), strategies.names)
@settings(max_examples=150, deadline=None)
def test_any_report_has_a_card_that_teams_takes(
    held: Held, school: str, viewer: str, reminder: bool, reporter: str
) -> None:
    for message in (
        alert_of(held, PLAN, school, NOW, viewer=viewer, reminder=reminder, reporter=reporter),
        reminder_of(held, PLAN, school, NOW),
        digest_of(Pile(PLAN, school, (held,)), NOW),
    ):
        assert problems_of(as_json(message)) == []


@given(shared.held, st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_alert_holds_a_word_of_the_report_or_names_its_reporter_in_the_notification(held: Held, many: bool) -> None:
    held = replace(held, reporter="U0TEACHER", outcome=WORDS, record=WORDS)
    pile = Pile(PLAN, SCHOOL.name, (held,) * (3 if many else 1))
    for message in (
        alert_of(held, PLAN, SCHOOL.name, NOW),
        reminder_of(held, PLAN, SCHOOL.name, NOW),
        digest_of(pile, NOW),
        bundle_of([pile], NOW),
    ):
        assert "Quillfeather" not in str(as_json(message))
        assert "U0TEACHER" not in f"{message.text} {message.card['fallbackText']} {message.card['speak']}"


@given(shared.held)
@settings(max_examples=60, deadline=None)
def test_nobody_whom_a_report_is_about_is_sent_its_card_anew(held: Held) -> None:
    card = alert_of(held, PLAN, SCHOOL.name, NOW).card
    left_out = {contact.teams for contact in PLAN.contacts if contact.id in held.excluded}
    assert not any(teams in str(card.get("refresh")) for teams in left_out)


@given(
    strategies.opened,
    shared.ids,
    st.sampled_from(("", REPORT_URL)),
    strategies.names,
    st.lists(st.builds(Event, st.just(NOW), strategies.names, strategies.names, strategies.words), max_size=20),
)
@settings(max_examples=80, deadline=None)
def test_any_opened_report_is_a_dialog_that_teams_takes(
    opened: Opened, viewer: str, url: str, typed: str, history: list[Event]
) -> None:
    held = opened.held
    for dialog in (
        opened_of(
            opened, PLAN, typed, NOW, viewer=viewer, report_url=url, refusal=typed, history=history, reporter=typed
        ),
        hand_over_form(held, PLAN, viewer=viewer, refusal=typed),
        close_form(held, outcome=held.outcome, record=typed),
        note_form(held, typed=typed),
        reopen_form(held, refusal=typed),
    ):
        assert problems_of(as_json(dialog)) == []


@given(st.lists(shared.held, max_size=30, unique_by=lambda one: one.reference), strategies.names)
@settings(max_examples=25, deadline=None)
def test_any_bundle_is_taken(held: list[Held], school: str) -> None:
    pile = Pile(PLAN, school, tuple(held), "lead")
    assert problems_of(as_json(bundle_of([pile], NOW))) == []


@given(strategies.words, strategies.standings, st.lists(strategies.standings, max_size=10))
@settings(max_examples=80, deadline=None)
def test_any_text_is_taken_wherever_it_stands(text: str, standing: Standing, reports: list[Standing]) -> None:
    for dialog in (
        report_form([SCHOOL], typed=text, refusal=text),
        raise_form([SCHOOL], message=text, typed=text),
        ask_form([SCHOOL], typed=text),
        is_ok_form([SCHOOL], message=text),
        clause_of(replace(SCHOOL, name=text, updated=text, due_shown=text), ClauseRef("fairfield", ("3.d",))),
    ):
        assert problems_of(as_json(dialog)) == []
    for message in (
        failed_message(text, speak_to=text, numbers=standing.numbers),
        receipt_of(reports),
        notice_of(text, text[:900]),
    ):
        assert problems_of(as_json(message)) == []


@given(strategies.words)
@settings(max_examples=60, deadline=None)
def test_the_words_of_a_report_are_shown_as_they_were_typed(text: str) -> None:
    text = " ".join(f"x{text[:2_000]}".split())
    opened = Opened(SENT, text)
    shown = words_of(as_json(opened_of(opened, PLAN, SCHOOL.name, NOW, viewer="lead")))
    plain = "".join(char for char in visible(text) if char.isprintable() and char != "\N{WORD JOINER}")
    assert plain[:500] in "".join(char for char in shown if char.isprintable())
