"""A made-up school, its people, replies as the bot words them and reports in every state: golden files change with the
views alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from adapters.escalations.standing import Number, Standing
from chatbot.escalation import Entry, Held, Opened, Remark, State
from chatbot.knowledge import Clause, School
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Quote, Reply, Route, Status, Text, Verdict
from chatbot.plan import Contact, Plan

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MINUTE = timedelta(minutes=1)
WORDS = "Zara in 4B told me today that her uncle hits her with a belt & showed me <!channel> bruises."
"""Words of a report: nothing of them may stand in an alert."""

_HEADING = "3. Personal use of social media by staff"
_LEAD = "When using social media, staff must not:"
_PLAIN = "Staff are responsible for their own settings. They must keep them up."
_BULLETS = (
    "Use personal accounts to conduct school business",
    "Accept 'friend requests' from, or communicate with pupils or past pupils who are still children.",
    "Post images of pupils",
    "Use personal social media during timetabled teaching time.",
)
_BLOCKS = ("Fairfield School", "1. Purpose", "This policy sets rules.", _HEADING, _PLAIN, _LEAD, *_BULLETS)


def _clause(clause_id: str, text: str, block: int, lead: str = "") -> Clause:
    section = clause_id.split(".")[0]
    heading = "1. Purpose" if section == "1" else _HEADING
    return Clause(clause_id, section, heading, text, lead, block, _BLOCKS[block].index(text))


_CLAUSES: Mapping[str, Clause] = {
    clause.id: clause
    for clause in (
        _clause("1.a", "This policy sets rules.", 2),
        _clause("3.a", "Staff are responsible for their own settings.", 4),
        _clause("3.b", "They must keep them up.", 4),
        *(_clause(f"3.{'cdef'[at]}", text, 6 + at, _LEAD) for at, text in enumerate(_BULLETS)),
    )
}
SCHOOL = School(
    id="fairfield", name="Fairfield School", head="headteacher", head_name="Mrs T Small", owner="the headteacher",
    updated="March 2024", due=date(2026, 3, 31), due_shown="March 2026", guidance=(),
    suggestions=("Can I accept a friend request from a former pupil?", "Can I check Instagram in PPA?"),
    reporting=(), blocks=_BLOCKS, clauses=_CLAUSES, rules={}, silent={}, not_encoded={}, policy="\n\n".join(_BLOCKS),
)  # fmt: skip
OTHER = replace(SCHOOL, id="hillside", name="Hillside School", due=date(2027, 3, 31), due_shown="March 2027")

LEAD = Contact("lead", "Anna Patel", 5 * MINUTE, slack="U0LEAD", phone="01632 960001")
DEPUTY = Contact("deputy", "Beth O’Brien", 10 * MINUTE, slack="U0DEPUTY", phone="01632 960002")
HEAD = Contact("head", "Carl Small", 15 * MINUTE)
CHAIR = Contact("chair", "Dina Church", 15 * MINUTE)
PLAN = Plan(
    "fairfield", {Route.DSL: (LEAD, DEPUTY), Route.HEADTEACHER: (HEAD,), Route.CHAIR_OF_GOVERNORS: (CHAIR,)},
    phones={"social_care": "01632 960100"},
)  # fmt: skip

# Reports

HELD = Held(
    "R-ABCDEF", "fairfield", Route.DSL, State.RAISED, False, False, "U0TEACHER", NOW - 4 * MINUTE, next_at=NOW
)  # fmt: skip
SENT = replace(HELD, state=State.DELIVERED, stage=1, told="lead", next_at=NOW + MINUTE)
TAKEN = replace(
    SENT, state=State.ACKNOWLEDGED, acknowledged_by="lead", acknowledged_at=NOW - MINUTE,
    next_at=NOW + timedelta(days=1, hours=3),
)  # fmt: skip
CLOSED = replace(
    TAKEN, state=State.CLOSED, closed_at=NOW, next_at=None, outcome="Referred to children’s social care.",
    record="CPOMS",
)  # fmt: skip
WITHDRAWN = replace(HELD, state=State.CLOSED, closed_at=NOW, next_at=None)
STATES: Mapping[str, Held] = {
    "possible": replace(HELD, state=State.POSSIBLE, next_at=NOW + 6 * MINUTE),
    "raised": HELD,
    "delivered": SENT,
    "emergency": replace(SENT, emergency=True, told="lead,deputy,head"),
    "unconfirmed": replace(SENT, unconfirmed=True, seen_by="lead", stage=2, told="deputy"),
    "failing": replace(HELD, failing=True, stage=2),
    "handed-over": replace(HELD, handed_to="deputy"),
    "about-an-adult": replace(SENT, route=Route.HEADTEACHER, told="head", reporter="deputy"),
    "drill": replace(SENT, drill=True),
    "acknowledged": TAKEN,
    "emergency-acknowledged": replace(TAKEN, emergency=True),
    "closed": CLOSED,
    "withdrawn": WITHDRAWN,
}
REMARKS = (
    Remark("lead", NOW - MINUTE, "Spoke to Zara’s class teacher."),
    Remark("deputy", NOW, ""),
)
TRAIL = (Entry(1, NOW, "U0TEACHER", "raised", "R-ABCDEF", "dsl"), Entry(2, NOW, "lead", "opened", "R-ABCDEF"))
OPENED = Opened(TAKEN, WORDS, REMARKS, TRAIL)
ALONE = Standing(
    "R-ABCDEF", "alone",
    "Sent to Anna Patel; nobody has seen it yet: speak to Anna Patel now. If nobody takes it on, Beth O’Brien is told "
    "at 14:01.",
    (Number("Anna Patel", "01632 960001"), Number("Children’s social care", "01632 960100")),
)  # fmt: skip
TAKEN_ON = Standing("R-ABCDEF", "taken", "Anna Patel has taken this on at 13:59.")
WAITING = Standing("R-GHJKLM", "waiting", "Waiting for your answer; at 14:10 it is passed on as unconfirmed.")

# Replies

CLAUSE = Citation("3.d", _HEADING, f"{_LEAD} {_BULLETS[1]}", "/policies/fairfield#3.d")
NEIGHBOURS = Citation("3.a", _HEADING, _PLAIN, "/policies/fairfield#3.a")
REVIEW = Notice(
    "review",
    "Fairfield School’s policy was due for review in March 2026. Until a new one is adopted this is the text in "
    "force; ask the headteacher if in doubt.",
)  # fmt: skip
DANGER = Notice("emergency", "If anybody is in immediate danger, call 999 first.")
DO_NOW = Text(
    "Now: speak to the designated safeguarding lead in person; if they are not there, a deputy. If nobody can be "
    "reached, you can call children’s social care yourself. Write down the child’s own words, with time and place. "
    "Leave the device or message as it is."
)
DO_NOT = Text(
    "Do not promise secrecy. Do not investigate or ask leading questions; “tell me, explain, describe” is enough. "
    "Never view, copy, print, forward or store a sexual image of a child, and do not upload one here."
)
WORD: Mapping[Verdict, str] = {
    Verdict.ALLOWED: "Yes.",
    Verdict.NOT_ALLOWED: "No.",
    Verdict.DEPENDS: "It depends.",
    Verdict.REQUIRED: "This is required.",
    Verdict.INFO: "What the policy says.",
}
_BECAUSE = "Former pupils who are still children may not be accepted."
_GUIDANCE = "Decline the request. If you know the former pupil in another way, tell the headteacher first."


def answer(verdict: Verdict) -> Reply:
    """An answer with a clause, guidance and a warning of the review date."""
    headline = Notice("verdict", f"{WORD[verdict]} {_BECAUSE}")
    parts = (headline, Quote(CLAUSE), Text(_GUIDANCE), REVIEW)
    return Reply(Kind.ANSWER, parts, verdict=verdict, intent="contact", because=_BECAUSE, confidence=0.9)


def clarify() -> Reply:
    """A question with two buttons under what holds until then."""
    choices = Choices((Choice("Under 18", "Under 18"), Choice("18 or over", "18 or over")))
    parts = (
        Notice("verdict", "It depends. On how old they are now."),
        Quote(CLAUSE),
        Text("How old is the former pupil now? The answer changes with it."),
        choices,
    )
    return Reply(Kind.CLARIFY, parts, verdict=Verdict.DEPENDS, because="On how old they are now.")


def possible() -> Reply:
    """A possible report that waits for yes or no."""
    said = (
        "This may be a safeguarding concern, so it is kept with reference R-ABCDEF. Shall I pass it to the designated "
        "safeguarding lead (DSL)? Nobody has seen it yet. Without an answer it will be passed on as unconfirmed."
    )
    pass_on = Choice("Pass this to the designated safeguarding lead (DSL)", "concern:confirm")
    choices = Choices((pass_on, Choice("No, only asking", "concern:withdraw")))
    parts = (DANGER, Notice("concern", said), choices, DO_NOW, DO_NOT)
    return Reply(Kind.ESCALATE, parts, Status.POSSIBLE, route=Route.DSL, reference="R-ABCDEF", private=True)


def raised() -> Reply:
    """A report, with the school's clause on reporting."""
    said = (
        "This is being treated as a safeguarding concern. It is recorded with reference R-ABCDEF and is being sent to "
        "the designated safeguarding lead (DSL). Nobody has seen it yet: speak to the designated safeguarding lead "
        "(DSL) in person now as well."
    )
    parts = (
        DANGER,
        Notice("concern", said),
        DO_NOW,
        DO_NOT,
        Text("What the policy says on reporting:"),
        Quote(NEIGHBOURS),
    )
    return Reply(Kind.ESCALATE, parts, Status.RAISED, route=Route.DSL, reference="R-ABCDEF", private=True)


