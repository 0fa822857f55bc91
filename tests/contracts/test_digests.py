"""The daily digest of what was taken back: once a school day, only where there is something new, and never words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.escalations.digests import PAUSES
from adapters.escalations.outgoing import LEASE
from chatbot.escalation import Reopen, State
from chatbot.plan import Hours, Plan
from chatbot.reply import Route, Status
from tests.contracts.acts import DAY, HOUR, SECOND, WORD, MakeWorld, acted, faults
from tests.contracts.around import Letterbox, at_once, failed
from tests.contracts.world import HEAD, LEAD, MINUTE, PEOPLE, PLAN, World
from tests.talk import NOW

MONDAY = datetime(2026, 10, 5, 17, tzinfo=ZoneInfo("Europe/London"))
"""When the school of the tests closes on their day."""


def taken_back(world: World, text: str = "she seems odd", route: Route = Route.DSL, **of_turn: str) -> str:
    """A possible report whose reporter says that they were only asking; its reference."""
    turn = world.turn(text, **of_turn)
    reference = world.record(turn, route, Status.POSSIBLE)
    world.record(turn, route, Status.POSSIBLE, withdrawn=True)
    return reference


def digested(world: World, at: datetime) -> list[list[str]]:
    """The watch looks at that moment, what is due is done; the references of each digest that came so far."""
    world.clock.at = at
    world.watch.digest()
    world.pass_time()
    return [[held.reference for held in digest.held] for digest in world.box.digests]


class TestWhen:
    """Once a school day, at the end of its hours."""

    def test_it_comes_when_the_school_closes_to_each_person_of_the_dsls_route(self, world: World) -> None:
        references = [taken_back(world), taken_back(world)]
        assert digested(world, MONDAY - SECOND) == []
        assert digested(world, MONDAY) == [references, references]
        assert sorted(digest.contact.id for digest in world.box.digests) == ["deputy", "lead"]
        assert {digest.school for digest in world.box.digests} == {"fact"}
        assert world.box.told == []

    def test_it_comes_once_however_often_is_looked(self, world: World) -> None:
        taken_back(world)
        digested(world, MONDAY)
        for hours in range(14):
            digested(world, MONDAY + hours * HOUR)
        assert len(world.box.digests) == 2

    def test_looked_for_by_eight_at_once_it_is_one_to_each(self, either: MakeWorld) -> None:
        world = either()
        taken_back(world)
        world.clock.at = MONDAY
        came = at_once(lambda _: world.watch.digest(), 8)
        assert all(isinstance(one, int) for one in came), came
        world.pass_time()
        assert sorted(digest.contact.id for digest in world.box.digests) == ["deputy", "lead"]

    def test_without_anything_taken_back_there_is_none(self, world: World) -> None:
        world.report()
        world.record(world.turn(), status=Status.POSSIBLE)
        assert digested(world, MONDAY) == []
        assert world.messages() == []

    def test_without_anything_new_there_is_none_the_next_day(self, world: World) -> None:
        taken_back(world)
        digested(world, MONDAY)
        assert len(digested(world, MONDAY + DAY)) == 2

    def test_what_comes_after_closing_is_in_the_next_days(self, world: World) -> None:
        first = taken_back(world)
        world.clock.at = MONDAY + SECOND
        second = taken_back(world)
        assert digested(world, MONDAY + HOUR) == [[first]] * 2
        assert digested(world, MONDAY + DAY) == [[first]] * 2 + [[second]] * 2

    def test_over_a_weekend_and_closure_days_it_waits_for_the_next_school_day(self, make_world: MakeWorld) -> None:
        hours = Hours(closures=frozenset({date(2026, 10, 12)}))
        world = make_world({"fact": replace(PLAN, hours=hours)})
        friday = MONDAY + 4 * DAY
        world.clock.at = friday + HOUR
        reference = taken_back(world)
        for days in (1, 2, 3):
            assert digested(world, friday + days * DAY + HOUR) == []
        assert digested(world, friday + 4 * DAY) == [[reference]] * 2

    def test_a_process_that_was_away_in_the_evening_makes_up_for_it(self, world: World) -> None:
        reference = taken_back(world)
        assert digested(world, MONDAY + 15 * HOUR) == [[reference]] * 2
        assert len(digested(world, MONDAY + 23 * HOUR)) == 2

    def test_the_day_ends_on_the_schools_own_clocks(self, make_world: MakeWorld) -> None:
        plan = replace(PLAN, hours=Hours(zone="Asia/Hong_Kong"))
        world = make_world({"fact": plan})
        world.clock.at = NOW - HOUR
        reference = taken_back(world)
        assert digested(world, NOW - SECOND) == []
        assert digested(world, NOW) == [[reference]] * 2

    def test_a_school_that_is_never_open_has_none(self, make_world: MakeWorld) -> None:
        world = make_world({"fact": replace(PLAN, hours=Hours(days=frozenset()))})
        taken_back(world)
        assert digested(world, MONDAY + DAY) == []

    def test_each_school_has_its_own(self, make_world: MakeWorld) -> None:
        plans = {school: Plan(school, {Route.DSL: (LEAD,)}) for school in ("fact", "other")}
        world = make_world(plans)
        taken_back(world)
        taken_back(world, school="other")
        digested(world, MONDAY)
        assert [(digest.school, len(digest.held)) for digest in world.box.digests] == [("fact", 1), ("other", 1)]


class TestWhat:
    """What it holds, and who gets it."""

    def test_only_people_with_an_address_get_it(self, make_world: MakeWorld) -> None:
        box = Letterbox("email", unreached=frozenset({"deputy"}))
        world = make_world({"fact": PLAN}, box)
        world.box = box
        taken_back(world)
        digested(world, MONDAY)
        assert [digest.contact for digest in box.digests] == [LEAD]

    def test_nobody_learns_of_what_they_may_not_see(self, make_world: MakeWorld) -> None:
        world = make_world({"fact": replace(PLAN, people=PEOPLE | {Route.DSL: (LEAD, HEAD)})})
        taken_back(world, "someone on staff shouted", Route.HEADTEACHER)
        hidden = taken_back(world, "carl small shouted", Route.HEADTEACHER)
        shown = taken_back(world)
        digested(world, MONDAY)
        held = {digest.contact.id: [one.reference for one in digest.held] for digest in world.box.digests}
        assert held["lead"] == [shown]
        assert hidden not in held["head"]
        assert len(held["head"]) == 2

    def test_what_a_person_may_not_see_alone_makes_no_digest(self, world: World) -> None:
        taken_back(world, "carl small shouted", Route.HEADTEACHER)
        assert digested(world, MONDAY) == []

    def test_what_was_taken_up_again_before_it_is_sent_is_not_in_it(self, world: World) -> None:
        references = [taken_back(world), taken_back(world)]
        world.clock.at = MONDAY
        world.watch.digest()
        acted(world, references[0], Reopen())
        for job in world.waiting("digest"):
            world.carry_out(job)
        assert [[held.reference for held in digest.held] for digest in world.box.digests] == [references[1:]] * 2

    def test_where_all_was_taken_up_again_nothing_is_sent(self, world: World) -> None:
        reference = taken_back(world)
        world.clock.at = MONDAY
        world.watch.digest()
        acted(world, reference, Reopen())
        for job in world.waiting("digest"):
            world.carry_out(job)
        assert world.box.digests == []
        assert {one.state for one in world.messages()} == {"dropped"}

    def test_it_holds_no_word_and_the_trail_says_who_got_it(self, world: World) -> None:
        reference = taken_back(world, f"{WORD} seems odd")
        digested(world, MONDAY)
        assert WORD not in repr(world.box.digests)
        assert WORD not in repr(world.messages())
        entries = [entry.detail for entry in world.opened(reference).trail if entry.what == "told in the digest"]
        assert sorted(entries) == ["inbox deputy", "inbox lead"]
        assert world.held(reference).state is State.CLOSED
        assert faults(world) == ()

    def test_a_means_that_shows_it_anyway_sends_nothing_and_the_trail_does_not_say_so(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reference = taken_back(world)
        monkeypatch.setattr(world.box, "digest", lambda _: "")
        digested(world, MONDAY)
        assert "told in the digest" not in [what for _, what in world.history(reference)]
        assert {one.state for one in world.messages()} == {"sent"}

    def test_what_was_erased_is_not_told_any_more(self, make_world: MakeWorld) -> None:
        world = make_world({"fact": replace(PLAN, timings=replace(PLAN.timings, keep_words=HOUR))})
        taken_back(world)
        world.clock.move(2 * HOUR)
        assert world.watch.erase() == 1
        assert digested(world, MONDAY) == []


class TestFailing:
    """Tried again, made up for, never lost."""

    def test_it_is_tried_again_under_the_same_key(self, world: World) -> None:
        taken_back(world)
        world.box.faults = [failed(), failed()]
        digested(world, MONDAY)
        assert world.box.digests == []
        keys = {job.args for job in world.waiting("digest")}
        world.pass_time(timedelta(seconds=PAUSES[0]))
        assert {(digest.key,) for digest in world.box.digests} == keys
        assert len(world.box.digests) == 2

    def test_an_outage_of_hours_is_no_storm(self, world: World) -> None:
        taken_back(world)
        world.box.down = lambda _: failed()
        digested(world, MONDAY)
        world.pass_time(10 * HOUR)
        assert world.box.tried <= 2 * 14

    @pytest.mark.parametrize("for_good", [False, True])
    def test_what_never_got_through_is_in_the_next_days_digest(self, world: World, for_good: bool) -> None:
        first = taken_back(world)
        world.box.down = lambda _: failed("gone", for_good=for_good)
        digested(world, MONDAY)
        world.clock.at = MONDAY + HOUR
        second = taken_back(world)
        world.box.down = lambda _: None
        world.lose_queue()
        assert digested(world, MONDAY + DAY) == [[first, second]] * 2
        world.pass_time(2 * DAY)
        assert len(world.box.digests) == 2

    def test_a_fault_of_the_notifier_is_a_failed_delivery(self, world: World) -> None:
        reference = taken_back(world)
        world.box.faults = [RuntimeError("odd")]
        digested(world, MONDAY)
        world.pass_time(HOUR)
        assert [[held.reference for held in digest.held] for digest in world.box.digests] == [[reference]] * 2

    def test_its_work_was_lost(self, either: MakeWorld) -> None:
        world = either()
        reference = taken_back(world)
        world.clock.at = MONDAY
        world.watch.digest()
        world.lose_queue()
        world.clock.move(2 * MINUTE)
        world.watch.rescue()
        world.watch.rescue()
        world.pass_time()
        assert [[held.reference for held in digest.held] for digest in world.box.digests] == [[reference]] * 2
        world.watch.rescue()
        assert world.waiting("digest") == []

    def test_what_a_dead_process_was_sending_is_sent_again_when_its_lease_is_over(self, world: World) -> None:
        taken_back(world)
        world.clock.at = MONDAY
        world.watch.digest()
        key = world.messages()[0].key

        def die() -> None:
            raise KeyboardInterrupt

        world.box.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            world.stages.digests.send(key)
        world.stages.digests.send(key)
        assert world.box.digests == []
        world.pass_time(LEASE + 2 * SECOND)
        assert len(world.box.digests) == 2

    def test_sent_twice_or_where_there_is_none_it_is_sent_once(self, world: World) -> None:
        taken_back(world)
        digested(world, MONDAY)
        for one in world.messages():
            world.stages.digests.send(one.key)
        world.stages.digests.send("digest:fact:2026-10-05:email:nobody")
        assert len(world.box.digests) == 2

    def test_one_that_has_left_the_plan_gets_none(self, world: World) -> None:
        taken_back(world)
        world.clock.at = MONDAY
        world.watch.digest()
        world.desk = replace(world.desk, plans={"fact": replace(PLAN, people=PEOPLE | {Route.DSL: (LEAD,)})})
        world.stages = replace(world.stages, desk=world.desk)
        world.pass_time()
        assert [digest.contact for digest in world.box.digests] == [LEAD]
