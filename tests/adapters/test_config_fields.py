"""The file and its values, one at a time: what is no configuration, rotas, hours, closures, timings."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest

from adapters.config import ConfigError, example_text, read_config
from chatbot.plan import Hours
from chatbot.reply import Route
from tests.adapters.test_config import LEAD, SCHOOLS, SMALL, config_of, plan_of, problems_of, with_people

EVENT = "BEGIN:VEVENT\r\nUID:{0}\r\nSUMMARY:Half term\r\n{1}\r\nEND:VEVENT\r\n"


def with_hours(hours: str) -> str:
    return f"{SMALL}    hours: {{{hours}}}\n"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("mon-wed", {0, 1, 2}),
        ("mon, thu", {0, 3}),
        ("[mon, thu]", {0, 3}),
        ("Monday – Tuesday fri", {0, 1, 4}),
        ("sun-mon", {6, 0}),
        ("thurs", {3}),
    ],
)
def test_a_rota_is_read(days: str, expected: set[int], tmp_path: Path) -> None:
    days = days if days.startswith("[") else f'"{days}"'
    text = with_people(LEAD, f"{{name: B, slack: U0B, days: {days}}}")
    assert plan_of(tmp_path, text).people[Route.DSL][1].days == expected


def calendar(*events: str) -> str:
    inside = "".join(EVENT.format(number, event.replace("\n", "\r\n")) for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{inside}END:VCALENDAR\r\n"


def test_closures_are_whole_days_up_to_the_day_before_the_end(tmp_path: Path) -> None:
    week = "DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:20261031"
    more = ("DTSTART;VALUE=DATE:20270101", "DTSTART;VALUE=DATE:20270503\nDTEND;VALUE=DATE:20270503")
    called_off = "DTSTART;VALUE=DATE:20270601\nSTATUS:CANCELLED"
    lasting = "DTSTART;VALUE=DATE:20270701\nDURATION:P2D"
    (tmp_path / "days.ics").write_text(calendar(week, *more, called_off, lasting), encoding="utf-8")
    found = plan_of(tmp_path, with_hours("closures: days.ics")).hours.closures
    assert found == {date(2026, 10, day) for day in range(26, 31)} | {
        date(2027, 1, 1), date(2027, 5, 3), date(2027, 7, 1), date(2027, 7, 2)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (calendar("DTSTART;VALUE=DATE:20261026", "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY"), 9, "repeats"),
        (calendar("DTSTART;VALUE=DATE:20261026\nRDATE;VALUE=DATE:20261126"), 4, "repeats"),
        (calendar("DTSTART:20261026T090000Z\nDTEND:20261026T100000Z"), 4, "has a time of day"),
        (calendar("DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:20261020"), 4, "ends -6 days after it starts"),
        (calendar("DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:99991231"), 4, "ends 29"),
        (calendar("DTSTART;VALUE=DATE:99991231"), 4, "cannot be read"),
        (calendar("DTSTART;VALUE=DATE:26 October"), 4, "cannot be read"),
        (calendar("DTSTART;VALUE=DATE:20261026\nDTEND VALUE=DATE 20261031"), 4, "cannot be read"),
        (calendar("DESCRIPTION:when?"), 4, "cannot be read"),
        (calendar(), None, "has 0 whole events"),
        ("", None, "has 0 whole events"),
        (calendar("DTSTART;VALUE=DATE:20261026").removesuffix("END:VCALENDAR\r\n"), None, "has 0 whole events"),
        ("<html>", None, "is not an iCalendar file"),
        (calendar("RDATE;VALUE=PERIOD,:20261026T000000Z/P1D"), None, "is not an iCalendar file"),
    ],
)
def test_closures_that_cannot_be_counted_are_told_with_their_line(
    text: str, line: int | None, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "days.ics"
    file.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, with_hours("closures: days.ics"))
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == (str(file), line)
    assert told in problem.text


def test_closures_lie_beside_the_file(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, with_hours("closures: days.ics"))
    assert problem.startswith("9: fact: hours: 'closures' names the file ")
    assert problem.endswith("/days.ics', which cannot be read (No such file or directory)")


def test_the_closures_of_the_example_are_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "closures.ics").write_text(calendar("DTSTART;VALUE=DATE:20261026"), encoding="utf-8")
    plan = plan_of(tmp_path, example_text().replace("# closures", "closures"))
    assert plan.hours.closures == {date(2026, 10, 26)}


HOURS = [
    ("from: 9", "'from' should be a time from 00:00 to 23:59 like 08:00, not '9'"),
    ("to: '24:00'", "'to' should be a time from 00:00 to 23:59 like 17:00, not '24:00'"),
    ("to: '17:60'", "'to' should be a time"),
    ("from: '17:00', to: '08:00'", "'to' should be later than 'from', not 08:00 after 17:00"),
    ("from: '17:00'", "'to' should be later than 'from', not 17:00 after 17:00"),
    ("timezone: Europe/Londn", "'timezone' should be a time zone like Europe/London, not 'Europe/Londn'; did you mean"),
    ("timezone: Europe", "'timezone' should be a time zone"),
    ("timezone: ../../etc/passwd", "'timezone' should be a time zone"),
    ("timezone: ''", "'timezone' is empty"),
    ("outside: stop", "'outside' is 'stop'; expected one of continue, pause"),
    ("days: mon-", "'days' should be weekdays like mon-wed or mon, thu, not 'mon-'"),
    ("days: []", "'days' should be weekdays"),
    ("days: {mon: 1}", "'days' should be a text, not a mapping"),
    ("days: mon-wed-fri", "'days' should be weekdays like mon-wed or mon, thu, not 'mon-wed-fri'"),
    ("open: 9", "unknown key 'open'"),
]


@pytest.mark.parametrize(("hours", "told"), HOURS)
def test_bad_hours_are_told(hours: str, told: str, tmp_path: Path) -> None:
    found = problems_of(tmp_path, with_hours(hours))
    assert [problem for problem in found if problem.startswith(f"9: fact: hours: {told}")], found


def test_hours_may_be_left_out(tmp_path: Path) -> None:
    assert plan_of(tmp_path, SMALL).hours == Hours()


def test_a_school_may_be_open_on_one_day_only(tmp_path: Path) -> None:
    assert plan_of(tmp_path, with_hours("days: sat")).hours.days == {5}


TIMINGS = [
    "confirm_minutes: 0", "repeat_cap_minutes: -5", "keep_words_days: soon", "emergency_repeat_minutes: 1441",
    "confirm_minutes: nan", "keep_words_days: 0.5", "emergency_repeat_minutes: 61", "confirm_minutes: 1e1",
    "confirm_minute: 1",
]  # fmt: skip


@pytest.mark.parametrize("timings", TIMINGS)
def test_a_bad_timing_is_told(timings: str, tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, f"timings: {{{timings}}}\n{SMALL}")
    assert problem.startswith("1: timings: ")


NONE = {
    "": "1: should be a mapping with the key 'schools'",
    "- fact": "1: should be a mapping with the key 'schools'",
    "schools:": "1: 'schools' is empty",
    "schools: {}": "1: needs 'schools', a mapping from each school served",
    "schools: [fact]": "1: 'schools' should be a mapping, not a list",
    "schools: {fact: yes}": "1: 'fact' should be a mapping, not a text",
    "schools: {]": "1: is not YAML",
}


@pytest.mark.parametrize(("text", "told"), NONE.items())
def test_what_is_no_configuration_is_told(text: str, told: str, tmp_path: Path) -> None:
    assert [problem for problem in problems_of(tmp_path, text) if problem.startswith(told)]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"chatbot\.yaml: cannot be read \(No such file or directory\)"):
        read_config(tmp_path / "chatbot.yaml", SCHOOLS)


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    layers = "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in itertools.pairwise("abcdefghi"))
    assert "uses a YAML alias" in problems_of(tmp_path, f"a: &a [x, x]\n{layers}{SMALL}")[0]
