"""Who is who on Slack, where user groups may say which school a person belongs to."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.chat.people import Roll
from adapters.chat.people import Sender as AnySender
from adapters.slack.client import SlackClient, SlackFailed
from adapters.slack.turns import Sender

log = logging.getLogger("chatbot.slack")

FRESH = 600.0
"""Seconds for which the members of a user group are remembered."""


@dataclass(frozen=True, slots=True)
class People(Roll):
    """Resolves Slack's senders."""

    client: SlackClient
    _groups: dict[tuple[str, str], tuple[float, frozenset[str]]] = field(default_factory=dict)

    async def groups_of(self, sender: AnySender) -> Sequence[str]:
        """The user groups of the directory that the sender is in."""
        home = sender.home if isinstance(sender, Sender) else ""
        return [group for group in self.directory.groups if sender.user in await self._members(home, group)]

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
