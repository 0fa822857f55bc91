"""Plans, hours and escalations as they may be; and what must hold of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from chatbot.escalation import (
    OPEN,
    Acknowledge,
    Action,
    Close,
    HandOver,
    Held,
    Note,
    Reopen,
    State,
)
from chatbot.plan import Contact, Hours, Outside, Plan, Timings
from chatbot.reply import Route

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
CHANGES = tuple(datetime.fromisoformat(f"{day}T00:00+00:00") for day in ("2026-03-29", "2026-10-25", "2027-03-28"))
SURNAMES = ("Patel", "O’Brien", "Small", "Church", "Smith-Jones", "Müller")
ZONES = ("Europe/London", "UTC", "America/New_York", "Pacific/Auckland")


# Plans, hours and escalations as they may be

ids = st.sampled_from([f"p{number}" for number in range(6)])
people = st.lists(ids, max_size=4, unique=True)
weekdays = st.frozensets(st.integers(0, 6))
waits = st.integers(0, 180).map(lambda minutes: minutes * MINUTE)
moments = st.one_of(
    st.datetimes(YEARS[0].replace(tzinfo=None), YEARS[1].replace(tzinfo=None), timezones=st.just(UTC)),
    st.builds(lambda day, hour: day + hour * MINUTE, st.sampled_from(CHANGES), st.integers(-3000, 3000)),
)


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    """A calendar; opening and closing in the right order."""
    opens, closes = sorted(draw(st.tuples(st.times(), st.times())))
    start = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
    closures = frozenset(start + n * DAY for n in range(draw(st.integers(0, 40))))
    zone, outside = draw(st.sampled_from(ZONES)), draw(st.sampled_from(Outside))
    return Hours(draw(weekdays), opens.replace(fold=0), closes.replace(fold=0), zone, closures, outside)


@st.composite
def plans(draw: st.DrawFn, *, always_on_duty: bool = False) -> Plan:
    """A school's plan: some of six people on each route, in any order, perhaps the same person on several."""
    days = st.just(frozenset(range(7))) if always_on_duty else weekdays
    known = {f"p{n}": Contact(f"p{n}", f"Pat {name}", draw(waits), days=draw(days)) for n, name in enumerate(SURNAMES)}
    routes = {route: tuple(known[one] for one in draw(people)) for route in Route}
    timings = Timings(draw(waits), draw(waits), draw(waits))
    return Plan("fact", routes, hours=draw(some_hours()), timings=timings)


@st.composite
def escalations(draw: st.DrawFn, states: st.SearchStrategy[State] | None = None) -> Held:
    """An escalation in any state, as the desk would hold it."""
    state = draw(st.sampled_from(State) if states is None else states)
    taken = state is State.ACKNOWLEDGED or (state is State.CLOSED and draw(st.booleans()))
    closed = state is State.CLOSED
    return Held(
        "R-ABCDEF", "fact", draw(st.sampled_from(Route)), state, draw(st.booleans()), draw(st.booleans()), "reporter",
        YEARS[0], draw(st.one_of(st.integers(0, 30), st.integers(0, 10**6))),
        next_at=None if closed else YEARS[0], handed_to=draw(st.one_of(st.just(""), ids)),
        excluded=frozenset(draw(people)), failing=draw(st.booleans()),
        acknowledged_by=draw(ids) if taken else "", acknowledged_at=YEARS[0] if taken else None,
        closed_at=YEARS[0] if closed else None, outcome="done" if closed else "",
    )  # fmt: skip


actions: st.SearchStrategy[Action] = st.one_of(
    st.just(Acknowledge()),
    st.text(max_size=5).map(Note),
    st.one_of(ids, st.text(max_size=3)).map(HandOver),
    st.builds(Close, st.text(max_size=3), st.text(max_size=3)),
    st.just(Close("done", "CPOMS 1")),
    st.just(Reopen()),
)


def lawful(before: Held, after: Held, action: Action | None, who: str) -> bool:
    """Whether `action` by `who` may have led from one to the other; None for what the bot does by itself."""
    if before.state is State.ACKNOWLEDGED and after.state in OPEN:
        return isinstance(action, HandOver)
    if before.state is State.CLOSED and after.state is not State.CLOSED:
        return isinstance(action, Reopen)
    if after.state is State.CLOSED and before.state is not State.CLOSED:
        return isinstance(action, Close) and before.state is State.ACKNOWLEDGED and bool(after.outcome)
    if after.state is State.ACKNOWLEDGED and before.state is not State.ACKNOWLEDGED:
        return isinstance(action, Acknowledge) and after.acknowledged_by == who
    if before.state is State.ACKNOWLEDGED:
        return after.acknowledged_by == before.acknowledged_by
    return after.state is not State.POSSIBLE or before.state is State.POSSIBLE


def settled(held: Held) -> bool:
    """Whether the parts of an escalation go together: one that is not closed always has a next step."""
    return (
        (held.next_at is None) is (held.state is State.CLOSED)
        and (held.closed_at is not None) is (held.state is State.CLOSED)
        and (bool(held.acknowledged_by) or held.state is not State.ACKNOWLEDGED)
        and (not held.acknowledged_by or held.state in (State.ACKNOWLEDGED, State.CLOSED))
    )
