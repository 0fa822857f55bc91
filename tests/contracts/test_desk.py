"""The desk and the stages over a database: nothing is lost, done twice, or shown to whom it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from adapters.database import audit
from adapters.database.tables import escalations, remarks
from adapters.database.vault import Vault, new_key
from adapters.escalations.rows import WITHDRAWN
from adapters.escalations.stages import LEASE, PAUSES
from adapters.escalations.watch import health
from chatbot.escalation import Acknowledge, Acted, Action, Close, HandOver, Note, Refusal, Reopen, State
from chatbot.model import Memory, Outcome, Slot
from chatbot.plan import Contact, Plan, Timings
from chatbot.ports import Alert
from chatbot.reply import Route, Status
from chatbot.respond import reference_of
from tests.contracts.conftest import (
    CHAIR,
    DEPUTY,
    EVERYONE,
    HEAD,
    LEAD,
    MINUTE,
    PEOPLE,
    PLAN,
    STRANGER,
    Job,
    Letterbox,
    World,
    at_once,
    failed,
    jobs,
    outcome_of,
)
from tests.talk import NOW

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MakeWorld = Callable[..., World]
DONE = Close("Referred to social care", "CPOMS 4711")
WORD = "zebrafinch"
"""A word that must stand in no file."""


def works(world: World) -> list[str]:
    return [job.work for job in world.waiting()]


def due(world: World, work: str) -> Job:
    """The one piece of such work that waits."""
    (job,) = world.waiting(work)
    return job


def faults(world: World) -> tuple[str, ...]:
    with world.engine.connect() as connection:
        return audit.verify(connection).faults


def acted(world: World, reference: str, action: Action, contact: Contact = LEAD) -> Acted:
    after = world.desk.act_now(reference, action, contact.id)
    assert isinstance(after, Acted)
    return after


def press(world: World, reference: str, people: Sequence[Contact], number: int) -> Acted | Refusal:
    """One of `people` takes it on."""
    return world.desk.act_now(reference, Acknowledge(), people[number].id)


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
            world.clock.move(-MINUTE if name == "closed" else MINUTE)
        for reference, name in names.items():
            if name in ("closed", "older closed", "taken", "emergency taken"):
                await world.desk.act(reference, Acknowledge(), "lead")
            if "closed" in name:
                await world.desk.act(reference, DONE, "lead")
        pile = [names[held.reference] for held in await world.desk.pile("fact", "lead")]
        assert pile[:2] == ["emergency", "emergency taken"]
        assert pile[2:4] == ["old", "new"]
        assert set(pile[4:6]) == {"possible", "taken"}
        assert pile[6:] == ["closed", "older closed"]

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


class TestWords:
    """Encrypted at rest, erased in time, and what is left without the key."""

    def full(self, world: World) -> str:
        """A closed escalation with the secret in every place where people write."""
        turn = world.turn(f"she said {WORD}")
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.RAISED)
        world.pass_time()
        world.opened(reference)
        acted(world, reference, Acknowledge())
        acted(world, reference, Note(f"rang about {WORD}"))
        acted(world, reference, Close(f"It was {WORD}", f"CPOMS {WORD}"))
        world.pass_time()
        return reference

    def test_no_word_of_it_stands_in_the_files(self, world: World) -> None:
        reference = self.full(world)
        found = world.bytes_on_disk()
        assert reference.encode() in found
        assert WORD.encode() not in found
        assert WORD.encode("utf-16-le") not in found

    def test_without_the_key_all_but_the_words_is_there_and_can_be_worked_with(self, world: World) -> None:
        reference = self.full(world)
        keyless = replace(world.desk, vault=Vault([new_key()]))
        opened = keyless.open_now(reference, "deputy")
        assert not isinstance(opened, Refusal)
        assert (opened.words, opened.unreadable) == (None, True)
        assert (opened.held.state, opened.held.acknowledged_by) == (State.CLOSED, "lead")
        assert [note.by for note in opened.remarks] == ["lead"]
        assert "closed" in [entry.what for entry in opened.trail]
        assert isinstance(keyless.act_now(reference, Note("key lost"), "deputy"), Acted)

    def test_what_was_done_without_the_key_destroys_nothing_that_the_key_opens(self, world: World) -> None:
        reference = self.full(world)
        keyless = replace(world.desk, vault=Vault([new_key()]))
        keyless.open_now(reference, "deputy")
        keyless.act_now(reference, Note("key lost"), "deputy")
        opened = world.opened(reference)
        assert opened.held.outcome == f"It was {WORD}"
        assert opened.words == f"she said {WORD}"
        assert not opened.unreadable
        assert [note.text for note in opened.remarks] == [f"rang about {WORD}", ""]

    def test_a_new_key_in_front_leaves_the_old_words_readable(self, world: World) -> None:
        reference = self.full(world)
        rotated = replace(world.desk, vault=Vault([new_key(), world.key]))
        opened = rotated.open_now(reference, "lead")
        assert not isinstance(opened, Refusal)
        assert opened.words == f"she said {WORD}"

    def test_a_report_changed_in_the_file_is_unreadable_and_not_somebody_elses(self, world: World) -> None:
        reference = world.report()
        sealed = world.row(reference).words
        with world.engine.begin() as connection:
            connection.execute(escalations.update().values(words=sealed[:-4] + b"AAA="))
        assert world.opened(reference).unreadable

    def test_the_words_are_erased_when_they_were_kept_long_enough_and_the_trail_stays(self, world: World) -> None:
        reference = self.full(world)
        sealed = world.row(reference).words
        world.clock.move(PLAN.timings.keep_words - SECOND)
        assert world.watch.erase() == 0
        world.clock.move(SECOND)
        assert world.watch.erase() == 1
        row = world.row(reference)
        assert (row.words, row.outcome) == (None, None)
        assert row.record is not None
        assert row.erased_at == world.clock.now()
        opened = world.opened(reference)
        assert (opened.words, opened.unreadable) == (None, False)
        assert [note.text for note in opened.remarks] == [""]
        assert [entry.what for entry in opened.trail][-2:] == ["words erased", "opened"]
        assert sealed not in world.bytes_on_disk()
        assert world.watch.erase() == 0
        assert faults(world) == ()

    def test_a_withdrawn_report_is_erased_too(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        world.clock.move(PLAN.timings.keep_words)
        assert world.watch.erase() == 1
        assert world.row(reference).words is None

    def test_what_nobody_has_closed_is_never_erased(self, world: World) -> None:
        taken, open_ = world.report(), world.report()
        acted(world, taken, Acknowledge())
        possible = world.record(world.turn(), status=Status.POSSIBLE)
        world.clock.move(1000 * DAY)
        assert world.watch.erase() == 0
        assert all(world.row(reference).words for reference in (taken, open_, possible))

    def test_reopened_in_time_it_keeps_its_words_until_it_is_closed_for_long_enough_again(self, world: World) -> None:
        reference = self.full(world)
        world.clock.move(29 * DAY)
        acted(world, reference, Reopen())
        world.clock.move(2 * DAY)
        assert world.watch.erase() == 0
        acted(world, reference, Acknowledge())
        acted(world, reference, DONE)
        assert world.watch.erase() == 0
        world.clock.move(30 * DAY)
        assert world.watch.erase() == 1

    def test_what_is_written_after_the_words_were_erased_is_erased_in_its_turn(self, world: World) -> None:
        reference = self.full(world)
        world.clock.move(30 * DAY)
        world.watch.erase()
        acted(world, reference, Note(f"found {WORD}"))
        assert world.opened(reference).remarks[-1].text == f"found {WORD}"
        world.clock.move(30 * DAY)
        assert world.watch.erase() == 1
        acted(world, reference, Reopen())
        acted(world, reference, Acknowledge())
        acted(world, reference, Close(f"Again {WORD}", f"CPOMS {WORD}"))
        world.clock.move(30 * DAY)
        assert world.watch.erase() == 1
        row = world.row(reference)
        assert (row.words, row.outcome) == (None, None)
        assert row.record is not None
        with world.engine.connect() as connection:
            assert connection.execute(sa.select(remarks.c.words).where(remarks.c.words.is_not(None))).all() == []
        assert world.watch.erase() == 0

    def test_how_long_is_the_schools_own_choice(self, make_world: MakeWorld) -> None:
        world = make_world({"fact": replace(PLAN, timings=Timings(keep_words=DAY))})
        self.full(world)
        world.clock.move(DAY)
        assert world.watch.erase() == 1


class TestTelling:
    """Alerts: armed before they are sent, sent once, and tried again."""

    def test_the_next_alert_is_armed_before_this_one_is_sent(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        assert world.box.tried == 0
        assert due(world, "tell").args == (reference, 1)
        assert due(world, "tell").due == NOW + LEAD.wait
        assert due(world, "send").due == NOW
        row = world.row(reference)
        assert (row.state, row.stage, row.told, row.next_at) == ("raised", 1, "lead", NOW + LEAD.wait)

    def test_told_twice_is_one_alert(self, world: World) -> None:
        reference = world.report()
        for _ in range(3):
            world.stages.tell(reference, 0)
        assert world.row(reference).stage == 1
        assert len(world.deliveries()) == 1
        assert [what for _, what in world.history(reference)].count("told") == 1

    def test_told_by_eight_at_once_is_one_alert(self, world: World) -> None:
        reference = world.report()
        assert at_once(lambda _: world.stages.tell(reference, 0), 8) == [None] * 8
        assert len(world.deliveries()) == 1

    def test_a_stage_that_never_was_or_is_long_past_does_nothing(self, world: World) -> None:
        reference = world.report()
        world.pass_time(HOUR)
        before = world.row(reference)
        for stage in (-1, 0, 1, 99):
            world.stages.tell(reference, stage)
        world.stages.tell("R-NONE22", 0)
        world.stages.send("R-NONE22:0:inbox:lead")
        world.stages.show("R-NONE22")
        world.stages.remind("R-NONE22")
        world.stages.nudge("R-NONE22:r0:inbox:lead")
        world.desk.unconfirmed("R-NONE22")
        assert world.row(reference) == before

    def test_down_the_chain_until_somebody_takes_it_on(self, world: World) -> None:
        reference = world.report()
        world.pass_time(31 * MINUTE)
        assert world.box.told == ["lead", "deputy", "head", "lead"]
        acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.box.told == ["lead", "deputy", "head", "lead"]
        assert world.held(reference).acknowledged_by == "head"

    def test_an_alert_that_got_through_is_delivered_and_says_so(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        held = world.held(reference)
        assert (held.state, held.failing, held.told) == (State.DELIVERED, False, "lead")
        assert world.history(reference) == [("reporter", "raised"), ("chatbot", "told"), ("chatbot", "delivered")]
        alert = world.box.delivered[0]
        assert (alert.contact, alert.held.reference, alert.channel) == (LEAD, reference, "")

    def test_sent_twice_is_sent_once(self, world: World) -> None:
        world.report()
        world.pass_time()
        key = world.deliveries()[0].key
        for _ in range(3):
            world.stages.send(key)
        assert world.box.told == ["lead"]

    def test_two_who_send_the_same_at_once_send_it_once(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key
        world.box.meanwhile = lambda: world.stages.send(key)
        world.stages.send(key)
        assert world.box.told == ["lead"]
        world.pass_time(2 * MINUTE)
        assert world.box.told == ["lead"]

    def test_what_a_dead_process_was_sending_is_sent_again_when_its_lease_is_over(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key

        def die() -> None:
            raise KeyboardInterrupt

        world.box.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            world.stages.send(key)
        world.stages.send(key)
        assert world.box.told == []
        world.pass_time(LEASE + 2 * SECOND)
        assert world.box.told == ["lead"]
        assert world.deliveries()[0].state == "sent"

    def test_an_attempt_that_fails_after_another_got_through_is_not_made_again(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key

        def overtake() -> None:
            world.clock.move(LEASE + SECOND)
            world.stages.send(key)
            world.box.faults = [failed()]

        world.box.meanwhile = overtake
        world.stages.send(key)
        world.pass_time(2 * MINUTE)
        assert world.box.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED

    def test_taken_on_before_it_was_sent_it_is_not_sent_any_more(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.box.tried == 0
        assert world.deliveries()[0].state == "dropped"

    def test_taken_on_while_it_is_being_sent_it_stays_taken_on(self, world: World) -> None:
        reference = world.report()
        world.box.meanwhile = lambda: acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.held(reference).acknowledged_by == "head"
        assert world.held(reference).state is State.ACKNOWLEDGED

    def test_a_failed_delivery_is_tried_again_after_growing_pauses(self, world: World) -> None:
        reference = world.report()
        world.box.faults = [failed()]
        world.pass_time()
        assert world.held(reference).state is State.RAISED
        assert due(world, "send").due == NOW + PAUSES[0] * SECOND
        world.pass_time(PAUSES[0] * SECOND)
        assert world.box.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED
        assert ("chatbot", "not delivered") in world.history(reference)

    def test_as_long_as_the_other_side_asks_for_is_waited(self, world: World) -> None:
        world.report()
        world.box.faults = [failed("429", retry_after=90)]
        world.pass_time()
        assert due(world, "send").due == NOW + 90 * SECOND

    def test_a_fault_of_the_notifier_is_a_failed_delivery(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        reference = world.report(f"she said {WORD}")
        world.box.faults = [RuntimeError("odd")]
        world.pass_time(MINUTE)
        assert world.box.told[0] == "lead"
        assert world.held(reference).state is State.DELIVERED
        assert WORD not in caplog.text

    def test_while_one_person_cannot_be_reached_the_next_is_told_without_waiting(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda alert: failed() if alert.contact == LEAD else None
        world.pass_time(PAUSES[0] * SECOND)
        assert world.box.told == ["deputy"]
        held = world.held(reference)
        assert (held.state, held.failing) == (State.DELIVERED, False)

    def test_a_delivery_that_failed_for_good_is_not_repeated_and_the_next_person_is_told_at_once(
        self, world: World
    ) -> None:
        reference = world.report()
        world.box.down = lambda alert: failed("gone", for_good=True) if alert.contact == LEAD else None
        world.pass_time()
        assert world.box.told == ["deputy"]
        came = {(one.contact, one.state, one.attempts) for one in world.deliveries()}
        assert came == {("lead", "failed", 1), ("deputy", "sent", 1)}
        assert world.held(reference).failing is False

    def test_where_nobody_can_be_reached_it_says_so_at_once_and_goes_on_trying(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda _: failed("gone", for_good=True)
        world.pass_time()
        held = world.held(reference)
        assert (held.failing, held.state) == (True, State.RAISED)
        assert {one.contact for one in world.deliveries()} == {"lead", "deputy", "head"}
        assert held.next_at is not None
        assert held.next_at > world.clock.now()
        world.box.down = lambda _: None
        world.pass_time(HOUR)
        held = world.held(reference)
        assert (held.failing, held.state) == (False, State.DELIVERED)

    def test_an_outage_of_hours_is_neither_a_storm_nor_the_end(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda _: failed()
        world.pass_time(PAUSES[0] * SECOND * 10)
        assert world.held(reference).failing
        stages = world.row(reference).stage
        world.pass_time(30 * MINUTE, most=1_000)
        assert world.row(reference).stage - stages <= 3
        world.box.down = lambda _: None
        world.pass_time(MINUTE)
        held = world.held(reference)
        assert (held.failing, held.state) == (False, State.DELIVERED)
        assert sorted(world.box.told) == ["deputy", "head", "lead"]
        assert faults(world) == ()

    def test_whom_no_means_reaches_does_not_hold_it_up_and_that_nobody_was_reached_is_said(
        self, make_world: MakeWorld
    ) -> None:
        box = Letterbox(unreached=frozenset({"lead"}))
        world = make_world({"fact": PLAN}, box)
        reference = world.report()
        world.pass_time()
        assert box.told == ["deputy"]
        assert world.row(reference).state == "delivered"

    def test_where_no_means_reaches_anybody_the_reporter_learns_it_at_once(self, make_world: MakeWorld) -> None:
        box = Letterbox(unreached=frozenset({"lead", "deputy", "head"}))
        world = make_world({"fact": PLAN}, box)
        reference = world.report()
        world.pass_time()
        held = world.held(reference)
        assert (held.failing, held.state) == (True, State.RAISED)
        assert held.next_at is not None
        assert held.next_at > world.clock.now()
        with world.engine.connect() as connection:
            assert not health(world.engine, world.clock.now() + 3 * MINUTE).well
            assert audit.verify(connection).faults == ()

    def test_everyone_is_told_by_every_means_that_reaches_them(self, make_world: MakeWorld) -> None:
        inbox, mail = Letterbox(), Letterbox("email", unreached=frozenset({"deputy"}))
        world = make_world({"fact": PLAN}, inbox, mail)
        world.report()
        world.pass_time(LEAD.wait)
        assert (inbox.told, mail.told) == (["lead", "deputy"], ["lead"])

    def test_one_means_that_fails_for_good_does_not_hurry_while_another_got_through(
        self, make_world: MakeWorld
    ) -> None:
        inbox, mail = Letterbox(), Letterbox("email", down=lambda _: failed("refused", for_good=True))
        world = make_world({"fact": PLAN}, inbox, mail)
        reference = world.report()
        world.pass_time()
        assert inbox.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED
        assert not world.held(reference).failing

    def test_an_emergency_tells_everyone_of_the_chain_at_once_and_again(self, world: World) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        assert sorted(world.box.told) == ["deputy", "head", "lead"]
        assert world.row(reference).told == "lead,deputy,head"
        world.pass_time(2 * MINUTE)
        assert sorted(world.box.told) == ["deputy"] * 2 + ["head"] * 2 + ["lead"] * 2
        acted(world, reference, Acknowledge(), DEPUTY)
        world.pass_time(HOUR)
        assert len(world.box.told) == 6

    def test_the_channel_of_a_route_is_told_once_with_the_first_person(self, make_world: MakeWorld) -> None:
        box = Letterbox("slack")
        plan = replace(PLAN, channels={Route.DSL: {"slack": "C0DSL", "teams": "19:dsl@thread.tacv2"}})
        world = make_world({"fact": plan}, box)
        world.report()
        world.pass_time(LEAD.wait)
        assert sorted(box.told) == ["C0DSL", "deputy", "lead"]
        channel = next(alert for alert in box.delivered if alert.contact is None)
        assert channel.channel == "C0DSL"

    @pytest.mark.parametrize("emergency", [False, True])
    def test_a_channel_is_not_told_where_somebody_may_read_it_whom_it_is_about(
        self, make_world: MakeWorld, emergency: bool
    ) -> None:
        box = Letterbox("slack")
        plan = replace(PLAN, channels={Route.HEADTEACHER: {"slack": "C0HEAD"}})
        world = make_world({"fact": plan}, box)
        world.report("carl small hit a boy", Route.HEADTEACHER, emergency=emergency)
        world.pass_time(20 * MINUTE)
        assert set(box.told) == {"chair"}

    def test_an_address_with_colons_is_a_channel_like_any_other(self, make_world: MakeWorld) -> None:
        box = Letterbox("teams")
        world = make_world({"fact": replace(PLAN, channels={Route.DSL: {"teams": "19:dsl@thread.tacv2"}})}, box)
        world.report()
        world.pass_time()
        assert sorted(box.told) == ["19:dsl@thread.tacv2", "lead"]

    def test_whom_it_is_about_gets_no_message_whatever_happens(self, world: World) -> None:
        reference = world.report("carl small hit a boy", Route.HEADTEACHER)
        urgent = world.report("carl small hit a boy", Route.HEADTEACHER, emergency=True)
        own = world.report("i was too rough", Route.HEADTEACHER, speaker="head")
        above = world.report("the head hit a boy", Route.CHAIR_OF_GOVERNORS)
        world.pass_time(HOUR)
        assert set(world.box.told) == {"chair"}
        assert {world.row(one).state for one in (reference, urgent, own, above)} == {"delivered"}

    def test_no_alert_and_no_line_of_queue_or_trail_holds_a_word(self, world: World) -> None:
        reference = world.report(f"{WORD} was hit")
        acted(world, reference, Note(WORD))
        world.pass_time(HOUR)
        assert WORD not in repr(world.box.delivered)
        assert WORD not in repr(world.waiting())
        assert WORD not in repr(world.opened(reference).trail)


class TestGoingOn:
    """Taken on, handed over, reopened; reminders; and messages brought up to date."""

    def test_a_hand_over_tells_that_person_at_once_and_then_goes_on_down_the_chain(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge())
        after = acted(world, reference, HandOver("head"))
        assert (after.held.state, after.held.acknowledged_by) == (State.RAISED, "")
        world.pass_time()
        assert world.box.told == ["lead", "head"]
        held = world.held(reference)
        assert (held.state, held.told, held.handed_to) == (State.DELIVERED, "head", "")
        world.pass_time(HEAD.wait)
        assert len(world.box.told) == 3
        assert acted(world, reference, Acknowledge(), HEAD).held.acknowledged_by == "head"
        assert ("lead", "handed over") in world.history(reference)

    def test_handed_over_to_somebody_who_cannot_be_reached_it_goes_on(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge())
        world.box.down = lambda alert: failed("gone", for_good=True) if alert.contact == HEAD else None
        acted(world, reference, HandOver("head"))
        world.pass_time(HEAD.wait)
        assert world.box.told[1:] != []
        assert world.held(reference).state is State.DELIVERED

    def test_a_reopened_one_is_told_again_from_the_top(self, world: World) -> None:
        reference = world.report()
        world.pass_time(LEAD.wait)
        acted(world, reference, Acknowledge())
        acted(world, reference, DONE)
        world.pass_time(DAY)
        told = len(world.box.told)
        acted(world, reference, Reopen(), DEPUTY)
        world.pass_time(LEAD.wait + DEPUTY.wait)
        assert world.box.told[told:] == ["lead", "deputy", "head"]
        assert world.held(reference).state is State.DELIVERED
        assert acted(world, reference, Acknowledge()).changed

    def test_a_withdrawn_report_can_be_taken_up_again_by_the_dsl(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        acted(world, reference, Reopen())
        world.pass_time()
        assert world.box.told == ["lead"]

    def test_taken_on_without_an_outcome_its_person_is_reminded_each_school_day(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge(), DEPUTY)
        first = PLAN.hours.end_of_next_day(NOW)
        world.pass_time(first - NOW - SECOND)
        assert world.box.told == ["lead"]
        world.pass_time(SECOND)
        assert world.box.told == ["lead", "deputy"]
        world.pass_time(DAY)
        assert world.box.told == ["lead", "deputy", "deputy"]
        keys = [alert.key for alert in world.box.delivered]
        assert len(set(keys)) == 3
        assert world.held(reference).state is State.ACKNOWLEDGED
        assert [what for _, what in world.history(reference)].count("reminded") == 2

    def test_nobody_is_reminded_once_there_is_an_outcome_or_it_was_handed_over(self, world: World) -> None:
        closed, handed = world.report(), world.report()
        for reference in (closed, handed):
            acted(world, reference, Acknowledge())
        acted(world, closed, DONE)
        acted(world, handed, HandOver("deputy"))
        acted(world, handed, Acknowledge(), DEPUTY)
        world.pass_time(3 * DAY)
        reminded = {alert.contact.id for alert in world.box.delivered if alert.contact and ":r" in alert.key}
        assert reminded == {"deputy"}

    def test_a_reminder_before_its_time_or_twice_is_none(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        world.stages.remind(reference)
        assert world.waiting("nudge") == []
        world.clock.at = PLAN.hours.end_of_next_day(NOW)
        for _ in range(3):
            world.stages.remind(reference)
        assert len(world.waiting("nudge")) == 1

    def test_a_reminder_that_fails_is_made_up_for_the_next_day(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        world.box.faults = [failed()]
        world.pass_time(3 * DAY)
        assert world.box.told.count("lead") == 1 + world.box.tried - 2
        assert world.held(reference).state is State.ACKNOWLEDGED

    def test_when_its_person_has_left_the_plan_the_others_are_reminded(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge(), DEPUTY)
        left = {"fact": Plan("fact", PEOPLE | {Route.DSL: (LEAD,)})}
        world.desk = replace(world.desk, plans=left)
        world.stages = replace(world.stages, desk=world.desk)
        world.pass_time(2 * DAY)
        assert "lead" in world.box.told
        assert "deputy" not in world.box.told

    def test_messages_sent_before_show_who_has_taken_it_on(self, world: World) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        acted(world, reference, Acknowledge(), DEPUTY)
        world.pass_time()
        assert {(alert.contact.id, alert.held.acknowledged_by) for alert, _ in world.box.updated if alert.contact} == {
            ("lead", "deputy"),
            ("deputy", "deputy"),
            ("head", "deputy"),
        }
        assert {message for _, message in world.box.updated} == {"message-1", "message-2", "message-3"}

    @pytest.mark.parametrize("action", [Acknowledge(), HandOver("deputy"), DONE, Reopen(), Note("x")])
    def test_every_change_of_hands_brings_the_messages_up_to_date(self, world: World, action: Action) -> None:
        reference = world.report()
        world.pass_time()
        if not isinstance(action, Acknowledge):
            acted(world, reference, Acknowledge())
        if isinstance(action, Reopen):
            acted(world, reference, DONE)
        world.pass_time()
        before = len(world.box.updated)
        acted(world, reference, action)
        assert bool(world.waiting("show")) is not isinstance(action, Note)
        world.pass_time()
        assert len(world.box.updated) - before == (0 if isinstance(action, Note) else 1)

    def test_a_message_that_cannot_be_brought_up_to_date_does_not_hold_up_the_others(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        shown: list[Alert] = []

        def update(alert: Alert, _: str) -> None:
            shown.append(alert)
            raise failed("gone")

        monkeypatch.setattr(world.box, "update", update)
        acted(world, reference, Acknowledge())
        world.pass_time()
        assert len(shown) == 3


class TestTheWatch:
    """Our own rows are enough to go on from."""

    @pytest.mark.parametrize("moment", ["recorded", "told", "delivered"])
    def test_with_every_row_of_the_engine_gone_it_goes_on(self, world: World, moment: str) -> None:
        reference = world.report()
        if moment != "recorded":
            world.carry_out(due(world, "tell"))
        if moment == "delivered":
            world.pass_time()
        world.lose_queue()
        world.clock.move(LEAD.wait + 2 * MINUTE)
        assert world.watch.rescue() == 1
        world.pass_time()
        assert world.held(reference).state is State.DELIVERED
        acted(world, reference, Acknowledge())

    def test_a_possible_report_and_a_reminder_are_found_too(self, world: World) -> None:
        possible = world.record(world.turn(), status=Status.POSSIBLE)
        taken = world.report()
        acted(world, taken, Acknowledge())
        world.lose_queue()
        world.clock.move(3 * DAY)
        assert world.watch.rescue() == 2
        world.pass_time()
        assert world.held(possible).state is State.DELIVERED
        assert world.waiting("remind") != []
        assert world.watch.rescue() == 0

    def test_a_message_whose_work_was_lost_is_sent(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        with world.engine.begin() as connection:
            connection.execute(jobs.delete().where(jobs.c.work == "send"))
        world.pass_time(2 * MINUTE)
        assert world.box.told == []
        world.watch.rescue()
        world.pass_time()
        assert world.box.told == ["lead"]
        world.watch.rescue()
        assert world.waiting("send") == []

    @pytest.mark.parametrize("asked", [None, 240])
    def test_a_message_that_will_be_tried_again_anyway_is_left_to_its_pauses(
        self, world: World, asked: float | None
    ) -> None:
        world.report(emergency=True)
        world.box.down = lambda _: failed("429", retry_after=asked)
        tried = []
        for _ in range(16):
            before = world.box.tried
            world.pass_time(MINUTE, most=100)
            world.watch.rescue()
            tried.append(world.box.tried - before)
        world.pass_time()
        assert max(tried[8:]) <= 3 * 8  # three people, each every 15 seconds, and an alert that begins anew
        assert len(world.waiting("send")) <= 3 * 6

    def test_what_is_in_time_or_closed_is_left_alone(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        acted(world, reference, DONE)
        world.report()
        world.pass_time()
        assert world.watch.rescue() == 0

    def test_looked_at_again_and_again_it_is_enqueued_once_a_minute(self, world: World) -> None:
        world.report()
        world.lose_queue()
        world.clock.move(5 * MINUTE)
        for _ in range(3):
            world.watch.rescue()
        assert len(world.waiting()) == 1

    def test_a_thousand_open_ones_are_looked_through_without_touching_them(self, world: World) -> None:
        for _ in range(20):
            world.report()
        world.pass_time()
        found = health(world.engine, world.clock.now())
        assert (found.open, found.undelivered, found.well) == (20, 0, True)

    def test_how_it_stands_is_told_from_the_rows(self, world: World) -> None:
        reference = world.report()
        world.clock.move(3 * MINUTE)
        found = health(world.engine, world.clock.now())
        assert (found.open, found.undelivered, found.lag, found.well) == (1, 1, 3 * MINUTE, False)
        assert found.oldest_unacknowledged == 3 * MINUTE
        world.pass_time()
        acted(world, reference, Acknowledge())
        found = health(world.engine, world.clock.now())
        assert (found.oldest_unacknowledged, found.undelivered, found.well) == (timedelta(), 0, True)


def test_the_clock_of_another_zone_keeps_the_same_trail(make_world: MakeWorld) -> None:
    """A clock may have any time zone: what is read back from the file is in UTC."""
    world = make_world()
    world.clock.at = NOW.astimezone(ZoneInfo("Europe/London"))
    reference = world.report()
    world.pass_time()
    acted(world, reference, Acknowledge())
    assert world.row(reference).at == NOW
    assert faults(world) == ()
    assert world.record(world.turn(school="other"))
    assert world.desk.pile_now("other", STRANGER.id)
    assert world.desk.pile_now("fact", CHAIR.id) == ()
