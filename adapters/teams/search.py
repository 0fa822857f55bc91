"""The search extension: clauses and answers of the policy, to be put into a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chat.shapes import text_at
from adapters.teams import answers
from adapters.teams.actions import SEARCH_COMMAND
from adapters.teams.answers import Json
from adapters.teams.found import Found, clause_found, rule_found
from adapters.teams.notices import STRANGER
from adapters.teams.site import Site
from adapters.teams.turns import Sender
from chatbot.knowledge import Clause, School
from chatbot.model import Kind, Memory, Reply, Turn
from chatbot.respond import respond
from chatbot.text import read

MOST = 8
"""Results that are shown: few enough for all of their cards to be small."""
MOST_SUGGESTED = 4
LONGEST = 300
"""Characters of a search that are read."""
CONCERN = (
    "This may be about somebody’s safety. Nothing has been passed on from here: write it to me in our own chat, or use "
    "“Report a concern”; in an emergency call 999."
)


@dataclass(frozen=True, slots=True)
class Search:
    """Answers the extension's query. It records nothing: nobody has sent anything yet."""

    site: Site

    async def found(self, value: Mapping[str, object], sender: Sender) -> Json:
        """What a search finds, best first."""
        school_id, able = await self.site.people.school_of(sender)
        if not able:
            return answers.tells(STRANGER)
        if not school_id:
            return answers.tells("Choose your school first: write to me in our own chat.")
        if text_at(value, "commandId") not in ("", SEARCH_COMMAND):
            return answers.tells("I do not know this command.")
        school, words = self.site.school(school_id), _asked(value)[:LONGEST]
        if not words.strip():
            return answers.lists([self._rule(question, school) for question in school.suggestions[:MOST_SUGGESTED]])
        reply = self._reply(words, school)
        if reply.kind is Kind.ESCALATE:
            return answers.tells(CONCERN)
        rules = [rule_found(words, reply, school, self.site.policy_url)] if reply.kind is Kind.ANSWER else []
        clauses = [clause_found(school, clause, self.site.policy_url) for clause in self._clauses(words, school)]
        found = [*rules, *clauses][:MOST]
        return answers.lists(found) if found else answers.tells("Nothing in the policy has these words.")

    def _rule(self, question: str, school: School) -> Found:
        return rule_found(question, self._reply(question, school), school, self.site.policy_url)

    def _reply(self, words: str, school: School) -> Reply:
        turn = Turn("search", "search", school.id, "", words, self.site.clock.now())
        return respond(turn, Memory(), self.site.bot.engine, recorded=False).reply

    def _clauses(self, words: str, school: School) -> list[Clause]:
        """The clauses that hold most of the words, in the order of the policy where they hold as many."""
        wanted = {word for word in read(words, self.site.knowledge.spelling).words if len(word) > 2}
        counted = [(_hits(clause, wanted), clause) for clause in school.clauses.values()]
        most = max((hits for hits, _ in counted), default=0)
        able = [(hits, clause) for hits, clause in counted if hits and 2 * hits > most]
        return [clause for hits, clause in sorted(able, key=lambda row: -row[0])]


def _asked(value: Mapping[str, object]) -> str:
    """What was typed; nothing when the extension has just been opened."""
    parameters = value.get("parameters")
    for each in parameters if isinstance(parameters, list) else ():
        if isinstance(each, Mapping) and each.get("name") != "initialRun":
            return text_at(each, "value")
    return ""


def _hits(clause: Clause, wanted: set[str]) -> int:
    text = f"{clause.heading} {clause.shown}".lower()
    return sum(word in text for word in wanted)