def emergency() -> Reply:
    """A report of immediate danger, with a special duty and the answer to a question that came with it."""
    danger = Notice("emergency", "Call 999 now if anybody is in danger. Do not wait for an answer here.")
    duty = Notice(
        "duty",
        "FGM: a teacher who finds that it has been carried out on a girl under 18 must report it to the police on 101 "
        "by the close of the next working day, as well as telling the DSL.",
    )  # fmt: skip
    told = raised().parts[1:4]
    also = (Text("And on your question:"), Notice("verdict", f"No. {_BECAUSE}"), Quote(CLAUSE), Text(_GUIDANCE))
    return replace(
        raised(), parts=(danger, *told, duty, *also), emergency=True, verdict=Verdict.NOT_ALLOWED, because=_BECAUSE
    )  # fmt: skip


def unreachable() -> Reply:
    """A report on a route on which nobody is named."""
    said = (
        "This is being treated as a safeguarding concern and is recorded with reference R-ABCDEF, but nobody is set up "
        "here whom I could tell. Do not wait: speak to the headteacher now, or phone the school; in danger 999."
    )
    return replace(raised(), parts=(DANGER, Notice("concern", said), DO_NOT), route=Route.HEADTEACHER)


def silent() -> Reply:
    """A policy that does not say, with the closest clause."""
    parts = (
        Text("Fairfield School’s policy does not settle this. It speaks of pupils, not of their parents."),
        Notice("closest", "The closest that the policy comes:"),
        Quote(NEIGHBOURS),
        Text("Ask the headteacher."),
        REVIEW,
    )
    return Reply(Kind.NONE, parts, intent="parents")


