"""What can be done with a report as buttons, and who sees its card brought up to date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from adapters.chat.deeds import SAYS
from adapters.teams.actions import REFRESH, TAKE, Deed
from adapters.teams.elements import Action, Element, actions, button, execute
from chatbot.escalation import Held, may_see
from chatbot.plan import Plan

MOST_WATCHERS = 60
"""People for whom Teams brings a card up to date by itself."""
_ENTRA = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TEAMS = re.compile(r"(29:[\w-]{1,200}|8:orgid:[0-9a-fA-F-]{36})")


def buttons_of(held: Held, deeds: Iterable[str], *, dialog: bool = False) -> tuple[Element, ...]:
    """The buttons for `deeds`, each carrying the report's reference. `dialog`: they stand in one."""
    return actions([_button(held, deed, dialog) for deed in deeds])


def refresh_of(
    held: Held, plan: Plan, viewer: str = "", accounts: Mapping[str, str] | None = None
) -> dict[str, object] | None:
    """Who sees the card as it stands when they look at it: those who may see the report, or the `viewer` alone.

    `accounts` are people's ids for this app, which Teams asks for, by those in the plan.
    """
    known = accounts or {}
    chain = [contact for contact in plan.chain(held.route) if viewer in ("", contact.id)]
    able = [contact for contact in chain if may_see(contact.id, held, plan)]
    users = list(dict.fromkeys(user for user in (user_id(known.get(c.teams.lower(), c.teams)) for c in able) if user))
    if not users:
        return None
    action = execute("Show how it stands now", Deed(REFRESH, held.reference))
    return {"action": action, "userIds": users[:MOST_WATCHERS]}


def user_id(teams: str) -> str:
    """A person as Teams names them in a card, from the id in the plan; nothing where it is none."""
    if _ENTRA.fullmatch(teams):
        return f"8:orgid:{teams.lower()}"
    return teams if _TEAMS.fullmatch(teams) else ""


def _button(held: Held, deed: str, dialog: bool) -> Action:
    title, says = SAYS[deed]
    positive = deed == TAKE
    return button(title, Deed(deed, held.reference), says=says.format(held.reference), positive=positive, dialog=dialog)
