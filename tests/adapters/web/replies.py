"""Made-up replies, one for each ruling, so that golden pages change with the templates alone."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.memory import Exchange
from chatbot.model import (
    Choice,
    Choices,
    Citation,
    Kind,
    Notice,
    Part,
    Quote,
    Reply,
    Route,
    Status,
    Text,
    Turn,
    Verdict,
)

CLAUSE = Citation(
    "3.f",
    "3. Personal use of social media by staff",
    "When using social media, staff must not: Accept 'friend requests' from, or communicate with pupils or past "
    "pupils who are still children.",
    "/policies/fact#3.f",
)
REVIEW = Notice("review", "The policy was due for review in June 2025.")


def exchange(reply: Reply, text: str = "a question", turn_id: str = "t1") -> Exchange:
    """`reply` as the answer to `text`."""
    return Exchange(Turn(turn_id, "c", "fact", "p", text, datetime(2026, 11, 21, 9, 30, tzinfo=UTC)), reply)


def answer(verdict: Verdict, word: str) -> Reply:
    """An answer with a clause and a notice of review."""
    parts = (Notice("verdict", f"{word} The reason."), Quote(CLAUSE), Text("What to do now."), REVIEW)
    return Reply(Kind.ANSWER, parts, verdict=verdict, intent="contact-pupil", because="The reason.")


def clarify() -> Reply:
    """A question with two buttons."""
    choices = Choices((Choice("Under 18", "Under 18"), Choice("18 or over", "18 or over")))
    parts = (Notice("verdict", "It depends. On the age."), Quote(CLAUSE), Text("How old are they now?"), choices)
    return Reply(Kind.CLARIFY, parts, verdict=Verdict.DEPENDS)


def possible() -> Reply:
    """A possible report that waits for yes or no."""
    choices = Choices((Choice("Pass this on", "concern:confirm"), Choice("No, only asking", "concern:withdraw")))
    parts = (Notice("concern", "Kept with reference R-ABCDEF."), choices, Text("Speak to the DSL now."))
    return Reply(Kind.ESCALATE, parts, Status.POSSIBLE, route=Route.DSL, reference="R-ABCDEF", private=True)


def emergency() -> Reply:
    """A report of immediate danger, with a special duty."""
    parts: tuple[Part, ...] = (
        Notice("emergency", "Call 999 now."),
        Notice("concern", "Recorded with reference R-ABCDEF."),
        Text("Speak to the DSL now."),
        Notice("duty", "The duty to report FGM."),
    )
    return Reply(Kind.ESCALATE, parts, Status.RAISED, route=Route.DSL, emergency=True, reference="R-ABCDEF")


def silent() -> Reply:
    """A policy that does not say, with the closest clause."""
    parts = (Text("The policy does not settle this."), Notice("closest", "The closest:"), Quote(CLAUSE), Text("Ask."))
    return Reply(Kind.NONE, parts)


def greeting() -> Reply:
    """A hello with suggestions."""
    return Reply(Kind.SMALLTALK, (Text("Hello."), Choices((Choice("Can I …?", "Can I …?"),))))


ALL: dict[str, Reply] = {
    "answer-allowed": answer(Verdict.ALLOWED, "Yes."),
    "answer-not-allowed": answer(Verdict.NOT_ALLOWED, "No."),
    "answer-depends": answer(Verdict.DEPENDS, "It depends."),
    "answer-required": answer(Verdict.REQUIRED, "This is required."),
    "answer-info": answer(Verdict.INFO, "What the policy says."),
    "clarify": clarify(),
    "escalate-possible": possible(),
    "escalate-emergency": emergency(),
    "none-silent": silent(),
    "smalltalk-greeting": greeting(),
}
