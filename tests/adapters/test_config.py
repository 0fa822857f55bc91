"""chatbot.yaml becomes plans and directories, or a list of everything that is wrong with it."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from adapters.config import PHONES, Config, ConfigError, Directory, example_text, read_config
from chatbot.plan import Hours, Outside, Plan, Timings
from chatbot.reply import Route

SCHOOLS = ("ashley", "fact")
TENANT = "11111111-2222-3333-4444-555555555555"
PERSON = "33333333-4444-5555-6666-77777777777A"
LEAD = "{name: A. Lead, slack: U0LEAD}"
HEAD = "{name: C. Head, slack: U0HEAD}"
CHAIR = "{name: D. Chair, slack: U0CHAIR}"
SMALL = f"""\
schools:
  fact:
    slack: {{team: T0001}}
    routes:
      dsl: {{people: [{LEAD}]}}
      headteacher: {{people: [{HEAD}]}}
      chair_of_governors: {{people: [{CHAIR}]}}
    phones: {{social_care: "01632 960100", lado: "01632 960101"}}
"""
OTHER = SMALL.removeprefix("schools:\n").replace("fact", "ashley")


def write(folder: Path, text: str) -> Path:
    path = folder / "chatbot.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[str]:
    """The problems, each as `line: text`."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path, SCHOOLS)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem).replace(f"{path}:", "", 1) for problem in caught.value.problems]


def config_of(folder: Path, text: str) -> Config:
    return read_config(write(folder, text), SCHOOLS)


def plan_of(folder: Path, text: str) -> Plan:
    return config_of(folder, text).plans["fact"]


def with_people(*people: str, route: str = "dsl", text: str = SMALL) -> str:
    old = {"dsl": LEAD, "headteacher": HEAD, "chair_of_governors": CHAIR}[route]
    assert f"[{old}]" in text
    return text.replace(f"[{old}]", f"[{', '.join(people)}]")


def test_the_example_has_neither_problem_nor_warning(tmp_path: Path) -> None:
    config = config_of(tmp_path, example_text())
    assert config.warnings == ()
    plan = config.plans["fact"]
    assert plan.hours == Hours()
    assert plan.timings == Timings()
    assert [contact.id for contact in plan.people[Route.DSL]][1:] == ["b.deputy@example.org", "c.deputy"]
    assert plan.channels == {Route.DSL: {"slack": "C0AB12CD3", "teams": "19:dsl@thread.tacv2"}}
    assert set(plan.phones) == {"social_care", "lado"}


def test_the_example_shows_every_key() -> None:
    keys = (
        "confirm_minutes repeat_cap_minutes emergency_repeat_minutes keep_words_days team enterprise groups tenant "
        "channel people id name slack teams email phone wait_minutes days from to timezone outside closures phones"
    )
    for key in (*keys.split(), *PHONES, *Route):
        assert f"{key}:" in example_text()


def test_a_plan_is_filled(tmp_path: Path) -> None:
    person = (
        f'{{name: B. Deputy, slack: U0DEP, teams: {PERSON}, email: B@Example.org, phone: "(01632) 960001 ext 4", '
        "wait_minutes: 2.5, days: mon-wed}"
    )
    text = with_people(LEAD, person) + "    hours: {from: 7:30, to: '16:00', outside: pause, timezone: Europe/Paris}\n"
    plan = plan_of(tmp_path, f"timings: {{confirm_minutes: 5, keep_words_days: 90}}\n{text}")
    lead, deputy = plan.people[Route.DSL]
    assert (lead.id, lead.name, lead.wait, lead.days) == (
        "U0LEAD",
        "A. Lead",
        timedelta(minutes=5),
        frozenset(range(7)),
    )
    assert (deputy.id, deputy.email, deputy.teams) == ("b@example.org", "b@example.org", PERSON.lower())
    assert (deputy.phone, deputy.wait, deputy.days) == (
        "(01632) 960001 ext 4",
        timedelta(minutes=2.5),
        frozenset({0, 1, 2}),
    )
    assert plan.hours == Hours(opens=time(7, 30), closes=time(16), zone="Europe/Paris", outside=Outside.PAUSE)
    assert plan.timings == Timings(confirm=timedelta(minutes=5), keep_words=timedelta(days=90))
    assert plan.phones == {"social_care": "01632 960100", "lado": "01632 960101"}
    assert plan.chain(Route.DSL) == (lead, deputy, *plan.people[Route.HEADTEACHER])


