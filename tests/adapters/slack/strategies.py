"""Text that means harm, replies of any shape, reports in any state."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from adapters.escalations.standing import Number, Standing
from chatbot.escalation import Entry, Held, Opened, Remark, State
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Quote, Reply, Route, Status, Text, Verdict
from tests.adapters.slack.samples import NOW, SCHOOL

PIECES = (
    "<!channel>", "<!here|x>", "<@U1>", "<#C1>", "<https://x.example|y>", "@here", "@everyone", "#general",
    "a@b.example", "https://x.example/a_b", "www.x.example", "*b*", "_i_", "~s~", "`c`", "```", "&amp;", "&", "<", ">",
    ":boom:", "::a::", "> q", "word", "Staff must not.", " ", "\n", "\r\n", "\x00", "\ud800", "\u2028", "\u202e",
    "\u200d", "10:30:15", "|", "01632 960001",
    ".", "\U0001f600", "e\u0301", '"', "\\",
)  # fmt: skip
nasty = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
long = st.builds(
    str.__mul__, st.sampled_from(("word ", "<&>", "\U0001f600", "x", "Say it. ", "a@b ")), st.integers(0, 2_500)
)
words = st.one_of(st.text(max_size=80), nasty, long)
names = st.one_of(st.text(max_size=30), nasty)

citations = st.builds(Citation, st.one_of(names, st.sampled_from(list(SCHOOL.clauses))), names, words, names)
parts = st.one_of(
    st.builds(Text, words),
    st.builds(Quote, citations),
    st.builds(Choices, st.lists(st.builds(Choice, names, words), max_size=12).map(tuple)),
    st.builds(
        Notice,
        st.sampled_from(("verdict", "review", "emergency", "concern", "duty", "closest", "trial", "<!here>")),
        words,
    ),
)
replies = st.builds(
    Reply,
    st.sampled_from(Kind),
    st.lists(parts, max_size=70).map(tuple),
    status=st.none() | st.sampled_from(Status),
    verdict=st.none() | st.sampled_from(Verdict),
    because=names,
    route=st.none() | st.sampled_from(Route),
    emergency=st.booleans(),
    reference=st.none() | st.just("R-ABCDEF"),
    private=st.booleans(),
)
standings = st.builds(
    Standing, names, names, words, st.lists(st.builds(Number, names, names), max_size=8).map(tuple)
)  # fmt: skip
turns = st.from_regex(r"[!-~]{1,255}", fullmatch=True)

ids = st.sampled_from(("lead", "deputy", "head", "chair", "gone", "")) | names
moments = st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(lambda by: NOW + by)
references = st.from_regex(r"R-[A-Z0-9]{4,16}", fullmatch=True)


def _held(state: State, acknowledged: bool, **fields: object) -> Held:
    """A report; one that was taken on says by whom."""
    if state is State.ACKNOWLEDGED or not acknowledged:
        fields |= {"acknowledged_by": fields["acknowledged_by"] if state is State.ACKNOWLEDGED else ""}
    return Held(state=state, **fields)  # type: ignore[arg-type]  # drawn by the types below


held = st.builds(
    _held,
    state=st.sampled_from(State),
    acknowledged=st.booleans(),
    reference=references,
    school=st.just("fairfield"),
    route=st.sampled_from(Route),
    emergency=st.booleans(),
    unconfirmed=st.booleans(),
    reporter=st.one_of(st.sampled_from(("U0TEACHER", "lead", "U0LEAD")), names),
    at=moments,
    stage=st.integers(0, 40),
    next_at=st.none() | moments,
    handed_to=ids,
    excluded=st.frozensets(ids, max_size=3),
    told=st.lists(ids, max_size=3).map(",".join),
    failing=st.booleans(),
    seen_by=ids,
    acknowledged_by=ids,
    acknowledged_at=st.none() | moments,
    closed_at=st.none() | moments,
    outcome=words,
    record=words,
    drill=st.booleans(),
)
remarks = st.builds(Remark, ids, moments, words)
entries = st.builds(Entry, st.integers(1, 99), moments, ids, names, references, names)
opened = st.builds(
    Opened, held, st.none() | words, st.lists(remarks, max_size=20).map(tuple),
    st.lists(entries, max_size=5).map(tuple), unreadable=st.booleans(),
)  # fmt: skip
