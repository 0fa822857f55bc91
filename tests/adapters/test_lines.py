"""An escalation in words for the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.escalations.history import history_of, refused
from adapters.escalations.lines import ago, groups_of, line_of, moment, role_of, summary
from chatbot.escalation import Entry, Held, Opened, Refusal, State, urgency
from chatbot.model import Route
from chatbot.plan import Plan
from tests.adapters.web.desk import MINUTES, plan_of

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
PLAN = plan_of("fact")
HELD = Held("R-ABCDEF", "fact", Route.DSL, State.RAISED, False, False, "p", NOW)
TAKEN = replace(
    HELD, state=State.ACKNOWLEDGED, acknowledged_by="fact-lead", acknowledged_at=NOW, next_at=NOW + timedelta(days=2)
)
CLOSED = replace(TAKEN, state=State.CLOSED, closed_at=NOW, outcome="done", next_at=None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (3_599, "59 minutes ago"), (7_200, "2 hours ago"),
     (86_400, "1 day ago"), (400_000, "4 days ago")],
)  # fmt: skip
def test_how_long_ago_is_one_unit(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "at 14:00"),
        (NOW + timedelta(hours=10), "tomorrow at 00:00"),
        (NOW - timedelta(hours=15), "yesterday at 23:00"),
        (NOW + timedelta(days=2), "on Monday 23 November at 14:00"),
        (NOW + timedelta(days=60), "on Wednesday 20 January 2027 at 14:00"),
    ],
)
def test_a_moment_is_said_on_the_schools_own_clock(at: datetime, said: str) -> None:
    assert moment(at, NOW, PLAN) == said


def test_summer_time_is_the_schools() -> None:
    summer = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
    assert moment(summer, summer, PLAN) == "at 15:00"


def test_the_most_urgent_stands_first() -> None:
    pile = {
        "emergency": replace(HELD, emergency=True, state=State.DELIVERED),
        "unconfirmed": replace(HELD, unconfirmed=True, state=State.DELIVERED),
        "older": replace(HELD, at=NOW - MINUTES),
        "raised": HELD,
        "delivered": replace(HELD, state=State.DELIVERED),
        "emergency taken on": replace(TAKEN, emergency=True),
        "taken on": TAKEN,
        "possible": replace(HELD, state=State.POSSIBLE),
        "closed": CLOSED,
        "closed earlier": replace(CLOSED, closed_at=NOW - MINUTES),
    }
    shuffled = [*pile.items()][::-1]
    assert [name for name, _ in sorted(shuffled, key=lambda item: urgency(item[1]))] == list(pile)


def test_groups_that_hold_nothing_are_left_out_and_the_rest_is_summed_up() -> None:
    groups = groups_of((HELD, replace(HELD, emergency=True), CLOSED), PLAN, "fact-lead", NOW)
    assert [group.id for group in groups] == ["emergency", "alone", "closed"]
    assert summary(groups) == (2, "2 reports that nobody has taken on, 1 of them an emergency.")
    assert summary(()) == (0, "Nothing waits to be taken on.")
    assert summary(groups_of((HELD,), PLAN, "fact-lead", NOW)) == (1, "1 report that nobody has taken on.")


@pytest.mark.parametrize(
    ("held", "state", "who", "then"),
    [
        (replace(HELD, state=State.POSSIBLE), "has not said yes or no", "", "raised as unconfirmed at 14:10"),
        (HELD, "on its way", "Nobody has opened it or taken it on.", "A. Lead is being told now."),
        (
            replace(HELD, state=State.DELIVERED, stage=1, told="fact-lead", next_at=NOW + 5 * MINUTES),
            "the latest is for A. Lead",
            "Nobody has opened it",
            "If nobody takes it on, B. Deputy is told at 14:05.",
        ),
        (replace(HELD, failing=True, told="fact-lead"), "No alert has got through", "Nobody has", "told"),
        (replace(HELD, seen_by="fact-deputy"), "on its way", "B. Deputy has opened it.", "told"),
        (replace(HELD, seen_by="fact-lead"), "on its way", "You have opened it.", "told"),
        (replace(HELD, handed_to="fact-deputy"), "handed over to B. Deputy", "Nobody", "B. Deputy is being told now."),
        (TAKEN, "Taken on", "You took this on at 14:00.", "A. Lead is reminded on Monday 23 November"),
        (replace(TAKEN, acknowledged_by="gone"), "Taken on", "gone took this on", "gone is reminded"),
        (CLOSED, "Closed at 14:00.", "You took this on", "erased on Monday 21 December"),
        (replace(CLOSED, acknowledged_by=""), "only asking. Nobody was alerted", "", ""),
    ],
)
def test_a_line_says_where_it_stands_who_has_it_and_what_comes_next(
    held: Held, state: str, who: str, then: str
) -> None:
    line = line_of(held, PLAN, "fact-lead", NOW)
    assert state in line.state
    assert who in line.who
    assert bool(who) == bool(line.who)
    assert then in line.next


def test_an_emergency_tells_everyone_again() -> None:
    told = "fact-lead,fact-deputy,fact-head"
    held = replace(HELD, emergency=True, state=State.DELIVERED, stage=1, told=told, next_at=NOW + 2 * MINUTES)
    assert line_of(held, PLAN, "fact-lead", NOW).next == (
        "If nobody takes it on, everyone on this route is told again at 14:02."
    )
    assert "A. Lead, B. Deputy and C. Head" in line_of(held, PLAN, "fact-lead", NOW).state


def test_a_route_without_anybody_says_so() -> None:
    assert "Nobody is named who could be told" in line_of(HELD, Plan("fact", {}), "x", NOW).next


def test_roles_come_from_the_routes() -> None:
    assert [role_of(PLAN, contact) for contact in PLAN.contacts] == [
        "DSL", "deputy", "headteacher", "chair of governors",
    ]  # fmt: skip


def test_what_has_happened_names_people_and_folds_what_one_person_opened_again() -> None:
    rows = (
        ("p", "raised", "dsl"),
        ("chatbot", "told", "fact-lead,fact-deputy"),
        ("chatbot", "delivered", "inbox fact-lead"),
        ("fact-lead", "opened", ""),
        ("fact-lead", "acknowledged", ""),
        ("fact-lead", "opened", ""),
        ("fact-deputy", "opened", ""),
    )
    trail = tuple(Entry(number, NOW, actor, what, "R", detail) for number, (actor, what, detail) in enumerate(rows))
    assert [(event.who, event.what) for event in history_of(Opened(HELD, "", (), trail), PLAN, NOW)] == [
        ("The reporter", "raised (route: DSL)"),
        ("chatbot", "told (A. Lead, B. Deputy)"),
        ("chatbot", "delivered (inbox A. Lead)"),
        ("A. Lead", "opened"),
        ("A. Lead", "acknowledged"),
        ("B. Deputy", "opened"),
    ]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_is_plain_words_whatever_it_has_become_since(refusal: Refusal) -> None:
    for held in (HELD, TAKEN, CLOSED, replace(TAKEN, acknowledged_at=None), replace(CLOSED, closed_at=None)):
        words = refused(refusal, held, PLAN, "fact-deputy", NOW)
        assert words.endswith(".")
        assert "None" not in words
    assert refused(Refusal.TAKEN, TAKEN, PLAN, "fact-deputy", NOW) == "A. Lead took this on at 14:00."


def test_what_was_taken_back_within_a_day_stands_in_a_digest_of_its_own() -> None:
    back = replace(CLOSED, acknowledged_by="", closed_at=NOW - timedelta(hours=23))
    old = replace(back, closed_at=NOW - timedelta(hours=25))
    groups = groups_of((back, old), PLAN, "fact-lead", NOW)
    assert [(group.id, len(group.lines)) for group in groups] == [("digest", 1), ("closed", 1)]
