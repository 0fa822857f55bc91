"""What the listeners of Teams share."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.chat.site import ChatSite
from adapters.teams.addresses import Addresses
from adapters.teams.gateway import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(ChatSite):
    """The bot, the desk and the people, as Teams reaches them."""

    gateway: Gateway
    addresses: Addresses
