"""The same made-up school, replies and reports as for Slack, and the people as Teams knows them."""

from __future__ import annotations

from dataclasses import replace

from chatbot.plan import Contact, Plan
from tests.adapters.slack import samples as shared

TEAMS_IDS = {
    contact_id: f"00000000-0000-4000-8000-00000000000{number}"
    for number, contact_id in enumerate(("lead", "deputy", "head", "chair"), 1)
}


def _teams(contact: Contact) -> Contact:
    return replace(contact, teams=TEAMS_IDS[contact.id])


PLAN: Plan = replace(
    shared.PLAN, people={route: tuple(map(_teams, people)) for route, people in shared.PLAN.people.items()}
)
INBOX = "https://policies.example/desk"
REPORT_URL = f"{INBOX}/R-ABCDEF"
REPORTER = "Tess Teacher"
NASTY = (
    "<at>Anna</at> **b** _i_ ~~s~~ `c` [x](https://evil.example) ![p](https://evil.example/p.png) <b>h</b> &lt; "
    "https://evil.example www.evil.example tel:999 {{DATE(2026-01-01T00:00:00Z)}} ${x} \\* # h | - l \x00 1. n"
)
LISTS = ("- a list", "1. a number", "# a head", "> a quote", "+ plus", "    code", "| a | b |\n| - | - |", "[x]: y")
