"""What the listeners of a chat platform share, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from adapters.chat.links import PolicyUrl
from adapters.chat.people import Roll, Sender
from adapters.database.outbox import Outbox
from chatbot.bot import Bot
from chatbot.compose import current_edition
from chatbot.knowledge import Knowledge, School
from chatbot.plan import Plan
from chatbot.ports import Clock, Desk
from chatbot.reply import Route
from chatbot.safeguarding import screen
from chatbot.text import read


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSite:
    """The bot, the desk and the people, as one platform reaches them."""

    bot: Bot
    knowledge: Knowledge
    desk: Desk
    plans: Mapping[str, Plan]
    clock: Clock
    people: Roll
    outbox: Outbox
    policy_url: PolicyUrl | None = None
    inbox_url: str = ""

    def school(self, school_id: str) -> School:
        """The school of that id."""
        return self.knowledge.schools[school_id]

    def schools(self, ids: Sequence[str]) -> list[School]:
        """The schools of these ids, by name."""
        return sorted((self.school(id_) for id_ in ids), key=lambda school: school.name.casefold())

    def plan(self, school_id: str) -> Plan:
        """The plan of a school; one that names nobody where it has none."""
        return self.plans.get(school_id) or Plan(school_id, {})

    def whom_to_turn_to(self, school_id: str) -> str:
        """Somebody to speak to when something does not work."""
        people = self.plan(school_id).chain(Route.DSL)
        return f"{people[0].name} (designated safeguarding lead)" if people else "the designated safeguarding lead"

    def today(self, school_id: str) -> date:
        """The day on a school's clock."""
        return self.clock.now().astimezone(ZoneInfo(self.plan(school_id).hours.zone)).date()

    def is_fact(self, value: str) -> bool:
        """Whether a button that says so answers a clarifying question."""
        return any(value == one.label for kind in self.knowledge.slots.values() for one in kind.values)

    def is_concern(self, words: str) -> bool:
        """Whether the words read like a report, at whatever school."""
        question = read(words, self.knowledge.spelling)
        return screen(question, self.bot.engine.screener, "") is not None

    async def school_for(self, sender: Sender, words: str) -> tuple[str, tuple[str, ...]]:
        """The sender's school and those they may choose from.

        What may be a report does not wait for a choice: it goes to the first of them.
        """
        school, able = await self.people.school_of(sender)
        if not school and able and self.is_concern(words):
            school = able[0]
        return school, able

    def report_url(self, reference: str, school: str) -> str:
        """The page of a report in the inbox; "" where people cannot sign in to one."""
        return f"{self.inbox_url}/{reference}?school={school}" if self.inbox_url else ""

    def reviews(self, school: School, today: date) -> list[str]:
        """What is to be said of editions of statutory guidance that the policy cites and that are superseded."""
        said = []
        for cited in school.guidance:
            current = current_edition(self.knowledge.editions, cited.title, today)
            if current is not None and current.edition > cited.edition:
                words = {"title": cited.title, "cited": str(cited.edition), "current": str(current.edition)}
                said.append(self.knowledge.wording["old_guidance"].format_map(words))
        return said
