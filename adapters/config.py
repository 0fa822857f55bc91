"""chatbot.yaml, who is who at each school, into frozen values. Every problem is told at once, with file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from adapters.config_fields import (
    SHAPES,
    WEEK,
    ids,
    is_small,
    read_days,
    read_hours,
    read_span,
    read_timings,
    shaped,
    under,
)
from chatbot.errors import ChatbotError, Problem
from chatbot.knowledge.documents import Table, read_document
from chatbot.knowledge.reader import Entry, suggestion
from chatbot.plan import Contact, Plan, Timings
from chatbot.reply import Route

BOT = "chatbot"
"""What the audit trail calls the bot: nobody's id."""
PHONES = ("social_care", "lado")
"""Whose telephone numbers a school may give."""
WAITS = (5, 10, 15)
"""Minutes that the first, second and every later person of a route are given where the file does not say."""
WAYS = ("slack", "teams", "email", "phone")
PLATFORMS = {"slack": ("team", "enterprise"), "teams": ("tenant",)}
"""The chat platforms, and the keys that say where a school is on each."""


class ConfigError(ChatbotError):
    """chatbot.yaml cannot be used; `problems` lists every fault at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Directory:
    """Which schools are where on one platform. Ids of Teams are in small letters."""

    homes: Mapping[str, tuple[str, ...]]
    """Slack workspace, Enterprise Grid or Teams tenant → its schools, in the order of the file."""
    groups: Mapping[str, str]
    """User group → its school."""

    def schools_of(self, homes: Iterable[str], groups: Collection[str] = ()) -> tuple[str, ...]:
        """The schools that a person may belong to: none for a stranger; of several the person chooses once.

        The first known of `homes` decides (workspace, then grid). The person's groups narrow it; who is in no group
        belongs to the schools that name none, and chooses among all where every school names one.
        """
        here = next((self.homes[home] for home in homes if home in self.homes), ())
        mine, grouped = {self.groups.get(group) for group in groups}, set(self.groups.values())
        return tuple(s for s in here if s in mine) or tuple(s for s in here if s not in grouped) or here


@dataclass(frozen=True, slots=True)
class Config:
    """What chatbot.yaml says. `warnings` do not stop anything, but somebody has to read them."""

    plans: Mapping[str, Plan]
    slack: Directory
    teams: Directory
    warnings: tuple[Problem, ...] = ()


def example_text() -> str:
    """A commented chatbot.yaml with one school."""
    return Path(__file__).with_name("config_example.yaml").read_text(encoding="utf-8")


def read_config(path: Path, schools: Collection[str]) -> Config:
    """The configuration in `path`, for any of `schools`. Raises ConfigError with every problem."""
    problems: list[Problem] = []
    config = None
    document = read_document(path, str(path), problems)
    if not isinstance(document, Table):
        if not problems:
            problems.append(Problem(str(path), 1, "should be a mapping with the key 'schools'"))
    elif is_small(document, str(path), problems):
        config = _config(Entry(document, str(path), problems), path.parent, schools)
    if config is None or problems:
        raise ConfigError(sorted(dict.fromkeys(problems), key=lambda found: (found.path, found.line or 0)))
    return config


@dataclass(frozen=True, slots=True)
class _Mention:
    """A person where a route names them; the same person may stand in several."""

    school: str
    route: Route
    row: Entry
    contact: Contact


def _config(top: Entry, folder: Path, known: Collection[str]) -> Config:
    top.only("timings", "schools")
    timings, listed = read_timings(under(top, "timings")), under(top, "schools", "")
    found = [under(listed, key) for key in listed.table]
    if not found:
        top.problem("needs 'schools', a mapping from each school served to its people", "schools")
    mentions = _whole([mention for school in found for mention in _mentions(school, timings)])
    channels: dict[str, Route] = {}
    warnings: list[Problem] = []
    plans: dict[str, Plan] = {}
    for school in found:
        if school.name not in known:
            near = suggestion(school.name, known)
            listed.problem(f"no school named {school.name!r}; known are {', '.join(sorted(known))}{near}", school.name)
        school.only(*PLATFORMS, "routes", "hours", "phones")
        mine = [mention for mention in mentions if mention.school == school.name]
        people: dict[Route, tuple[Contact, ...]] = {}
        for mention in mine:
            people[mention.route] = (*people.get(mention.route, ()), mention.contact)
        phones = under(school, "phones")
        phones.only(*PHONES)
        plan = Plan(
            school.name,
            people,
            _channels(school, channels),
            read_hours(under(school, "hours"), folder),
            {key: shaped(phones, key, "phone") for key in PHONES if key in phones.table},
            timings,
        )
        _reach(school, plan, mine, warnings)
        _warn(_noting(school, warnings), plan)
        plans[school.name] = plan
    slack, teams = (_directory(found, platform, keys) for platform, keys in PLATFORMS.items())
    return Config(plans, slack, teams, tuple(warnings))


def _noting(entry: Entry, problems: list[Problem]) -> Entry:
    return Entry(entry.table, entry.shown, problems, entry.name)


def _mentions(school: Entry, timings: Timings) -> Iterator[_Mention]:
    routes = under(school, "routes")
    routes.only(*(route.value for route in Route))
    if Route.DSL not in routes.table:
        school.problem("needs the route 'dsl': without it a report about a child reaches nobody", "routes")
    for route in Route:
        place = under(routes, route.value)
        place.only("channel", "people")
        listed = bool(place.table.get("people"))
        if route in routes.table and not listed:
            place.problem("needs 'people', a list of at least one, in the order in which they are told", "people")
        for position, row in enumerate(place.entries("people") if listed else ()):
            named = row.table.get("name")
            row.name = f"{school.name}: {route}: {named if isinstance(named, str) and named else position + 1}"
            contact = _contact(row, position)
            if "wait_minutes" in row.table and contact.wait > timings.repeat_cap:
                row.problem("'wait_minutes' is more than repeat_cap_minutes, which would cut it short", "wait_minutes")
            yield _Mention(school.name, route, row, contact)


def _contact(row: Entry, position: int) -> Contact:
    row.only("id", "name", *WAYS, "wait_minutes", "days")
    name = row.text("name")
    slack, teams, email, phone = (shaped(row, way) for way in WAYS)
    id_ = shaped(row, "id") or email or slack or teams or re.sub(r"[\W_]+", "-", name.lower()).strip("-")
    if name and id_ in ("", BOT):
        row.problem(f"needs an 'id' of its own, and not {BOT!r}", "id")
    wait = read_span(row, "wait_minutes", timedelta(minutes=WAITS[min(position, len(WAITS) - 1)]))
    return Contact(id_, name, wait, slack, teams, email, phone, read_days(row, frozenset(range(7))))


def _whole(mentions: Sequence[_Mention]) -> list[_Mention]:
    """The mentions, each person's with every address that is given for them anywhere.

    Whoever a report is about never receives it: so one person has one id, and an address is one person's.
    """
    people: dict[str, Contact] = {}
    first: dict[tuple[str, ...], _Mention] = {}
    for mention in mentions:
        row, contact = mention.row, mention.contact
        known, before = people.get(contact.id, contact), first.setdefault(("id", contact.id), mention)
        for key in ("name", *WAYS):
            here, there = getattr(contact, key), getattr(known, key)
            if here and there and here.lower() != there.lower():
                row.problem(
                    f"has the id {contact.id!r} of {known.name} (line {before.row.line()}) but another {key}: "
                    f"two people need an 'id' each, one person the same {key} everywhere"
                )
        people[contact.id] = _joined(known, contact)
        if first.setdefault(("route", mention.school, mention.route, contact.id), mention) is not mention:
            row.problem("stands twice in this route; once is enough")
        marks = [(way, getattr(contact, way)) for way in WAYS[:3]] + [("name", contact.name.lower(), mention.school)]
        for mark in marks:
            other = first.setdefault(mark, mention) if mark[1] else mention
            told_apart = mark[0] == "name" and "id" in row.table and "id" in other.row.table
            if other.contact.id != contact.id and not told_apart:
                row.problem(
                    f"has the same {mark[0]} as {other.contact.name} (line {other.row.line()}), but the id "
                    f"{contact.id!r} and not {other.contact.id!r}: one person needs the same 'id' everywhere, "
                    f"two people need an 'id' each and addresses of their own"
                )
    return [replace(mention, contact=_joined(mention.contact, people[mention.contact.id])) for mention in mentions]


def _joined(contact: Contact, other: Contact) -> Contact:
    slack, teams, email, phone = (getattr(contact, way) or getattr(other, way) for way in WAYS)
    return replace(contact, slack=slack, teams=teams, email=email, phone=phone)


def _reach(school: Entry, plan: Plan, mentions: Sequence[_Mention], warnings: list[Problem]) -> None:
    """Whether everybody can be reached by what the school has."""
    able = set(plan.channels.get(Route.DSL, ()))
    for mention in mentions:
        ways = {way for way in WAYS if getattr(mention.contact, way)}
        here = {way for way in ways if way in school.table or way not in PLATFORMS}
        if not ways:
            mention.row.problem(f"cannot be reached; needs one of {', '.join(WAYS)}")
        elif not here:
            mention.row.problem(f"can be reached on {' and '.join(sorted(ways))} only, which the school does not name")
        elif here == {"phone"}:
            text = "has only a telephone number, and the bot does not ring: they are never told by it"
            _noting(mention.row, warnings).problem(text)
        if mention.route is Route.DSL:
            able |= ways - {"phone"}
    if plan.people.get(Route.DSL) and not able:
        school.problem("nobody of the route 'dsl' is ever told by the bot; give an e-mail address, Slack or Teams")


def _warn(noted: Entry, plan: Plan) -> None:
    """What is allowed, but leaves a gap that somebody has to know of."""
    dsl, heads, chairs = ({contact.id for contact in plan.people.get(route, ())} for route in Route)
    law, lost = "Keeping children safe in education sends", "reaches nobody, and its reporter is told to telephone"
    if not heads:
        instead = "goes to the chair of governors instead" if chairs else lost
        text = f"no route 'headteacher': {law} a concern about a member of staff there; such a report {instead}"
        noted.problem(text, "routes")
    if not chairs - heads:
        why = "everyone of 'chair_of_governors' is of 'headteacher' too" if chairs else "no route 'chair_of_governors'"
        noted.problem(f"{why}: {law} a concern about the headteacher there; such a report {lost}", "routes")
    if heads and dsl >= heads | chairs:
        noted.problem(f"everyone of the other routes is of 'dsl' too: a report about the DSL {lost}", "routes")
    if gaps := plan.hours.days.difference(*(contact.days for contact in plan.people.get(Route.DSL, ()))):
        days = ", ".join(WEEK[day] for day in sorted(gaps))
        noted.problem(f"nobody of 'dsl' is on the rota on {days}: reports then start one step up", "routes")
    if missing := [key for key in PHONES if key not in plan.phones]:
        noted.problem(
            f"'phones' lacks {' and '.join(missing)}: a reporter who finds nobody is shown 999 only", "phones"
        )
    if not PLATFORMS.keys() & noted.table.keys():
        noted.problem("has neither 'slack' nor 'teams': its staff cannot ask or report there")


def _channels(school: Entry, used: dict[str, Route]) -> dict[Route, dict[str, str]]:
    """The channels of each route; `used` are those of all schools so far."""
    channels: dict[Route, dict[str, str]] = {}
    routes = under(school, "routes")
    for route in (route for route in Route if "channel" in under(routes, route.value).table):
        entry = under(under(routes, route.value), "channel")
        entry.only(*PLATFORMS)
        for platform in (platform for platform in PLATFORMS if platform in entry.table):
            channel = shaped(entry, platform, f"{platform} channel")
            channels.setdefault(route, {})[platform] = channel
            if platform not in school.table:
                entry.problem(f"{platform!r} names a channel, but the school has no {platform!r} of its own", platform)
            if (other := used.setdefault(channel, route)) is not route:
                entry.problem(f"{platform!r} is the channel of {other.value!r} too, which must not see these", platform)
    return channels


def _directory(found: Sequence[Entry], platform: str, keys: Sequence[str]) -> Directory:
    homes: dict[str, tuple[str, ...]] = {}
    groups: dict[str, str] = {}
    for school in (school for school in found if platform in school.table):
        entry = under(school, platform)
        entry.only(*keys, "groups")
        here = [home for key in keys for home in ids(entry, key, f"{platform} {key}")]
        if not here:
            entry.problem(f"needs {keys[0]!r}, {SHAPES[f'{platform} {keys[0]}'][1]}")
        homes |= {home: (*homes.get(home, ()), school.name) for home in dict.fromkeys(here)}
        for group in ids(entry, "groups", f"{platform} groups"):
            if (other := groups.setdefault(group, school.name)) != school.name:
                entry.problem(f"the group {group!r} is of {other!r} too; a group has one school", "groups")
    return Directory(homes, groups)
