"""Words at rest: encrypted, erased in time, and what is left without the key."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from adapters.database.tables import escalations, remarks
from adapters.database.vault import Vault, new_key
from chatbot.escalation import Acknowledge, Acted, Close, Note, Refusal, Reopen, State
from chatbot.plan import Timings
from chatbot.reply import Status
from tests.contracts.acts import DAY, DONE, SECOND, WORD, MakeWorld, acted, faults
from tests.contracts.world import PLAN, World


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
