"""What a turn leaves behind at the desk, and what a conversation knows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapters.database.vault import Vault, new_key
from adapters.escalations.rows import WITHDRAWN
from chatbot.escalation import Acknowledge, Close, State
from chatbot.model import Memory, Outcome, Slot
from chatbot.reply import Route, Status
from chatbot.respond import reference_of
from tests.contracts.acts import HOUR, SECOND, WORD, acted, due, faults, works
from tests.contracts.around import at_once, outcome_of
from tests.contracts.world import DEPUTY, MINUTE, PLAN, World
from tests.talk import NOW


class TestRecording:
    """What a turn leaves behind."""

    def test_a_report_is_one_row_with_its_audit_line_and_its_first_alert(self, world: World) -> None:
        reference = world.report()
        row = world.row(reference)
        assert (row.state, row.route, row.school, row.reporter) == ("raised", "dsl", "fact", "reporter")
        assert (row.at, row.next_at, row.stage) == (NOW, NOW, 0)
        assert world.history(reference) == [("reporter", "raised")]
        assert [(job.work, job.args, job.due) for job in world.waiting()] == [("tell", (reference, 0), NOW)]

    def test_a_possible_report_waits_for_its_reporter_and_then_goes_out_all_the_same(self, world: World) -> None:
        reference = world.record(world.turn(), status=Status.POSSIBLE)
        assert world.row(reference).state == "possible"
        assert due(world, "confirm").due == NOW + PLAN.timings.confirm
        world.pass_time(PLAN.timings.confirm - SECOND)
        assert world.box.told == []
        world.pass_time(SECOND)
        held = world.held(reference)
        assert (held.state, held.unconfirmed) == (State.DELIVERED, True)
        assert world.history(reference)[:2] == [("reporter", "asked about"), ("chatbot", "raised unconfirmed")]
        assert world.box.told == ["lead"]

    def test_a_confirmed_report_goes_out_at_once_and_is_not_raised_a_second_time(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        assert world.record(turn, status=Status.RAISED) == reference
        world.pass_time(HOUR)
        held = world.held(reference)
        assert not held.unconfirmed
        assert [what for _, what in world.history(reference)].count("confirmed") == 1
        assert "raised unconfirmed" not in [what for _, what in world.history(reference)]

    def test_a_report_taken_back_is_closed_kept_and_never_alerted(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        world.pass_time(HOUR)
        held = world.held(reference)
        assert (held.state, held.outcome, held.closed_at, held.next_at) == (State.CLOSED, WITHDRAWN, NOW, None)
        assert world.opened(reference).words == turn.text
        assert world.box.tried == 0
        assert world.history(reference)[:2] == [("reporter", "asked about"), ("reporter", "withdrawn")]

    def test_no_only_asking_after_it_went_out_takes_nothing_back(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.pass_time(HOUR)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        assert world.held(reference).state is State.DELIVERED

    def test_yes_pressed_together_with_no_counts_whichever_comes_first(self, world: World) -> None:
        """Both buttons at once: each was decided before the other was recorded, and the yes was told it is recorded."""
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        world.record(turn, status=Status.RAISED)
        world.pass_time()
        assert world.held(reference).state is State.DELIVERED
        assert world.box.told == ["lead"]

    def test_the_same_yes_again_does_not_reopen_what_a_person_closed(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.RAISED)
        acted(world, reference, Acknowledge())
        acted(world, reference, Close(WITHDRAWN, "CPOMS 1"))
        world.record(turn, status=Status.RAISED)
        assert world.held(reference).state is State.CLOSED

    def test_the_same_turn_again_changes_nothing(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn)
        before, jobs = world.row(reference), world.waiting()
        assert world.record(turn) == reference
        assert (world.row(reference), world.waiting()) == (before, jobs)
        assert len(world.history(reference)) == 1

    def test_the_same_turn_in_eight_threads_at_once_is_one_row(self, world: World) -> None:
        turn = world.turn()
        came = at_once(lambda _: world.desk.record_now(turn, outcome_of(turn)), 8)
        assert came == [None] * 8
        assert len(world.rows()) == 1
        assert world.history(reference_of(turn.id)) == [("reporter", "raised")]
        assert works(world) == ["tell"]
        assert faults(world) == ()

    def test_eight_reports_at_once_are_eight(self, world: World) -> None:
        turns = [world.turn() for _ in range(8)]
        at_once(lambda number: world.desk.record_now(turns[number], outcome_of(turns[number])), 8)
        assert {row.turn for row in world.rows()} == {turn.id for turn in turns}
        assert faults(world) == ()

    def test_a_reference_that_another_report_has_is_refused_and_nothing_of_the_turn_is_kept(self, world: World) -> None:
        turn, other = world.turn("first"), world.turn("second")
        reference = world.record(turn)
        outcome = outcome_of(other)
        assert outcome.escalation is not None
        taken = replace(outcome, escalation=replace(outcome.escalation, reference=reference))
        with pytest.raises(ValueError, match=reference):
            world.desk.record_now(other, taken)
        assert len(world.rows()) == 1
        assert world.opened(reference).words == "first"
        with world.engine.connect() as connection:
            known = connection.execute(sa.text("SELECT count(*) FROM conversations")).scalar_one()
        assert known == 1

    def test_a_report_that_cannot_be_queued_is_not_recorded_either(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError(28, "disk full")

        monkeypatch.setattr(world.queue, "enqueue", refuse)
        with pytest.raises(OSError, match="disk full"):
            world.report()
        assert world.rows() == []
        assert faults(world) == ()

    def test_a_turn_without_a_concern_leaves_only_what_the_conversation_knows(self, world: World) -> None:
        turn = world.turn("can i post a photo")
        world.desk.record_now(turn, Outcome(outcome_of(turn).reply, Memory(intent="photo")))
        assert world.rows() == []
        assert works(world) == []

    @pytest.mark.parametrize("text", ["", "x" * 100_000, "\x00\ud800\u202e\U0001f600", "<b>{0}%s</b>"])
    def test_words_of_any_kind_and_length_are_kept_as_they_are(self, world: World, text: str) -> None:
        assert world.opened(world.report(text)).words == text

    def test_five_hundred_reports_by_one_person_are_all_kept(self, world: World) -> None:
        references = {world.report(f"report {number}", speaker="busy") for number in range(500)}
        assert len(references) == 500
        assert {row.reference for row in world.rows()} == references
        assert {job.args for job in world.waiting("tell")} == {(reference, 0) for reference in references}
        assert len(world.desk.pile_now("fact", "lead")) == 500
        assert faults(world) == ()

    def test_a_report_of_a_school_without_a_plan_is_kept_and_says_that_it_reaches_nobody(self, world: World) -> None:
        reference = world.record(world.turn(school="unheard-of"))
        world.pass_time(HOUR)
        assert world.row(reference).failing
        assert world.row(reference).next_at > world.clock.now()
        assert world.desk.unreachable("unheard-of") == frozenset(Route)
        assert world.desk.unreachable("fact") == frozenset()


class TestMemory:
    """What a conversation knows."""

    def test_a_new_conversation_knows_nothing(self, world: World) -> None:
        assert asyncio.run(world.desk.memory("new")) == Memory()

    async def test_what_was_recorded_comes_back(self, world: World) -> None:
        turn = world.turn()
        memory = Memory("friend-request", (Slot("relation", "pupil", WORD),), "age", None, 1)
        await world.desk.record(turn, Outcome(outcome_of(turn).reply, memory))
        again = await world.desk.memory(turn.conversation)
        assert again == replace(memory, slots=(Slot("relation", "pupil"),))
        assert await world.desk.memory("another") == Memory()

    async def test_a_report_that_waits_for_its_reporter_comes_back_whole(self, world: World) -> None:
        turn = world.turn("she seems odd")
        outcome = outcome_of(turn, Route.HEADTEACHER, Status.POSSIBLE, emergency=True)
        await world.desk.record(turn, outcome)
        assert await world.desk.memory(turn.conversation) == outcome.memory

    @pytest.mark.parametrize("answer", ["yes", "no", "none"])
    async def test_once_it_is_answered_or_has_gone_out_nothing_waits_any_more(self, world: World, answer: str) -> None:
        turn = world.turn()
        await world.desk.record(turn, outcome_of(turn, status=Status.POSSIBLE))
        if answer == "none":
            world.pass_time(HOUR)
        else:
            status = Status.RAISED if answer == "yes" else Status.POSSIBLE
            asked = outcome_of(turn, status=status, withdrawn=answer == "no")
            still = outcome_of(turn, status=Status.POSSIBLE).memory
            await world.desk.record(turn, replace(asked, memory=still))
        assert (await world.desk.memory(turn.conversation)).pending is None

    async def test_without_the_key_a_waiting_report_can_still_be_answered(self, world: World) -> None:
        turn = world.turn("she seems odd")
        await world.desk.record(turn, outcome_of(turn, status=Status.POSSIBLE))
        keyless = replace(world.desk, vault=Vault([new_key()]))
        pending = (await keyless.memory(turn.conversation)).pending
        assert pending is not None
        assert (pending.reference, pending.turn.id, pending.turn.text) == (reference_of(turn.id), turn.id, "")
        confirmed = replace(pending, concern=replace(pending.concern, status=Status.RAISED))
        await keyless.record(turn, Outcome(outcome_of(turn).reply, Memory(), confirmed))
        assert world.opened(pending.reference).words == "she seems odd"

    async def test_the_reporter_sees_what_became_of_their_reports_newest_first(self, world: World) -> None:
        first = world.record(world.turn(conversation="mine"))
        world.clock.move(MINUTE)
        second = world.record(world.turn(conversation="mine"))
        world.record(world.turn(conversation="another"))
        acted(world, first, Acknowledge(), DEPUTY)
        standing = await world.desk.standing("mine")
        assert [held.reference for held in standing] == [second, first]
        assert [held.acknowledged_by for held in standing] == ["", "deputy"]
        assert await world.desk.standing("nobody's") == ()
