"""What a school reads in Slack and in Teams is the same: words, states, buttons."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.chat.told import Pile
from adapters.escalations.standing import Standing
from adapters.slack import alerts as slack_alerts
from adapters.slack import forms as slack_forms
from adapters.slack import modals as slack_modals
from adapters.slack.blocks import message_of as in_slack
from adapters.slack.views import failed_message as failed_in_slack
from adapters.teams import alerts, deed_forms, forms
from adapters.teams.cards import message_of as in_teams
from adapters.teams.opened import opened_of
from adapters.teams.pieces import Dialog
from adapters.teams.views import failed_message
from tests.adapters.slack.golden import as_json as slack_json
from tests.adapters.slack.limits import texts_of, walk
from tests.adapters.slack.samples import (
    ALONE,
    CLOSED,
    NOW,
    OPENED,
    OTHER,
    PLAN,
    REPLIES,
    SCHOOL,
    SENT,
    STATES,
    TAKEN,
    TAKEN_ON,
    WITHDRAWN,
    WORDS,
)
from tests.adapters.teams.golden import as_json
from tests.adapters.teams.limits import buttons_of, words_of

LONG = {"too-much"}
"""What is left out of it is decided by each platform's room."""


def slack_buttons(shown: Any) -> list[str]:
    return [thing["text"]["text"] for thing in walk(slack_json(shown)) if thing.get("type") == "button"]


def teams_buttons(shown: Any) -> list[str]:
    return [button["title"] for button in buttons_of(as_json(shown))]


@pytest.mark.parametrize("standing", [None, ALONE, TAKEN_ON])
@pytest.mark.parametrize("name", sorted(set(REPLIES) - LONG))
def test_a_reply_is_read_out_alike(name: str, standing: Standing | None) -> None:
    for more in ({}, {"settled": "Under 18"}, {"public": True}):
        given: dict[str, Any] = {"turn_id": "t1", "standing": standing, "feedback": False, **more}
        slack, teams = in_slack(REPLIES[name], SCHOOL, **given), in_teams(REPLIES[name], SCHOOL, **given)
        assert slack.text == teams.text.replace("\N{WORD JOINER}", "")
        assert slack_buttons(slack) == teams_buttons(teams)


@pytest.mark.parametrize("viewer", ["", "lead"])
@pytest.mark.parametrize("name", STATES)
def test_a_report_has_the_same_title_state_and_buttons(name: str, viewer: str) -> None:
    held = STATES[name]
    for reminder in (False, True):
        slack = slack_alerts.alert_of(held, PLAN, SCHOOL.name, NOW, viewer=viewer, reminder=reminder)
        teams = alerts.alert_of(held, PLAN, SCHOOL.name, NOW, viewer=viewer, reminder=reminder)
        assert slack.text == teams.text
        assert slack_buttons(slack) == teams_buttons(teams)
    slack, teams = (
        slack_alerts.reminder_of(held, PLAN, SCHOOL.name, NOW),
        alerts.reminder_of(held, PLAN, SCHOOL.name, NOW),
    )
    assert slack.text == teams.text
    assert slack_buttons(slack) == teams_buttons(teams)


def test_many_reports_are_told_alike() -> None:
    held = (STATES["emergency"], SENT, TAKEN, CLOSED, WITHDRAWN)
    for school in (SCHOOL.name, OTHER.name):
        slack = slack_alerts.bundle_of([Pile(PLAN, school, held)], NOW)
        teams = alerts.bundle_of([Pile(PLAN, school, held)], NOW)
        assert slack.text == teams.text
        assert slack_buttons(slack) == teams_buttons(teams)
    back = (WITHDRAWN,)
    for few in ((), back):
        digest = alerts.digest_of(Pile(PLAN, SCHOOL.name, few), NOW)
        assert slack_alerts.digest_of(Pile(PLAN, SCHOOL.name, few), NOW).text == digest.text


def test_an_opened_report_and_its_forms_say_the_same() -> None:
    slack = slack_modals.opened_of(OPENED, PLAN, SCHOOL.name, NOW, viewer="lead")
    teams = opened_of(OPENED, PLAN, SCHOOL.name, NOW, viewer="lead")
    assert slack_buttons(slack) == teams_buttons(teams)
    for part in (WORDS, slack_modals.MARK, "Spoke to Zara’s class teacher.", "Words of the report", "Notes"):
        assert part in texts_of(slack_json(slack))
        assert part in words_of(as_json(teams))
    pairs: list[tuple[Any, Dialog]] = [
        (slack_modals.hand_over_form(SENT, PLAN, viewer="lead"), deed_forms.hand_over_form(SENT, PLAN, viewer="lead")),
        (slack_modals.close_form(TAKEN), deed_forms.close_form(TAKEN)),
        (slack_modals.note_form(TAKEN), deed_forms.note_form(TAKEN)),
        (slack_forms.report_form([SCHOOL, OTHER]), forms.report_form([SCHOOL, OTHER])),
        (slack_forms.raise_form([SCHOOL], message=WORDS), forms.raise_form([SCHOOL], message=WORDS)),
        (slack_forms.ask_form([SCHOOL]), forms.ask_form([SCHOOL])),
        (slack_forms.is_ok_form([SCHOOL], message="x"), forms.is_ok_form([SCHOOL], message="x")),
    ]
    for view, dialog in pairs:
        assert view.title.text == dialog.title
        assert view.submit.text == teams_buttons(dialog)[-1]
        words = words_of(as_json(dialog))
        assert [text for text in _said(slack_json(view)) if text not in words] == []


def test_what_is_missing_is_said_alike() -> None:
    assert slack_modals.problems_of_close("", "").keys() != deed_forms.problems_of_close("", "").keys()
    assert [*slack_modals.problems_of_close("", "").values()] == [*deed_forms.problems_of_close("", "").values()]


def test_what_did_not_work_is_said_alike() -> None:
    what, speak_to = "It was not recorded.", "Anna Patel"
    slack = failed_in_slack(what, speak_to=speak_to, numbers=ALONE.numbers)
    assert slack.text == failed_message(what, speak_to=speak_to, numbers=ALONE.numbers).text


def _said(view: dict[str, object]) -> list[str]:
    """What a form of Slack says, but for its buttons and what its way of showing needs."""
    left = {"Cancel", "Choose a school", "Choose a person", " ", ""}
    blocks = view["blocks"]
    return [text for text in texts_of(blocks).split("\n") if text.strip() and text not in left]
