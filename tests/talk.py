"""How tests talk to the core: one fixed day, and whole conversations in a line."""

from __future__ import annotations

from datetime import UTC, date, datetime

from chatbot.knowledge import Knowledge
from chatbot.model import Memory, Outcome, Slot, Turn
from chatbot.respond import Engine, respond
from chatbot.slots import read_slots
from chatbot.text import read

TODAY = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
SCHOOLS = ("ashley", "calmore", "fact", "ravenscote", "yeadon")


def turn(text: str, school: str = "ashley", number: int = 0, at: datetime = NOW) -> Turn:
    """A turn of the one conversation that tests have."""
    return Turn(f"turn-{number}", "conversation", school, "speaker", text, at)


def talk(engine: Engine, school: str, *texts: str, recorded: bool = False, at: datetime = NOW) -> list[Outcome]:
    """The outcomes of `texts`, typed one after the other in one conversation."""
    memory, outcomes = Memory(), []
    for number, text in enumerate(texts):
        outcome = respond(turn(text, school, number, at), memory, engine, recorded=recorded)
        outcomes.append(outcome)
        memory = outcome.memory
    return outcomes


def ask(engine: Engine, school: str, text: str, *, recorded: bool = False, at: datetime = NOW) -> Outcome:
    """The outcome of one message in a new conversation."""
    return talk(engine, school, text, recorded=recorded, at=at)[0]


def values(slots: tuple[Slot, ...]) -> dict[str, str]:
    """Slots as name to value."""
    return {slot.name: slot.value for slot in slots}


def facts(text: str, knowledge: Knowledge, asked: str | None = None, today: date = TODAY) -> dict[str, str]:
    """The facts read from `text`, as name to value."""
    return values(read_slots(read(text, knowledge.spelling).standard, knowledge.slots, today, asked))