def test_waits_grow_with_the_position(tmp_path: Path) -> None:
    people = [f"{{name: P{n}, slack: U00{n}}}" for n in range(4)]
    found = plan_of(tmp_path, with_people(*people)).people[Route.DSL]
    assert [contact.wait.total_seconds() / 60 for contact in found] == [5, 10, 15, 15]


IDS = {
    f"id: lead, email: a@b.org, slack: U0LEAD, teams: {PERSON}": "lead",
    f"email: A@B.org, slack: U0LEAD, teams: {PERSON}": "a@b.org",
    f"slack: U0LEAD, teams: {PERSON}": "U0LEAD",
    f"teams: {PERSON}, phone: 01632 960001": PERSON.lower(),
}


@pytest.mark.parametrize(("keys", "id_"), IDS.items())
def test_the_id_is_the_first_that_is_there(keys: str, id_: str, tmp_path: Path) -> None:
    text = SMALL.replace("{team: T0001}", f"{{team: T0001}}\n    teams: {{tenant: {TENANT}}}")
    assert plan_of(tmp_path, with_people(f"{{name: A. Lead, {keys}}}", text=text)).people[Route.DSL][0].id == id_


def test_who_has_only_a_telephone_is_known_by_name(tmp_path: Path) -> None:
    config = config_of(tmp_path, with_people("{name: Zoë O'Hara, phone: 01632 960001}", route="chair_of_governors"))
    assert config.plans["fact"].people[Route.CHAIR_OF_GOVERNORS][0].id == "zoë-o-hara"
    assert [str(warning).split(": ", 1)[1] for warning in config.warnings] == [
        "fact: chair_of_governors: Zoë O'Hara: has only a telephone number, and the bot does not ring: "
        "they are never told by it"
    ]


def test_one_person_in_two_routes_is_one_person_with_every_address(tmp_path: Path) -> None:
    text = with_people("{id: head, name: C. Head, email: c@b.org, days: mon}", LEAD)
    text = with_people("{id: head, name: C. HEAD, slack: U0HEAD}", route="headteacher", text=text)
    plan = plan_of(tmp_path, text)
    first, second = plan.people[Route.DSL][0], plan.people[Route.HEADTEACHER][0]
    assert (
        (first.id, first.slack, first.email) == (second.id, second.slack, second.email) == ("head", "U0HEAD", "c@b.org")
    )
    assert (first.days, second.days) == (frozenset({0}), frozenset(range(7)))


def test_two_people_of_one_name_have_an_id_each(tmp_path: Path) -> None:
    people = "{id: first, name: A. Lead, slack: U0ONE}", "{id: second, name: A. Lead, slack: U0TWO}"
    assert [contact.id for contact in plan_of(tmp_path, with_people(*people)).contacts][:2] == ["first", "second"]


def test_one_person_may_serve_two_schools(tmp_path: Path) -> None:
    config = config_of(tmp_path, SMALL + OTHER)
    assert config.plans["fact"].people == config.plans["ashley"].people


