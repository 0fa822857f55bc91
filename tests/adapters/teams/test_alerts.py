"""Cards for the people who are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.chat.told import Pile
from adapters.teams import actions
from adapters.teams.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.teams.deeds import MOST_WATCHERS
from adapters.teams.pieces import Message
from chatbot.escalation import State
from chatbot.plan import Contact, Plan
from chatbot.reply import Route
from tests.adapters.slack.samples import (
    CLOSED,
    HELD,
    MINUTE,
    NOW,
    OTHER,
    SCHOOL,
    SENT,
    STATES,
    TAKEN,
    WITHDRAWN,
)
from tests.adapters.teams.golden import as_json, assert_golden
from tests.adapters.teams.limits import buttons_of, problems_of, words_of
from tests.adapters.teams.samples import INBOX, NASTY, PLAN, REPORTER, TEAMS_IDS


def alert(name: str, **more: Any) -> Message:
    return alert_of(STATES[name], PLAN, SCHOOL.name, NOW, **{"reporter": REPORTER, **more})


def deeds(message: Message) -> list[str]:
    return [button["data"]["verb"] for button in buttons_of(as_json(message))]


def users(message: Message) -> list[str]:
    refresh: Any = message.card.get("refresh", {"userIds": []})
    return [user.removeprefix("8:orgid:") for user in refresh["userIds"]]


@pytest.mark.parametrize("name", STATES)
def test_each_state_has_its_card(name: str) -> None:
    assert_golden(f"alert-{name}", alert(name))


@pytest.mark.parametrize("name", ["delivered", "emergency", "acknowledged", "drill"])
def test_a_reminder_is_a_few_words_in_the_thread(name: str) -> None:
    message = reminder_of(STATES[name], PLAN, SCHOOL.name, NOW)
    assert_golden(f"reminder-{name}", message)
    assert "Reminder" in message.text
    assert len(message.card["body"]) <= 3  # type: ignore[arg-type]  # JSON


def test_a_person_reads_of_themselves_as_you() -> None:
    assert "You took this on" in alert("acknowledged", viewer="lead").text
    assert "Anna Patel took this on" in alert("acknowledged").text
    assert alert("delivered", viewer="lead", reminder=True).text.startswith("Reminder: safeguarding report R-ABCDEF")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("possible", [actions.OPEN]),
        ("raised", [actions.OPEN, actions.TAKE, actions.HAND_OVER, actions.NOTE]),
        ("delivered", [actions.OPEN, actions.TAKE, actions.HAND_OVER, actions.NOTE]),
        ("acknowledged", [actions.OPEN, actions.CLOSE, actions.HAND_OVER, actions.NOTE]),
        ("closed", [actions.OPEN, actions.NOTE, actions.REOPEN]),
        ("withdrawn", [actions.OPEN, actions.NOTE, actions.REOPEN]),
    ],
)
def test_a_card_offers_what_its_state_allows(name: str, expected: list[str]) -> None:
    message = alert(name)
    assert deeds(message) == expected
    carried = [actions.pressed(button["data"]) for button in buttons_of(as_json(message))]
    assert carried == [actions.Deed(deed, "R-ABCDEF") for deed in expected]


def test_taking_on_is_carried_out_at_once_and_all_else_opens_a_dialog() -> None:
    for name in STATES:
        for button in buttons_of(as_json(alert(name))):
            at_once = button["data"]["verb"] == actions.TAKE
            assert button["type"] == ("Action.Execute" if at_once else "Action.Submit")
            assert ("msteams" in button["data"]) != at_once


@pytest.mark.parametrize("name", STATES)
def test_who_reported_stands_on_the_card_and_never_in_the_notification(name: str) -> None:
    message = alert(name)
    assert REPORTER in words_of(as_json(message))
    told = f"{message.text} {message.card['fallbackText']} {message.card['speak']}"
    assert REPORTER not in told
    assert "Reported by" not in told


def test_a_reporter_is_named_as_the_plan_names_them_where_teams_does_not() -> None:
    message = alert_of(STATES["about-an-adult"], PLAN, SCHOOL.name, NOW)
    assert "Beth O’Brien" in words_of(as_json(message))
    held = replace(SENT, reporter=TEAMS_IDS["lead"])
    assert "Anna Patel" in words_of(as_json(alert_of(held, PLAN, SCHOOL.name, NOW)))


@pytest.mark.parametrize("name", STATES)
def test_no_card_says_what_came_of_it_or_where_the_record_is(name: str) -> None:
    held = replace(STATES[name], outcome="Referred to Social Care", record="CPOMS 4711")
    shown = words_of(as_json(alert_of(held, PLAN, SCHOOL.name, NOW)))
    assert "Referred" not in shown
    assert "4711" not in shown


def test_an_emergency_says_999_at_once_and_a_drill_says_that_it_is_one() -> None:
    assert "call 999 now" in alert("emergency").text
    assert alert("emergency").text.startswith("Emergency: safeguarding report R-ABCDEF")
    assert "no child is at risk" in alert("drill").text
    drill = alert_of(replace(STATES["emergency"], drill=True), PLAN, SCHOOL.name, NOW)
    assert "999" not in words_of(as_json(drill))


def test_a_card_says_that_it_is_not_the_record_and_when_it_stood_so() -> None:
    shown = words_of(as_json(alert("delivered")))
    assert "Shown as it stood on Monday 23 November 2026 at 14:00." in shown
    assert "not the school’s safeguarding record" in shown


def test_a_route_without_anybody_is_said_so() -> None:
    message = alert_of(HELD, Plan("fairfield", {}), SCHOOL.name, NOW)
    assert "Nobody is named who could be told" in message.text
    assert "refresh" not in message.card


@pytest.mark.parametrize("reporter", [NASTY, "19:x@thread.tacv2", "", "a@b.example", "*x*"])
def test_a_reporter_from_elsewhere_becomes_no_markup(reporter: str) -> None:
    message = alert_of(replace(SENT, reporter=reporter), PLAN, "Fair<field> & *Co*", NOW)
    assert problems_of(as_json(message)) == []
    assert problems_of(as_json(alert("delivered", reporter=reporter))) == []


def test_only_those_who_may_see_a_report_have_its_card_brought_up_to_date() -> None:
    assert users(alert("delivered")) == [TEAMS_IDS[one] for one in ("lead", "deputy", "head")]
    assert users(alert("delivered", viewer="deputy")) == [TEAMS_IDS["deputy"]]
    about = replace(STATES["about-an-adult"], excluded=frozenset({"head"}))
    assert users(alert_of(about, PLAN, SCHOOL.name, NOW)) == [TEAMS_IDS["chair"]]
    assert users(alert_of(about, PLAN, SCHOOL.name, NOW, viewer="head")) == []
    refresh: Any = alert("delivered").card["refresh"]
    assert actions.pressed(refresh["action"]["data"]) == actions.Deed(actions.REFRESH, "R-ABCDEF")


def test_a_card_is_brought_up_to_date_for_no_more_people_than_teams_allows() -> None:
    ids = [f"00000000-0000-4000-8000-{at:012}" for at in range(90)]
    people = (
        *(Contact(f"c{at}", f"C {at}", MINUTE, teams=ids[at]) for at in range(90)),
        Contact("x", "X", MINUTE, teams="x"),
    )
    message = alert_of(SENT, Plan("fairfield", {Route.DSL: people}), SCHOOL.name, NOW)
    assert users(message) == ids[:MOST_WATCHERS]
    assert problems_of(as_json(message)) == []


def pile(count: int = 3) -> Pile:
    states = (STATES["emergency"], SENT, TAKEN, CLOSED)
    held = tuple(replace(states[at % 4], reference=f"R-{at:04}") for at in range(count))
    return Pile(PLAN, SCHOOL.name, held)


def test_many_reports_come_as_one_message_the_most_urgent_first() -> None:
    message = bundle_of([pile(4)], NOW, inbox_url=INBOX)
    assert_golden("bundle", message)
    assert message.text.startswith("4 safeguarding reports, 2 of them not taken on by anybody yet.")


def test_a_bundle_of_two_schools_names_them() -> None:
    other = Pile(replace(PLAN, school="hillside"), OTHER.name, (replace(SENT, school="hillside", reference="R-OTHER"),))
    message = bundle_of([pile(1), other], NOW)
    assert "Hillside School." in words_of(as_json(message))


def test_a_bundle_of_hundreds_says_how_many_more_and_where() -> None:
    message = bundle_of([pile(200)], NOW, inbox_url=INBOX)
    assert_golden("bundle-200", message)
    assert "And 188 more." in words_of(as_json(message))
    assert "This is shortened" not in words_of(as_json(message))


def test_a_bundle_of_one_or_none_still_reads_well() -> None:
    assert bundle_of([pile(1)], NOW).text.startswith("1 safeguarding report, not taken on by anybody yet.")
    assert problems_of(as_json(bundle_of([], NOW))) == []


def test_a_bundle_that_has_been_dealt_with_says_so() -> None:
    done = Pile(PLAN, SCHOOL.name, (replace(TAKEN, reference="R-DONE"), replace(CLOSED, reference="R-OVER")))
    assert bundle_of([done], NOW).text.startswith("2 safeguarding reports, all taken on or closed.")


def test_what_was_taken_back_is_a_digest() -> None:
    back = tuple(replace(WITHDRAWN, reference=f"R-{at:04}") for at in range(2))
    assert_golden("digest", digest_of(Pile(PLAN, SCHOOL.name, back), NOW))
    assert_golden("digest-empty", digest_of(Pile(PLAN, SCHOOL.name, ()), NOW))
    many = tuple(replace(WITHDRAWN, reference=f"R-{at:04}") for at in range(90))
    message = digest_of(Pile(PLAN, SCHOOL.name, many), NOW, inbox_url=INBOX)
    assert "And 78 more." in words_of(as_json(message))
    assert problems_of(as_json(message)) == []


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_card_even_where_half_of_it_is_missing(state: State) -> None:
    bare = replace(HELD, state=state, next_at=None)
    for held in (bare, replace(bare, acknowledged_by="gone", told="gone")):
        assert problems_of(as_json(alert_of(held, PLAN, "", NOW))) == []
        assert problems_of(as_json(reminder_of(held, PLAN, "", NOW))) == []
