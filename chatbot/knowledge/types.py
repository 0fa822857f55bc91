"""What knowledge/ becomes: frozen values, proven to hold together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chatbot.model import Verdict
from chatbot.text import Spelling


@dataclass(frozen=True, slots=True)
class SlotValue:
    """One value that a fact can have, and how its mention is read."""

    id: str
    label: str
    patterns: tuple[re.Pattern[str], ...]
    doubts: tuple[re.Pattern[str], ...] = ()
    """What anywhere in a message leaves it open whether the value holds (a yes from the wrong person, for another
    thing): it is then not taken as stated.
    """
    against: bool = False
    """Speaks against doing the thing (no consent, not authorised): a yes that does not reckon with it is not given."""


@dataclass(frozen=True, slots=True)
class SlotType:
    """A fact that changes answers: the question that asks for it and its values."""

    id: str
    question: str
    values: tuple[SlotValue, ...]
    unless: tuple[re.Pattern[str], ...] = ()
    """What stands right before a mention that asks for the fact and does not state it."""
    condition: bool = False
    """A condition that the policy itself names (a yes, a form): naming it answers the question, and who says that it
    is met only learns more. Any other fact is of the case, and without it there is no answer yet.
    """

    def label(self, value: str) -> str:
        """What staff read for `value`."""
        return next(v.label for v in self.values if v.id == value)

    def is_against(self, value: str) -> bool:
        """Whether `value` speaks against doing the thing."""
        return any(v.against for v in self.values if v.id == value)


@dataclass(frozen=True, slots=True)
class Intent:
    """One topic that staff ask about. `cues` speak for it; without any of `needs` it is hardly meant."""

    id: str
    topic: str
    title: str
    slots: tuple[str, ...]
    examples: tuple[str, ...]
    cues: tuple[re.Pattern[str], ...] = ()
    needs: tuple[re.Pattern[str], ...] = ()
    setting: bool = False
    """Says where something happens (a private group, a class chat): yields to what happens there."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest citable part of a policy; `lead` is the line that introduces its list."""

    id: str
    section: str
    heading: str
    text: str
    lead: str
    block: int
    """Which paragraph or bullet of policy.md it stands in."""
    start: int
    """Where it starts in that block's plain text."""

    @property
    def shown(self) -> str:
        """The clause with its lead-in, as it is quoted."""
        return f"{self.lead} {self.text}" if self.lead else self.text


@dataclass(frozen=True, slots=True)
class Rule:
    """Intent and facts to verdict, resting on clauses. `when` pairs a slot with the values that meet it."""

    id: str
    intent: str
    when: tuple[tuple[str, frozenset[str]], ...]
    verdict: Verdict
    clauses: tuple[str, ...]
    because: str
    guidance: str
    ask: str
    since: str
    withdrawn: str
    where: str

    def unmet(self, known: Mapping[str, str]) -> str | None:
        """The first condition that `known` does not meet, in words, or None."""
        for slot, values in self.when:
            if slot not in known:
                return f"{slot} was not said"
            if known[slot] not in values:
                return f"{slot} is {known[slot]}, not {' or '.join(sorted(values))}"
        return None


@dataclass(frozen=True, slots=True)
class Silence:
    """A school's policy says nothing on an intent: what to say, whom to ask, what comes closest."""

    intent: str
    nearest: tuple[str, ...]
    say: str
    ask: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """An edition of statutory guidance that a policy cites."""

    title: str
    edition: int
    clause: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of statutory guidance with the dates that it is in force."""

    title: str
    edition: int
    start: date
    end: date | None
    source: str
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class School:
    """One school's policy and rules."""

    id: str
    name: str
    head: str
    """What the senior person is called here: the headteacher, the Head of School."""
    head_name: str
    owner: str
    updated: str
    due: date
    due_shown: str
    guidance: tuple[Guidance, ...]
    suggestions: tuple[str, ...]
    reporting: tuple[str, ...]
    """Its clauses on reporting a concern."""
    blocks: tuple[str, ...]
    clauses: Mapping[str, Clause]
    rules: Mapping[str, tuple[Rule, ...]]
    silent: Mapping[str, Silence]
    not_encoded: Mapping[str, str]
    policy: str
    """policy.md as it stands."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern that speaks for (or against) a report of a concern, with its weight in points."""

    id: str
    points: float
    pattern: re.Pattern[str]
    core: re.Pattern[str]
    """unguarded() of `pattern`: where it is not in a text, `pattern` is in no part of it."""
    hard: bool = False
    """Counts in full even in a hypothetical or a lesson."""
    of_adult: bool = False
    """Begins with a word for an adult at school: it is in no text without one."""


@dataclass(frozen=True, slots=True)
class Screening:
    """What screen() looks for: data from knowledge/safeguarding.yaml."""

    signs: tuple[Sign, ...]
    emergencies: tuple[re.Pattern[str], ...]
    bystanders: tuple[re.Pattern[str], ...]
    adult: re.Pattern[str]
    headship: re.Pattern[str]
    duties: Mapping[str, tuple[re.Pattern[str], ...]]
    foreign: tuple[re.Pattern[str], ...]
    by_words: tuple[float, float]
    """Scores from which a message is asked about, and passed on at once."""
    by_meaning: tuple[float, float]
    """The same where sentence meaning adds to the score."""
    words_beside_meaning: float
    """Score of words alone from which a message is asked about although its meaning is not alike."""
    reports: Mapping[str, tuple[str, ...]]
    lookalikes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that answering needs; immutable and shared by all conversations."""

    schools: Mapping[str, School]
    intents: Mapping[str, Intent]
    slots: Mapping[str, SlotType]
    spelling: Spelling
    wording: Mapping[str, str]
    smalltalk: Mapping[str, tuple[re.Pattern[str], ...]]
    screening: Screening
    editions: tuple[Edition, ...]
    digest: str
    """Changes whenever a phrasing changes; keys the caches."""