WRONG = [
    ("schools:\n", "timing: {}\nschools:\n", 1, "unknown key 'timing'; did you mean 'timings'?"),
    ("  fact:", "  fcat:", 2, "no school named 'fcat'; known are ashley, fact; did you mean 'fact'?"),
    ("    phones", "    phone: x\n    phones", 8, "fact: unknown key 'phone'; did you mean 'phones'?"),
    ("dsl: {", "dsls: {", 4, "fact: needs the route 'dsl'"),
    ("dsl: {", "dsls: {", 5, "fact: routes: unknown key 'dsls'; did you mean 'dsl'?"),
    ("{people: [" + HEAD + "]}", "{people: []}", 6, "routes: headteacher: needs 'people', a list of at least one"),
    ("{people: [" + HEAD + "]}", "{}", 6, "routes: headteacher: needs 'people'"),
    ("{people: [" + HEAD + "]}", "", 6, "routes: 'headteacher' is empty; fill it in or leave it out"),
    ("[" + HEAD + "]", HEAD, 6, "should be a list, not a mapping"),
    (HEAD, "C. Head", 6, "each item should be a mapping, not a text"),
    (HEAD, "{slack: U0HEAD}", 6, "fact: headteacher: 1: needs 'name'"),
    (HEAD, "{name: C. Head}", 6, "fact: headteacher: C. Head: cannot be reached; needs one of slack, teams"),
    (HEAD, "{name: C. Head, slak: U0HEAD}", 6, "unknown key 'slak'; did you mean 'slack'?"),
    (HEAD, "{name: C. Head, slack: c.head}", 6, "'slack' should be a Slack member id like U0AB12CD3"),
    (HEAD, "{name: C. Head, teams: <Entra object id>}", 6, "'teams' should be an Entra object id"),
    (HEAD, "{name: C. Head, teams: " + PERSON + "}", 6, "can be reached on teams only, which the school does not name"),
    (HEAD, "{name: '', email: head}", 6, "'email' should be an address like dsl@example.org, not 'head'"),
    (HEAD, "{name: C. Head, phone: ask the office}", 6, "'phone' should be a telephone number like 01632 960001"),
    (HEAD, "{name: C. Head, id: 'a,b', slack: U0HEAD}", 6, "'id' should be letters, digits and"),
    (HEAD, "{name: C. Head, id: chatbot, slack: U0HEAD}", 6, "needs an 'id' of its own, and not 'chatbot'"),
    (HEAD, "{name: '...', phone: 01632 960001}", 6, "needs an 'id' of its own"),
    (HEAD, "{name: C. Head, slack: U0HEAD, days: noday}", 6, "'days' should be weekdays like mon-wed or mon, thu"),
    (HEAD, "{name: C. Head, slack: U0HEAD, wait_minutes: 0}", 6, "'wait_minutes' should be a number of minutes"),
    (HEAD, "{name: C. Head, slack: U0HEAD, wait_minutes: 61}", 6, "'wait_minutes' is more than repeat_cap_minutes"),
    (HEAD, HEAD + ", " + HEAD, 6, "stands twice in this route; once is enough"),
    (HEAD, "{name: C. Head, slack: U0LEAD}", 6, "has the id 'U0LEAD' of A. Lead (line 5) but another name"),
    (HEAD, "{name: C. Head, email: c@b.org, slack: U0LEAD}", 6, "has the same slack as A. Lead (line 5), but the id"),
    (HEAD, "{name: C. Head, id: head, slack: U0LEAD}", 6, "'head' and not 'U0LEAD'"),
    (HEAD, "{name: A. LEAD, slack: U0HEAD}", 6, "has the same name as A. Lead (line 5), but the id 'U0HEAD'"),
    ("{team: T0001}", "{tema: T0001}", 3, "fact: slack: unknown key 'tema'; did you mean 'team'?"),
    ("{team: T0001}", "{groups: [S0001]}", 3, "fact: slack: needs 'team', a Slack workspace id"),
    (
        "{team: T0001}",
        "{team: our-school}",
        3,
        "'team' should be a Slack workspace id like T0AB12CD3, not 'our-school'",
    ),
    ("{team: T0001}", "{team: T0001, groups: ['@staff']}", 3, "'groups' should be Slack user group ids"),
    ("{team: T0001}", "{team: T0001}\n    teams: {tenant: school.org}", 4, "'tenant' should be a Microsoft 365 tenant"),
    ("dsl: {", "dsl: {channel: {slack: '#dsl'}, ", 5, "dsl: channel: 'slack' should be a Slack channel id"),
    ("dsl: {", "dsl: {channel: {teams: 19:x@thread.tacv2}, ", 5, "names a channel, but the school has no 'teams'"),
    ("lado: ", "police: 999, lado: ", 8, "fact: phones: unknown key 'police'"),
    ('"01632 960101"', "none yet", 8, "fact: phones: 'lado' should be a telephone number"),
    ("slack: {team: T0001}", "slack: &a {team: T0001}\n    teams: *a", 3, "uses a YAML alias"),
    (
        HEAD,
        "{name: &a " + "x" * 300 + ", slack: U0HEAD, email: *a}",
        6,
        "has a value of 300 characters; 200 is the most",
    ),
    ("C. Head", '"C.\\u202eHead"', 6, "has a character that cannot be seen"),
    ("lado:", "social_care:", 8, "has the key 'social_care' twice"),
]


@pytest.mark.parametrize(("old", "new", "line", "told"), WRONG, ids=[told for *_, told in WRONG])
def test_a_fault_is_told_with_its_line_and_what_to_do(old: str, new: str, line: int, told: str, tmp_path: Path) -> None:
    assert old in SMALL
    found = problems_of(tmp_path, SMALL.replace(old, new, 1))
    assert [problem for problem in found if problem.startswith(f"{line}: ") and told in problem], found


def test_every_fault_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "timings: {confirm_minutes: x}\n" + SMALL.replace("T0001", "x").replace("U0HEAD", "x").replace("lado", "la")
    assert [problem.split(":")[0] for problem in problems_of(tmp_path, text)] == ["1", "4", "7", "9"]


