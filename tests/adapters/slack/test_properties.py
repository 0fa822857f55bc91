"""Whatever a reply, a report or a text holds: Slack takes it, and it does nothing but be read."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.told import Pile
from adapters.escalations.standing import Standing
from adapters.slack.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.slack.blocks import message_of
from adapters.slack.forms import ask_form, is_ok_form, raise_form, report_form
from adapters.slack.home import home_of
from adapters.slack.modals import close_form, hand_over_form, note_form, opened_of
from adapters.slack.pieces import message_from
from adapters.slack.settled import settled_in
from adapters.slack.standing import standing_piece
from adapters.slack.views import failed_message, result_of
from chatbot.escalation import Held, Opened
from chatbot.model import Reply
from tests.adapters.slack import strategies
from tests.adapters.slack.golden import as_json
from tests.adapters.slack.limits import problems_of, texts_of
from tests.adapters.slack.samples import NOW, PLAN, SCHOOL, TODAY, policy_url

urls = st.sampled_from((None, policy_url))
WORDS = "Zaraphine Quillfeather"
"""Words of a report that occur nowhere else."""


@given(
    strategies.replies, strategies.turns, urls, st.none() | strategies.standings, st.none() | strategies.names,
    st.booleans(), st.booleans(),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_reply_is_a_message_that_slack_takes(
    reply: Reply, turn: str, url: None, standing: Standing | None, settled: str | None, share: bool, public: bool
) -> None:
    message = message_of(
        reply, SCHOOL, turn_id=turn, policy_url=url, standing=standing, settled=settled, share=share, public=public
    )
    assert problems_of(as_json(message)) == []
    again = settled_in([block.to_dict() for block in message.blocks], "Yes")
    assert 0 < len(again) <= len(message.blocks)


@given(strategies.replies, strategies.turns, urls, strategies.words)
@settings(max_examples=30, deadline=None)
def test_any_reply_is_a_view_that_slack_takes(reply: Reply, turn: str, url: None, asked: str) -> None:
    assert problems_of(as_json(result_of(reply, SCHOOL, turn_id=turn, policy_url=url, asked=asked))) == []


@given(strategies.held, strategies.names, strategies.ids, st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_report_has_a_card_that_slack_takes(held: Held, school: str, viewer: str, reminder: bool) -> None:
    for message in (
        alert_of(held, PLAN, school, NOW, viewer=viewer, reminder=reminder),
        reminder_of(held, PLAN, school, NOW),
        digest_of(Pile(PLAN, school, (held,)), NOW),
    ):
        assert problems_of(as_json(message)) == []


@given(strategies.held, st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_alert_holds_a_word_of_the_report_or_names_its_reporter_in_the_notification(held: Held, many: bool) -> None:
    held = replace(held, reporter="U0TEACHER", outcome=WORDS, record=WORDS)
    pile = Pile(PLAN, SCHOOL.name, (held,) * (3 if many else 1))
    messages = [alert_of(held, PLAN, SCHOOL.name, NOW), reminder_of(held, PLAN, SCHOOL.name, NOW)]
    messages += [digest_of(Pile(PLAN, SCHOOL.name, (held,)), NOW)]
    messages += [] if many else [bundle_of([pile], NOW)]
    for message in messages:
        assert "Quillfeather" not in texts_of(as_json(message))
        assert "U0TEACHER" not in message.text


@given(strategies.opened, strategies.ids, st.sampled_from(("", "https://policies.example/desk")), strategies.names)
@settings(max_examples=100, deadline=None)
def test_any_opened_report_is_a_view_that_slack_takes(opened: Opened, viewer: str, url: str, refusal: str) -> None:
    view = opened_of(opened, PLAN, SCHOOL.name, NOW, viewer=viewer, report_url=url, refusal=refusal)
    assert problems_of(as_json(view)) == []
    for form in (
        hand_over_form(opened.held, PLAN, viewer=viewer),
        close_form(opened.held, outcome=opened.held.outcome, record=refusal),
        note_form(opened.held, typed=refusal),
    ):
        assert problems_of(as_json(form)) == []


@given(
    st.lists(strategies.held, max_size=30, unique_by=lambda one: one.reference),
    st.lists(strategies.standings, max_size=12, unique_by=lambda one: one.reference),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_any_home_and_any_bundle_are_taken(held: list[Held], reports: list[Standing], several: bool) -> None:
    pile = Pile(PLAN, SCHOOL.name, tuple(held), "lead")
    view = home_of(SCHOOL, today=TODAY, now=NOW, several=several, reports=reports, piles=(pile,), policy_url=policy_url)
    assert problems_of(as_json(view)) == []
    assert problems_of(as_json(bundle_of([pile], NOW))) == []


@given(strategies.words, strategies.standings)
@settings(max_examples=80, deadline=None)
def test_any_text_is_taken_wherever_it_stands(text: str, standing: Standing) -> None:
    for view in (
        report_form([SCHOOL], typed=text),
        raise_form([SCHOOL], message=text, typed=text),
        ask_form([SCHOOL], typed=text),
        is_ok_form([SCHOOL], message=text),
    ):
        assert problems_of(as_json(view)) == []
    assert problems_of(as_json(failed_message(text, speak_to=text, numbers=standing.numbers))) == []
    assert problems_of(as_json(message_from([standing_piece(standing, named=True)]))) == []
