"""How one value of chatbot.yaml is read: ids, durations, weekdays, hours, closures."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Event

from chatbot.errors import Problem
from chatbot.knowledge.documents import Rows, Table
from chatbot.knowledge.reader import Entry, suggestion
from chatbot.plan import Hours, Outside, Timings

LONGEST = 200
"""Characters of one value; more is a mistake or an attack."""
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
SHAPES = {
    "id": ("[A-Za-z0-9][A-Za-z0-9@._+-]{0,99}", "letters, digits and @ . _ + -"),
    "slack": ("[UW][A-Z0-9]{1,20}", "a Slack member id like U0AB12CD3 (in the profile: Copy member ID)"),
    "teams": (_GUID, "an Entra object id like 11111111-2222-3333-4444-555555555555"),
    "email": (r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "an address like dsl@example.org"),
    "phone": (r"[+(]?[0-9][0-9 ()-]{2,24}( ?(x|ext\.?) ?[0-9]{1,6})?", "a telephone number like 01632 960001"),
    "slack team": ("T[A-Z0-9]{1,20}", "a Slack workspace id like T0AB12CD3"),
    "slack enterprise": ("E[A-Z0-9]{1,20}", "an Enterprise Grid id like E0AB12CD3"),
    "slack groups": ("S[A-Z0-9]{1,20}", "Slack user group ids like S0AB12CD3"),
    "slack channel": ("[CG][A-Z0-9]{1,20}", "a Slack channel id like C0AB12CD3, not the channel's name"),
    "teams tenant": (_GUID, "a Microsoft 365 tenant id like 11111111-2222-3333-4444-555555555555"),
    "teams groups": (_GUID, "Entra group ids like 11111111-2222-3333-4444-555555555555"),
    "teams channel": (r"19:[^\s;]+@thread\.(tacv2|skype)", "a Teams channel id like 19:abc@thread.tacv2"),
}
"""What each kind of id looks like, and how to say so."""


def is_small(value: object, shown: str, problems: list[Problem], line: int = 1) -> bool:
    """Whether every word is short: long ones, repeated by aliases, would fill the memory. Notes unseen characters."""
    if isinstance(value, Table):
        items = [*((item, value.lines[key]) for key, item in value.items()), *value.lines.items()]
    elif isinstance(value, Rows):
        items = list(zip(value, value.lines, strict=True))
    else:
        items = []
        if isinstance(value, str) and len(value) > LONGEST:
            problems.append(Problem(shown, line, f"has a value of {len(value)} characters; {LONGEST} is the most"))
            return False
        if isinstance(value, str) and not value.isprintable():
            problems.append(Problem(shown, line, f"has a character that cannot be seen: {value!r}; type it again"))
    small = [is_small(item, shown, problems, at) for item, at in items]
    return all(small)


def under(entry: Entry, key: str, name: str | None = None) -> Entry:
    """The mapping under `key`; an empty one where it is missing. `name` is what problems call it."""
    if entry.table.get(key) == "":
        entry.problem(f"{key!r} is empty; fill it in or leave it out", key)
    table = entry.table_at(key) if entry.table.get(key) else Table(entry.line(key))
    named = f"{entry.name}: {key}" if entry.name else key
    return Entry(table, entry.shown, entry.problems, named if name is None else name)


def shaped(entry: Entry, key: str, shape: str = "") -> str:
    """The text under `key`, which should look like SHAPES[shape or key]; "" where it is missing."""
    value = entry.text(key, "")
    return _checked(entry, key, shape or key, value) if value else ""


def ids(entry: Entry, key: str, shape: str) -> list[str]:
    """One id, or a list of them."""
    if isinstance(entry.table.get(key, ""), str):
        value = shaped(entry, key, shape)
        return [value] if value else []
    return [_checked(entry, key, shape, value) for value in entry.texts(key)]


def _checked(entry: Entry, key: str, shape: str, value: str) -> str:
    pattern, meaning = SHAPES[shape]
    if not re.fullmatch(pattern, value):
        entry.problem(f"{key!r} should be {meaning}, not {value!r}", key)
    return value.lower() if pattern == _GUID or shape == "email" else value


def read_span(entry: Entry, key: str, usual: timedelta) -> timedelta:
    """A duration, in the unit that ends its key."""
    if key not in entry.table:
        return usual
    value, unit = entry.text(key), key.rpartition("_")[2]
    least, most = (1.0, 3650.0) if unit == "days" else (0.05, 1440.0)
    number = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else 0.0
    if not least <= number <= most:
        entry.problem(f"{key!r} should be a number of {unit} from {least:g} to {most:g}, not {value!r}", key)
        return usual
    return timedelta(**{unit: number})


def read_days(entry: Entry, usual: frozenset[int]) -> frozenset[int]:
    """The weekdays under `days`, Monday 0: `mon-wed`, `mon, thu`, or a list."""
    if "days" not in entry.table:
        return usual
    listed = isinstance(entry.table["days"], Rows)
    text = ", ".join(entry.texts("days")) if listed else entry.text("days")
    days: set[int] = set()
    for part in re.split(r"[,\s]+", re.sub(r"\s*[-–]\s*", "-", text.lower())):
        first, mark, last = part.partition("-")
        start, end = _weekday(first), _weekday(last if mark else first)
        if start is None or end is None:
            entry.problem(f"'days' should be weekdays like mon-wed or mon, thu, not {part!r}", "days")
        else:
            days |= {(start + ahead) % 7 for ahead in range((end - start) % 7 + 1)}
    return frozenset(days) or usual


def _weekday(word: str) -> int | None:
    return next((number for number, day in enumerate(WEEK) if len(word) > 2 and day.startswith(word)), None)


def read_timings(entry: Entry) -> Timings:
    """How long things wait."""
    entry.only("confirm_minutes", "repeat_cap_minutes", "emergency_repeat_minutes", "keep_words_days", "drill")
    usual = Timings()
    cap = read_span(entry, "repeat_cap_minutes", usual.repeat_cap)
    again = read_span(entry, "emergency_repeat_minutes", min(usual.emergency_repeat, cap))
    if again > cap:
        entry.problem("'emergency_repeat_minutes' is more than the repeat_cap_minutes", "emergency_repeat_minutes")
    keep = read_span(entry, "keep_words_days", usual.keep_words)
    drill = _weekday(entry.text("drill", "")) if "drill" in entry.table else None
    if "drill" in entry.table and drill is None:
        entry.problem(f"'drill' should be a weekday such as mon, not {entry.text('drill', '')!r}", "drill")
    return Timings(read_span(entry, "confirm_minutes", usual.confirm), cap, again, keep, drill)


def read_hours(entry: Entry, folder: Path) -> Hours:
    """When a school is open; its closures lie in `folder`."""
    entry.only("days", "from", "to", "timezone", "outside", "closures")
    usual = Hours()
    opens, closes = _time(entry, "from", usual.opens), _time(entry, "to", usual.closes)
    if opens >= closes:
        entry.problem(f"'to' should be later than 'from', not {closes:%H:%M} after {opens:%H:%M}", "to")
    outside = entry.choice("outside", Outside) if "outside" in entry.table else usual.outside
    closures = _closures(entry, folder)
    return Hours(read_days(entry, usual.days), opens, closes, _zone(entry), closures, outside)


def _time(entry: Entry, key: str, usual: time) -> time:
    value = entry.text(key, f"{usual:%H:%M}")
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value):
        entry.problem(f"{key!r} should be a time from 00:00 to 23:59 like {usual:%H:%M}, not {value!r}", key)
        return usual
    hour, minute = value.split(":")
    return time(int(hour), int(minute))


def _zone(entry: Entry) -> str:
    usual = Hours().zone
    value = entry.text("timezone", usual)
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        near = suggestion(value, available_timezones())
        entry.problem(f"'timezone' should be a time zone like {usual}, not {value!r}{near}", "timezone")
        return usual
    return value


def _closures(entry: Entry, folder: Path) -> frozenset[date]:
    """The days of every event of the iCalendar file that `entry` names, in `folder`."""
    name = entry.text("closures", "")
    if not name:
        return frozenset()
    file = folder / name
    problems, days = entry.problems, set[date]()
    try:
        raw = file.read_bytes()
        found = [event for calendar in Calendar.from_ical(raw, multiple=True) for event in calendar.walk("VEVENT")]
    except OSError as error:
        entry.problem(f"'closures' names the file {str(file)!r}, which cannot be read ({error.strerror})", "closures")
        return frozenset()
    except Exception as error:  # what is broken makes the library raise anything: ValueError, AttributeError …
        problems.append(Problem(str(file), None, f"is not an iCalendar file ({str(error)[:100]!r}); export it again"))
        return frozenset()
    events = [event for event in found if isinstance(event, Event)]
    lines = [number for number, line in enumerate(raw.splitlines(), 1) if line.strip().upper() == b"BEGIN:VEVENT"]
    if not events or len(lines) != len(events):
        problems.append(Problem(str(file), None, f"has {len(events)} whole events; it is empty or cut off"))
    for line, event in zip(lines, events, strict=False):
        fault, closed = _closed(event)
        days |= closed
        if fault:
            problems.append(Problem(str(file), line, f"the event {str(event.get('SUMMARY', ''))[:60]!r} {fault}"))
    return frozenset(days)


def _closed(event: Event) -> tuple[str, set[date]]:
    """What is wrong with an event, or its days; its end is the day after the last."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return "", set()
    if "RRULE" in event or "RDATE" in event:
        return "repeats (RRULE), which is not read here; write one event for each closure", set()
    try:
        first, end = event.start, event.end
    except Exception as error:  # as above
        return f"cannot be read ({str(error)[:100]})", set()
    if event.errors:
        return f"cannot be read ({str(event.errors[0][1])[:100]})", set()
    if isinstance(first, datetime) or isinstance(end, datetime):
        return "has a time of day; closures are whole days: make it an all-day event", set()
    length = (end - first).days
    if not 0 <= length <= 366:
        return f"ends {length} days after it starts; expected 1 to 366", set()
    return "", {first + timedelta(days=ahead) for ahead in range(max(length, 1))}
