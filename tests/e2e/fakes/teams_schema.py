"""A small language for the shapes of cards: a check looks at a value and notes what is wrong, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Spot:
    """Where in a card a check stands, and what was noted so far: what makes it malformed, and what merely is poor."""

    path: str = "$"
    problems: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def at(self, step: str | int) -> Spot:
        """One step further in."""
        return replace(self, path=f"{self.path}[{step}]" if isinstance(step, int) else f"{self.path}.{step}")

    def bad(self, what: str) -> None:
        """Note that the card is malformed here."""
        self.problems.append(f"{self.path}: {what}")

    def poor(self, kind: str, what: str) -> None:
        """Note what a first-class card does not do."""
        self.faults.append((kind, f"{self.path}: {what}"))


Check = Callable[[Any, Spot], None]


def string(value: Any, spot: Spot) -> None:
    """Text."""
    if not isinstance(value, str):
        spot.bad(f"must be a string, not {value!r}")


def filled(value: Any, spot: Spot) -> None:
    """Text that says something."""
    string(value, spot)
    if isinstance(value, str) and not value.strip():
        spot.bad("must not be empty")


def boolean(value: Any, spot: Spot) -> None:
    """True or false, not text that says so."""
    if not isinstance(value, bool):
        spot.bad(f"must be a boolean, not {value!r}")


def number(value: Any, spot: Spot) -> None:
    """A number, not text that says so."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        spot.bad(f"must be a number, not {value!r}")


def choice(*allowed: str) -> Check:
    """One of some words, in whatever case."""
    known = {each.lower() for each in allowed}

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, str) or value.lower() not in known:
            spot.bad(f"must be one of {', '.join(allowed)}, not {value!r}")

    return check


def matching(pattern: str, says: str) -> Check:
    """Text of a form."""

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.IGNORECASE):
            spot.bad(f"must be {says}, not {value!r}")

    return check


def anything(value: Any, spot: Spot) -> None:
    """Whatever it is."""


def an_object(value: Any, spot: Spot) -> None:
    """An object with any keys."""
    if not isinstance(value, dict):
        spot.bad(f"must be an object, not {value!r}")


def items(check: Check, least: int = 0, most: int | None = None) -> Check:
    """A list, each of whose items passes."""

    def all_of(value: Any, spot: Spot) -> None:
        if not isinstance(value, list):
            spot.bad(f"must be an array, not {value!r}")
            return
        if len(value) < least:
            spot.bad(f"must have at least {least} items")
        if most is not None and len(value) > most:
            spot.bad(f"must have at most {most} items, not {len(value)}")
        for index, each in enumerate(value):
            check(each, spot.at(index))

    return all_of


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no other."""
    known = {**(optional or {}), **required}

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, dict):
            spot.bad(f"must be an object, not {value!r}")
            return
        for key in required:
            if key not in value:
                spot.bad(f"lacks the property {key!r}")
        for key, inner in value.items():
            if key not in known:
                spot.bad(f"has the unknown property {key!r}")
            else:
                known[key](inner, spot.at(key))

    return check


def typed(kinds: Mapping[str, Check], implied: str | None = None) -> Check:
    """An object whose `type` says which shape it has; some places imply it."""

    def check(value: Any, spot: Spot) -> None:
        if not isinstance(value, dict):
            spot.bad(f"must be an object, not {value!r}")
            return
        kind = value.get("type", implied)
        if not isinstance(kind, str) or kind not in kinds:
            spot.bad(f"is of the unknown type {kind!r}")
        else:
            kinds[kind]({key: inner for key, inner in value.items() if key != "type"}, spot)

    return check


def either(*checks: Check) -> Check:
    """At least one of these passes."""

    def check(value: Any, spot: Spot) -> None:
        tried = [Spot(spot.path) for _ in checks]
        for each, noted in zip(checks, tried, strict=True):
            each(value, noted)
        best = min(tried, key=lambda noted: len(noted.problems))
        spot.problems.extend(best.problems)
        spot.faults.extend(best.faults)

    return check


def both(*checks: Check) -> Check:
    """Every one of these."""

    def check(value: Any, spot: Spot) -> None:
        for each in checks:
            each(value, spot)

    return check