def test_a_channel_is_never_that_of_another_route(tmp_path: Path) -> None:
    text = SMALL.replace("dsl: {", "dsl: {channel: {slack: C0DSL}, ")
    (problem,) = problems_of(tmp_path, text.replace("headteacher: {", "headteacher: {channel: {slack: C0DSL}, "))
    assert problem.startswith("6: fact: routes: headteacher: channel: 'slack' is the channel of 'dsl' too")
    other = OTHER.replace("dsl: {", "dsl: {channel: {slack: C0DSL}, ")
    assert config_of(tmp_path, text + other).plans["ashley"].channels == {Route.DSL: {"slack": "C0DSL"}}


def test_a_dsl_who_can_only_be_telephoned_is_refused_unless_there_is_a_channel(tmp_path: Path) -> None:
    text = with_people("{name: A. Lead, phone: 01632 960001}")
    assert [problem for problem in problems_of(tmp_path, text) if "nobody of the route 'dsl' is ever told" in problem]
    assert config_of(tmp_path, text.replace("dsl: {", "dsl: {channel: {slack: C0DSL}, "))


LAW = "Keeping children safe in education sends a concern about"


GAPS = [
    (f"      headteacher: {{people: [{HEAD}]}}\n", "", f"no route 'headteacher': {LAW} a member of staff there; such a "
     "report goes to the chair of governors instead"),
    (f"      chair_of_governors: {{people: [{CHAIR}]}}\n", "", f"no route 'chair_of_governors': {LAW} the headteacher "
     "there; such a report reaches nobody, and its reporter is told to telephone"),
    (CHAIR, HEAD, "everyone of 'chair_of_governors' is of 'headteacher' too"),
    (LEAD, f"{LEAD}, {HEAD}, {CHAIR}", "everyone of the other routes is of 'dsl' too: a report about the DSL"),
    (LEAD, "{name: A. Lead, slack: U0LEAD, days: mon-wed}", "nobody of 'dsl' is on the rota on thursday, friday"),
    (', lado: "01632 960101"', "", "'phones' lacks lado: a reporter who finds nobody is shown 999 only"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), GAPS)
def test_a_gap_is_warned_of(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert old in SMALL
    (warning,) = config_of(tmp_path, SMALL.replace(old, new, 1)).warnings
    assert warning.line
    assert told in str(warning)


def test_a_school_without_a_platform_is_warned_of(tmp_path: Path) -> None:
    text = SMALL.replace("    slack: {team: T0001}\n", "").replace("slack: U0", "email: a@b.u")
    (warning,) = config_of(tmp_path, text).warnings
    assert str(warning).endswith("fact: has neither 'slack' nor 'teams': its staff cannot ask or report there")


def test_a_whole_configuration_warns_of_nothing(tmp_path: Path) -> None:
    assert config_of(tmp_path, SMALL).warnings == ()


def test_workspaces_and_groups_lead_to_their_school(tmp_path: Path) -> None:
    slack = "{team: [T0001, T0002], enterprise: E0001, groups: [S0001]}"
    fact = SMALL.replace("{team: T0001}", f"{slack}\n    teams: {{tenant: {PERSON}, groups: {TENANT}}}")
    config = config_of(tmp_path, fact + OTHER)
    assert config.slack.homes == {"T0001": ("fact", "ashley"), "T0002": ("fact",), "E0001": ("fact",)}
    assert config.slack.groups == {"S0001": "fact"}
    assert config.teams == Directory({PERSON.lower(): ("fact",)}, {TENANT: "fact"})


def test_a_group_of_two_schools_is_told(tmp_path: Path) -> None:
    text = (SMALL + OTHER).replace("{team: T0001}", "{team: T0001, groups: [S0001]}")
    (problem,) = problems_of(tmp_path, text)
    assert problem.endswith("ashley: slack: the group 'S0001' is of 'fact' too; a group has one school")


BELONGING = [
    (("T1",), (), "cd"), (("T1",), ("S1",), "a"), (("T1",), ("S1", "S2", "S9"), "ab"), (("T1",), ("S3",), "cd"),
    (("T2",), (), "ab"), (("T2",), ("S2",), "b"), (("T9", "E1"), (), "e"), (("T2", "E1"), (), "ab"),
    (("T9",), ("S1",), ""), ((), (), ""),
]  # fmt: skip


@pytest.mark.parametrize(("homes", "groups", "schools"), BELONGING)
def test_a_person_belongs_to_the_schools_of_their_workspace_and_groups(
    homes: tuple[str, ...], groups: tuple[str, ...], schools: str
) -> None:
    here = {"T1": ("a", "b", "c", "d"), "T2": ("a", "b"), "E1": ("e",)}
    assert Directory(here, {"S1": "a", "S2": "b", "S3": "e"}).schools_of(homes, groups) == tuple(schools)