def not_understood() -> Reply:
    """Nothing found, with what might have been meant."""
    meant = Choices(
        (Choice("Friend requests from pupils", "meant:contact"), Choice("Photos of pupils", "meant:photos"))
    )
    text = (
        "I did not find this in Fairfield School’s social media policy. Put it in other words, or ask the headteacher."
    )
    return Reply(Kind.NONE, (Text(text), Text("Did you mean one of these?"), meant))


def too_long() -> Reply:
    """More than can be read safely."""
    text = (
        "That is too long for me to read safely. Send the question in one or two sentences. If it is about a child who "
        "may be at risk, do not wait: speak to the designated safeguarding lead now."
    )
    return Reply(Kind.NONE, (Text(text),))


def greeting() -> Reply:
    """A hello with suggestions."""
    hello = "Hello. Ask me about Fairfield School’s social media policy in your own words."
    choices = Choices(tuple(Choice(text, text) for text in SCHOOL.suggestions))
    return Reply(Kind.SMALLTALK, (Text(hello), choices), confidence=1.0)


def long() -> Reply:
    """More than fits into a message: sixty clauses, and guidance without end."""
    quotes = tuple(Quote(replace(CLAUSE, text=f"{CLAUSE.text} " * 12)) for _ in range(60))
    guidance = Text(f"{_GUIDANCE} " * 60)
    return replace(possible(), parts=(*quotes, guidance, *possible().parts))


REPLIES: Mapping[str, Reply] = {
    **{f"answer-{verdict}": answer(verdict) for verdict in Verdict},
    "clarify": clarify(),
    "escalate-possible": possible(),
    "escalate-raised": raised(),
    "escalate-emergency": emergency(),
    "escalate-unreachable": unreachable(),
    "none-silent": silent(),
    "none-not-understood": not_understood(),
    "none-too-long": too_long(),
    "smalltalk-greeting": greeting(),
    "too-much": long(),
}


def policy_url(school_id: str, clauses: tuple[str, ...]) -> str:
    """Where the policy stands for everybody."""
    query = "&".join(f"clause={clause}" for clause in clauses)
    return (
        f"https://policies.example/policies/{school_id}?{query}#{clauses[0]}"
        if clauses
        else "https://policies.example/"
    )
