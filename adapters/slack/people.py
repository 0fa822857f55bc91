"""Who is who on Slack: which school a person asks for, and which contact they are. Decided here at every request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.config import Directory
from adapters.people import ChosenSchools
from adapters.slack.client import SlackClient, SlackFailed
from adapters.slack.turns import Sender
from chatbot.plan import Plan

log = logging.getLogger("chatbot.slack")

FRESH = 600.0
"""Seconds for which the members of a user group are remembered."""


@dataclass(frozen=True, slots=True)
class People:
    """Resolves senders. `directory` says which workspace is whose, `plans` name the contacts."""

    directory: Directory
    plans: Mapping[str, Plan]
    chosen: ChosenSchools
    client: SlackClient
    _groups: dict[tuple[str, str], tuple[float, frozenset[str]]] = field(default_factory=dict)

    async def schools_of(self, sender: Sender) -> tuple[str, ...]:
        """The schools that the sender may ask for: none for a stranger's workspace."""
        if len(self.directory.schools_of(sender.homes)) <= 1 and not self.directory.groups:
            return self.directory.schools_of(sender.homes)
        groups = [group for group in self.directory.groups if sender.user in await self._members(sender.home, group)]
        return self.directory.schools_of(sender.homes, groups)

    async def school_of(self, sender: Sender) -> tuple[str, tuple[str, ...]]:
        """The sender's school and those they may choose from; the first is "" while they have to choose."""
        able = await self.schools_of(sender)
        if len(able) <= 1:
            return "".join(able), able
        chosen = await asyncio.to_thread(self.chosen.of, sender.homes[-1], sender.user)
        return (chosen if chosen in able else ""), able

    async def choose(self, sender: Sender, school: str) -> bool:
        """Note the sender's choice; False where that school is none of theirs."""
        if school not in await self.schools_of(sender):
            return False
        await asyncio.to_thread(self.chosen.choose, sender.homes[-1], sender.user, school)
        return True

    def contact_of(self, sender: Sender, school: str) -> str:
        """The id of the contact that the sender is at a school, "" where they are none.

        They must write from a workspace of that very school.
        """
        plan = self.plans.get(school)
        at_home = any(school in self.directory.homes.get(home, ()) for home in sender.homes)
        if plan is None or not at_home:
            return ""
        return next((contact.id for contact in plan.contacts if contact.slack == sender.user), "")

    def desks_of(self, sender: Sender) -> tuple[tuple[str, str], ...]:
        """Every school at which the sender is a contact, with the contact's id."""
        found = ((school, self.contact_of(sender, school)) for school in self.plans)
        return tuple((school, contact) for school, contact in found if contact)

    def names(self) -> dict[str, str]:
        """The names of all contacts by Slack id."""
        return {
            contact.slack: contact.name for plan in self.plans.values() for contact in plan.contacts if contact.slack
        }

    def homes_of(self, school: str) -> tuple[str, ...]:
        """The workspaces of a school."""
        return tuple(home for home, schools in self.directory.homes.items() if school in schools)

    async def _members(self, home: str, group: str) -> frozenset[str]:
        """Who is in a user group; those known last, or nobody, while Slack does not tell."""
        at, members = self._groups.get((home, group), (0.0, frozenset()))
        if at and time.monotonic() - at < FRESH:
            return members
        try:
            answer = await self.client.call(home, "usergroups.users.list", usergroup=group)
        except SlackFailed as error:
            log.warning("the members of the user group %s cannot be read: %s", group, error.kind)
            return members
        listed = answer.get("users")
        members = frozenset(str(user) for user in listed) if isinstance(listed, list) else frozenset()
        self._groups[home, group] = (time.monotonic(), members)
        return members
