"""Cards for the people who are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.chat.told import Pile
from adapters.slack import actions
from adapters.slack.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.slack.pieces import Message
from chatbot.escalation import State
from chatbot.plan import Plan
from tests.adapters.slack.golden import as_json, assert_golden
from tests.adapters.slack.limits import problems_of, texts_of, walk
from tests.adapters.slack.samples import (
    CLOSED,
    HELD,
    LEAD,
    NOW,
    OTHER,
    PLAN,
    SCHOOL,
    SENT,
    STATES,
    TAKEN,
    WITHDRAWN,
)

INBOX = "https://policies.example/desk"


def alert(name: str, **more: Any) -> Message:
    return alert_of(STATES[name], PLAN, SCHOOL.name, NOW, **more)


def deeds(message: Message) -> list[str]:
    return [thing["action_id"] for thing in walk(as_json(message)) if thing.get("type") == "button"]


@pytest.mark.parametrize("name", STATES)
def test_each_state_has_its_card(name: str) -> None:
    assert_golden(f"alert-{name}", alert(name))


@pytest.mark.parametrize("name", ["delivered", "emergency", "acknowledged", "drill"])
def test_a_reminder_is_a_few_words_in_the_thread(name: str) -> None:
    message = reminder_of(STATES[name], PLAN, SCHOOL.name, NOW)
    assert_golden(f"reminder-{name}", message)
    assert len(message.blocks) <= 4
    assert "Reminder" in message.text


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
    values = {thing["value"] for thing in walk(as_json(message)) if thing.get("type") == "button"}
    assert values == {"R-ABCDEF"}


@pytest.mark.parametrize("name", STATES)
def test_who_reported_stands_on_the_card_and_never_in_the_notification(name: str) -> None:
    message = alert(name)
    shown = texts_of([block.to_dict() for block in message.blocks])
    assert ("Beth O’Brien" if name == "about-an-adult" else "<@U0TEACHER>") in shown
    assert "U0TEACHER" not in message.text
    assert "Reported by" not in message.text


@pytest.mark.parametrize("name", STATES)
def test_no_card_says_what_came_of_it_or_where_the_record_is(name: str) -> None:
    held = replace(STATES[name], outcome="Referred to Social Care", record="CPOMS 4711")
    shown = texts_of(as_json(alert_of(held, PLAN, SCHOOL.name, NOW)))
    assert "Referred" not in shown
    assert "4711" not in shown


def test_an_emergency_says_999_at_once_and_a_drill_says_that_it_is_one() -> None:
    assert "call 999 now" in alert("emergency").text
    assert alert("emergency").text.startswith("Emergency: safeguarding report R-ABCDEF")
    assert "no child is at risk" in alert("drill").text
    drill = alert_of(replace(STATES["emergency"], drill=True), PLAN, SCHOOL.name, NOW)
    assert "999" not in texts_of(as_json(drill))


def test_a_card_says_that_it_is_not_the_record_and_when_it_stood_so() -> None:
    shown = texts_of(as_json(alert("delivered")))
    assert "Shown as it stood on Monday 23 November 2026 at 14:00." in shown
    assert "not the school’s safeguarding record" in shown


def test_a_route_without_anybody_is_said_so() -> None:
    message = alert_of(HELD, Plan("fairfield", {}), SCHOOL.name, NOW)
    assert "Nobody is named who could be told" in message.text


@pytest.mark.parametrize("reporter", ["<!channel>", "19:x@thread.tacv2", "", "a@b.example", "*x*"])
def test_a_reporter_from_elsewhere_becomes_no_markup(reporter: str) -> None:
    message = alert_of(replace(SENT, reporter=reporter), PLAN, "Fair<field> & *Co*", NOW)
    assert problems_of(as_json(message)) == []


def test_a_reporter_whom_the_plan_knows_by_another_platform_is_named() -> None:
    plan = replace(PLAN, people={route: (replace(LEAD, teams="0AAA"),) for route in PLAN.people})
    held = replace(SENT, reporter="0AAA")
    assert "Anna Patel" in texts_of([b.to_dict() for b in alert_of(held, plan, SCHOOL.name, NOW).blocks])


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
    assert "Hillside School." in texts_of(as_json(message))


def test_a_bundle_of_hundreds_says_how_many_more_and_where() -> None:
    message = bundle_of([pile(200)], NOW, inbox_url=INBOX)
    assert_golden("bundle-200", message)
    assert "And 188 more." in texts_of(as_json(message))


def test_a_bundle_of_one_or_none_still_reads_well() -> None:
    assert bundle_of([pile(1)], NOW).text.startswith("1 safeguarding report, not taken on by anybody yet.")
    assert problems_of(as_json(bundle_of([], NOW))) == []


def test_what_was_taken_back_is_a_digest() -> None:
    back = tuple(replace(WITHDRAWN, reference=f"R-{at:04}") for at in range(2))
    assert_golden("digest", digest_of(Pile(PLAN, SCHOOL.name, back), NOW))
    assert_golden("digest-empty", digest_of(Pile(PLAN, SCHOOL.name, ()), NOW))
    many = tuple(replace(WITHDRAWN, reference=f"R-{at:04}") for at in range(90))
    message = digest_of(Pile(PLAN, SCHOOL.name, many), NOW, inbox_url=INBOX)
    assert "And 78 more." in texts_of(as_json(message))
    assert problems_of(as_json(message)) == []


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_card_even_where_half_of_it_is_missing(state: State) -> None:
    bare = replace(HELD, state=state, next_at=None)
    for held in (bare, replace(bare, acknowledged_by="gone", told="gone")):
        assert problems_of(as_json(alert_of(held, PLAN, "", NOW))) == []
        assert problems_of(as_json(reminder_of(held, PLAN, "", NOW))) == []


def test_a_bundle_that_has_been_dealt_with_says_so() -> None:
    done = Pile(PLAN, SCHOOL.name, (replace(TAKEN, reference="R-DONE"), replace(CLOSED, reference="R-OVER")))
    assert bundle_of([done], NOW).text.startswith("2 safeguarding reports, all taken on or closed.")
