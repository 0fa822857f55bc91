"""Who may do what with an escalation, decided at every call."""

from __future__ import annotations

from functools import partial

import pytest

from chatbot.escalation import Acknowledge, Acted, Action, Close, HandOver, Note, Refusal, Reopen, State
from chatbot.plan import Plan
from chatbot.reply import Route, Status
from tests.contracts.acts import DONE, MakeWorld, acted, faults, press
from tests.contracts.around import at_once
from tests.contracts.world import DEPUTY, EVERYONE, HEAD, LEAD, MINUTE, World
from tests.talk import NOW


class TestActing:
    """Who may do what, decided at every call."""

    def test_two_who_take_it_on_at_the_same_moment_are_one_and_the_other_is_told(self, world: World) -> None:
        people = (LEAD, DEPUTY, HEAD)
        for _ in range(8):
            reference = world.report()
            came = at_once(partial(press, world, reference, people), 3)
            winners = [person for person, one in zip(people, came, strict=True) if isinstance(one, Acted)]
            assert len(winners) == 1
            assert came.count(Refusal.TAKEN) == 2
            assert world.held(reference).acknowledged_by == winners[0].id
            assert [what for _, what in world.history(reference)].count("acknowledged") == 1
        assert faults(world) == ()

    def test_the_same_person_twice_at_once_is_a_success_both_times(self, world: World) -> None:
        reference = world.report()
        came = at_once(lambda _: world.desk.act_now(reference, Acknowledge(), "lead"), 4)
        assert sorted(one.changed for one in came if isinstance(one, Acted)) == [False, False, False, True]
        assert [job.work for job in world.waiting()] == ["show", "tell", "remind"]

    def test_opening_is_recorded_each_time_and_says_who(self, world: World) -> None:
        reference = world.report()
        opened = world.opened(reference, DEPUTY)
        assert opened.held.seen_by == "deputy"
        assert opened.words == "a girl has bruises on her arm"
        assert [(entry.actor, entry.what) for entry in opened.trail] == [("reporter", "raised"), ("deputy", "opened")]
        world.opened(reference, DEPUTY)
        assert world.opened(reference, LEAD).held.seen_by == "lead"
        assert [actor for actor, what in world.history(reference) if what == "opened"] == ["deputy", "deputy", "lead"]

    def test_looking_at_the_pile_or_at_a_strangers_report_records_nothing(self, world: World) -> None:
        reference = world.report()
        world.desk.pile_now("fact", "lead")
        world.desk.open_now(reference, "stranger")
        assert world.history(reference) == [("reporter", "raised")]

    @pytest.mark.parametrize("action", [Acknowledge(), Note("x"), HandOver("chair"), DONE, Reopen()])
    def test_unknown_foreign_and_accused_are_told_the_same(self, world: World, action: Action) -> None:
        about_head = world.report("carl small hit a boy", Route.HEADTEACHER)
        cases = [
            ("R-NONE22", "head"),
            ("", "head"),
            ("'; DROP TABLE escalations;--", "head"),
            (about_head, "head"),
            (about_head, "lead"),
            (about_head, "stranger"),
            (about_head, "reporter"),
            (about_head, ""),
            (world.report(), "chair"),
            (world.record(world.turn(school="unheard-of")), "lead"),
            (world.record(world.turn(school="other")), "lead"),
        ]
        before = world.rows()
        assert {world.desk.act_now(reference, action, who) for reference, who in cases} == {Refusal.UNKNOWN}
        assert {world.desk.open_now(reference, who) for reference, who in cases} == {Refusal.UNKNOWN}
        assert world.rows() == before

    def test_a_person_of_two_schools_sees_each_in_its_own_pile(self, make_world: MakeWorld) -> None:
        plans = {school: Plan(school, {Route.DSL: (LEAD,)}) for school in ("fact", "other")}
        world = make_world(plans)
        mine, other = world.report(), world.record(world.turn(school="other"))
        assert [held.reference for held in world.desk.pile_now("fact", "lead")] == [mine]
        assert [held.reference for held in world.desk.pile_now("other", "lead")] == [other]
        assert world.desk.pile_now("third", "lead") == ()

    def test_whom_it_is_about_has_it_in_no_pile_and_their_superior_has(self, world: World) -> None:
        reference = world.report("carl small hit a boy", Route.HEADTEACHER)
        piles = {one.id: [h.reference for h in world.desk.pile_now("fact", one.id)] for one in EVERYONE}
        assert piles == {"lead": [], "deputy": [], "head": [], "chair": [reference]}

    async def test_the_pile_is_most_urgent_first(self, world: World) -> None:
        names = {}
        for name in ("closed", "older closed", "possible", "taken", "old", "new", "emergency", "emergency taken"):
            status = Status.POSSIBLE if name == "possible" else Status.RAISED
            turn = world.turn(name)
            names[world.record(turn, status=status, emergency="emergency" in name)] = name
            world.clock.move(MINUTE)
        for reference, name in reversed(names.items()):
            world.clock.move(MINUTE)
            if name in ("closed", "older closed", "taken", "emergency taken"):
                await world.desk.act(reference, Acknowledge(), "lead")
            if "closed" in name:
                await world.desk.act(reference, DONE, "lead")
        pile = [names[held.reference] for held in await world.desk.pile("fact", "lead")]
        assert pile == [
            "emergency", "old", "new", "emergency taken", "taken", "possible", "closed", "older closed"
        ]  # fmt: skip

    def test_it_ends_with_an_outcome_and_where_the_record_lives(self, world: World) -> None:
        reference = world.report()
        assert world.desk.act_now(reference, DONE, "lead") is Refusal.NOT_ACKNOWLEDGED
        acted(world, reference, Acknowledge())
        assert world.desk.act_now(reference, Close("Done", " "), "lead") is Refusal.NO_OUTCOME
        assert acted(world, reference, DONE).held.state is State.CLOSED
        row = world.row(reference)
        assert world.desk.vault.unseal(row.record) == "CPOMS 4711"
        assert world.desk.vault.unseal(row.outcome) == "Referred to social care"
        assert world.history(reference)[-2:] == [("lead", "acknowledged"), ("lead", "closed")]
        assert world.desk.act_now(reference, Acknowledge(), "deputy") is Refusal.CLOSED

    def test_notes_come_back_in_order_with_who_wrote_them(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Note("rang mum"), LEAD)
        world.clock.move(MINUTE)
        acted(world, reference, Note("<b>no answer</b>"), DEPUTY)
        notes = world.opened(reference).remarks
        assert [(note.by, note.text, note.at) for note in notes] == [
            ("lead", "rang mum", NOW),
            ("deputy", "<b>no answer</b>", NOW + MINUTE),
        ]

    @pytest.mark.parametrize("forged", ["wrong", Acknowledge, None, Note(1)])  # type: ignore[arg-type]  # forged
    def test_what_is_no_action_changes_nothing(self, world: World, forged: Action) -> None:
        reference = world.report()
        before = world.row(reference)
        with pytest.raises(Exception, match=r".*"):
            world.desk.act_now(reference, forged, "lead")
        assert world.row(reference) == before
