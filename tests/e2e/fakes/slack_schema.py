"""A small language for shapes of JSON: a check looks at a value and notes what is wrong, as Slack words it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from tests.e2e.fakes.slack_state import Json

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True)
class Spot:
    """Where in the JSON a check stands, and what it has noted so far."""

    path: str
    surface: Surface
    problems: list[str] = field(default_factory=list)

    def at(self, step: str | int) -> Spot:
        """One step further in."""
        return replace(self, path=f"{self.path}/{step}")

    def bad(self, what: str) -> None:
        """Note a problem here."""
        self.problems.append(f"{what} [json-pointer:{self.path}]")


Check = Callable[[Any, Spot], None]


def string(most: int, least: int = 1) -> Check:
    """Text of a length."""

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, str):
            spot.bad("must provide a string")
        elif len(value) > most:
            spot.bad(f"must be less than {most + 1} characters")
        elif len(value) < least:
            spot.bad(f"must be more than {least - 1} characters")

    return check


def boolean(value: Any, spot: Spot) -> None:
    """True or false, not text that says so."""
    if not isinstance(value, bool):
        spot.bad("must provide a boolean")


def integer(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            spot.bad("must provide an integer")
        elif not least <= value <= most:
            spot.bad(f"must be between {least} and {most}")

    return check


def choice(*allowed: str) -> Check:
    """One of some words."""

    def check(value: Any, spot: Spot) -> None:
        if value not in allowed:
            spot.bad(f"must be one of the following values: {', '.join(allowed)}")

    return check


def matching(pattern: str, says: str, most: int = 3000) -> Check:
    """Text of a form."""

    def check(value: Any, spot: Spot) -> None:
        string(most)(value, spot)
        if isinstance(value, str) and value and not re.fullmatch(pattern, value):
            spot.bad(says)

    return check


link = matching(r"(https?|slack)://[^\s<>]+|mailto:[^\s<>]+", "must be a valid URL")
web_address = matching(r"https?://[^\s<>]+", "must be a valid URL")


def day(value: Any, spot: Spot) -> None:
    """A date as YYYY-MM-DD."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        spot.bad("must be a valid date string")


def items(check: Check, most: int, least: int = 1) -> Check:
    """A list, each of whose items passes."""

    def all_of(value: Any, spot: Spot) -> None:
        if not isinstance(value, list):
            spot.bad("must provide an array")
            return
        if len(value) > most:
            spot.bad(f"no more than {most} items allowed")
        if len(value) < least:
            spot.bad(f"no less than {least} items allowed")
        for index, each in enumerate(value):
            check(each, spot.at(index))

    return all_of


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no other."""
    known = {**required, **(optional or {})}

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, dict):
            spot.bad("must provide an object")
            return
        for key in required:
            if key not in value:
                spot.bad(f"missing required field: {key}")
        for key, inner in value.items():
            if key not in known:
                spot.bad(f"invalid additional property: {key}")
            else:
                known[key](inner, spot.at(key))

    return check


def anything(value: Any, spot: Spot) -> None:
    """Whatever it is."""


def typed(kinds: Mapping[str, Check], only: Iterable[str] | None = None) -> Check:
    """An object whose `type` says which shape it has; `only` are those allowed here."""
    allowed = frozenset(kinds if only is None else only)
    if missing := allowed - set(kinds):
        raise ValueError(f"no shape for {sorted(missing)}")

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, dict):
            spot.bad("must provide an object")
        elif not isinstance(value.get("type"), str):
            spot.bad("missing required field: type")
        elif value["type"] not in allowed:
            spot.at("type").bad(f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]]({key: inner for key, inner in value.items() if key != "type"}, spot)

    return check


def both(*checks: Check) -> Check:
    """Every one of these."""

    def check(value: Any, spot: Spot) -> None:
        for each in checks:
            each(value, spot)

    return check


def one_of(*keys: str, exactly: bool = False) -> Check:
    """At least, or exactly, one of these keys is there."""

    def check(value: Any, spot: Spot) -> None:
        present = [key for key in keys if isinstance(value, dict) and key in value]
        if not present:
            spot.bad(f"missing required field: {' or '.join(keys)}")
        elif exactly and len(present) > 1:
            spot.bad(f"only one of {', '.join(keys)} may be given")

    return check


def unique(key: str, values: Iterable[tuple[Json, Spot]]) -> None:
    """No two objects have the same `key`."""
    seen: set[Any] = set()
    for value, spot in values:
        given = value.get(key)
        if isinstance(given, str):
            if given in seen:
                spot.at(key).bad(f"`{key}` {given!r} already exists")
            seen.add(given)
