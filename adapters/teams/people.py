"""Who is who in Teams, where the members of a team may say which school a person belongs to."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.chat.people import Roll
from adapters.chat.people import Sender as AnySender
from adapters.teams.addresses import Addresses
from adapters.teams.gateway import TeamsFailed

log = logging.getLogger("chatbot.teams")

FRESH = 600.0
"""Seconds for which it is remembered whether somebody is in a team."""
MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class People(Roll):
    """Resolves Teams' senders. A group is a team that the app is in, by the id of its Entra group."""

    addresses: Addresses
    _found: dict[tuple[str, str, str], tuple[float, bool]] = field(default_factory=dict)

    async def groups_of(self, sender: AnySender) -> Sequence[str]:
        """The groups of the directory that the sender is in."""
        return [group for group in self.directory.groups if await self._is_in(sender.homes[-1], group, sender.user)]

    async def _is_in(self, tenant: str, group: str, user: str) -> bool:
        """Whether somebody is in a group; what was known last, or not, while Teams does not tell."""
        at, inside = self._found.get((tenant, group, user), (0.0, False))
        if at and time.monotonic() - at < FRESH:
            return inside
        try:
            inside = await self.addresses.is_in(tenant, group, user)
        except TeamsFailed as error:
            log.warning("the members of the group %s cannot be read: %s", group, error.kind)
            return inside
        if len(self._found) >= MOST_KEPT:
            self._found.clear()
        self._found[tenant, group, user] = (time.monotonic(), inside)
        return inside
