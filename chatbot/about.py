"""Whom the words of a report may be about: by name, by role, and as its own reporter. Pure.

Wrongly left out means one step up; wrongly told cannot be undone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chatbot.plan import Contact, Plan
from chatbot.reply import Route

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_PLAIN = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_DSL_ROLE = re.compile(
    r"\b(dd?sls?|d s l|designated (leads?|person)|child protection (officers?|lead)"
    r"|safeguarding (leads?|officers?|lady|man|person|deputy|deputies))\b"
)
_CHAIR_ROLE = re.compile(r"\bchair(man|woman|person)? of (the |our )?(governors|governing|trustees|board)\b")
_TITLES = ("mr", "mrs", "ms", "miss", "dr", "mister", "sir")
_ROLES = frozenset({"head", "lead", "deputy", "chair"})


def excluded(words: Iterable[str], route: Route, plan: Plan, reporter: str = "") -> frozenset[str]:
    """Ids of the contacts whom a report of these words may be about: they never learn of it.

    Only a report about an adult excludes: by name, by role, and the reporter where they are in the plan (they may be
    telling on themselves). On the way to the chair of governors everyone of the headteacher's route is left out.
    """
    if route is Route.DSL:
        return frozenset()
    said = " ".join(word.removesuffix("'s") for word in _WORD.findall(" ".join(words)))
    last_step = {c.id for c in plan.people.get(Route.CHAIR_OF_GOVERNORS, ())}
    found = {
        c.id
        for c in plan.contacts
        # A surname may be an everyday word ("down the hill"). On the last step nobody would be left to tell.
        if _is_self(c, reporter) or _is_named(c.name, f" {said} ", surely=c.id in last_step)
    }
    if _DSL_ROLE.search(said):
        found |= {contact.id for contact in plan.people.get(Route.DSL, ())}
    if route is Route.HEADTEACHER and _CHAIR_ROLE.search(said):
        found |= {contact.id for contact in plan.people.get(Route.CHAIR_OF_GOVERNORS, ())}
    if route is Route.CHAIR_OF_GOVERNORS:
        found |= {contact.id for contact in plan.people.get(Route.HEADTEACHER, ())}
    return frozenset(found)


def _is_self(contact: Contact, reporter: str) -> bool:
    """Whether the reporter, as their platform names them, is this contact."""
    return bool(reporter) and reporter.lower() in {
        one.lower() for one in (contact.id, contact.slack, contact.teams, contact.email)
    }


def _is_named(name: str, said: str, *, surely: bool) -> bool:
    """Whether the words name this person. Where it must be sure, or the surname is also a role, it counts only
    behind a title or first name.
    """
    given = unicodedata.normalize("NFKC", name).lower().replace("’", "'")
    *first, last = _WORD.findall(re.split("[(,]", given)[0]) or [""]
    if surely or last in _ROLES:
        return any(f" {before} {last} " in said for before in (*_TITLES, *(one for one in first if len(one) > 1)))
    bare = "".join(c for c in unicodedata.normalize("NFKD", last) if not unicodedata.combining(c))
    # The reader keeps plain letters only: an accented one parts a word in two.
    forms = {last, bare, " ".join(_PLAIN.findall(last))}
    return any(f" {form} " in said for form in forms if len(form) > 1)
