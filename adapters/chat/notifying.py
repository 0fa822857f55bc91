"""Alerts on a chat platform: one message in the route's channel and one to each person told, each kept up to date.

The durable engine calls from its own threads; what is sent is sent in the event loop that serves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from adapters.chat.bridge import Bridge
from adapters.chat.site import ChatSite
from adapters.chat.speaking import Speaking, Spoken
from adapters.chat.told import Pile
from adapters.database.outbox import Payload
from chatbot.escalation import Held
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed, Digest

Speaks = TypeVar("Speaks", bound=Speaking[Any])
Shown = TypeVar("Shown", bound=Spoken)


class ChatNotifier(Bridge[Speaks], ABC, Generic[Speaks, Shown]):
    """Keeps chatbot.ports.Notifier. Bound to what speaks, and to its event loop, once that serves."""

    nowhere: str
    """What a failure is called where the school has nowhere on this platform."""

    @property
    @abstractmethod
    def site(self) -> ChatSite:
        """The bot, the desk and the people there. Raises DeliveryFailed where nothing serves."""

    @abstractmethod
    async def post(self, home: str, channel: str, contact: Contact | None, message: Shown) -> str:
        """Post in a channel, or where it is "" to a person; the message's id. Raises DeliveryFailed."""

    @abstractmethod
    async def remind(self, alert: Alert) -> str | None:
        """A few words under the alert's first message, and their id; None where that message is gone."""

    @abstractmethod
    async def card_of(self, alert: Alert) -> Shown:
        """The card as the report now stands."""

    @abstractmethod
    def bundle_of(self, pile: Pile) -> Shown:
        """Several reports as one message."""

    @abstractmethod
    def digest_of(self, pile: Pile) -> Shown:
        """What was taken back, as one message."""

    def deliver(self, alert: Alert) -> str:
        """Post the alert, or a reminder under it; the message's id."""
        return self.run(self._deliver(alert))

    def update(self, alert: Alert, message_id: str) -> None:
        """Show the present state on the card."""
        self.run(self._update(alert, message_id))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """Post several alerts as one message."""
        first = alerts[0]
        return self.run(self._posted(first.held.school, first.channel, first.contact, self._bundle(alerts)))

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Show on a bundle how its reports stand."""
        self.run(self.bound.rewrite(message_id, self._bundle(alerts)))

    def digest(self, digest: Digest) -> str:
        """Post what was taken back since the last digest."""
        message = self.digest_of(self._pile(digest.school, digest.held, digest.contact))
        return self.run(self._posted(digest.school, "", digest.contact, message))

    def inform(self, held: Held, place: str) -> None:
        """Bring the message that tells a reporter of their report up to date."""
        self.run(self.bound.inform(held, place))

    def say(self, payload: Payload) -> None:
        """Send a reply that did not get through when it was made."""
        self.run(self.bound.say(payload))

    async def _deliver(self, alert: Alert) -> str:
        reminded = await self.remind(alert) if alert.thread else None
        if reminded is not None:
            return reminded
        return await self._posted(alert.held.school, alert.channel, alert.contact, await self.card_of(alert))

    async def _update(self, alert: Alert, message_id: str) -> None:
        await self.bound.rewrite(message_id, await self.card_of(alert))

    def _bundle(self, alerts: tuple[Alert, ...]) -> Shown:
        first = alerts[0]
        return self.bundle_of(self._pile(first.held.school, tuple(one.held for one in alerts), first.contact))

    def _pile(self, school: str, held: tuple[Held, ...], reader: Contact | None) -> Pile:
        return Pile(self.site.plan(school), self.site.school(school).name, held, viewer_of(reader))

    async def _posted(self, school: str, channel: str, contact: Contact | None, message: Shown) -> str:
        """Post where the school is; its id. Raises DeliveryFailed."""
        failed = DeliveryFailed(self.nowhere, for_good=True)
        for home in self.site.people.homes_of(school):
            try:
                return await self.post(home, channel, contact, message)
            except DeliveryFailed as error:
                failed = error
                if not error.for_good:
                    raise  # else the school may be elsewhere too, where this person or channel is
        raise failed


def viewer_of(contact: Contact | None) -> str:
    """Whose eyes a card is for: a contact's id; "" for a channel, where several read it."""
    return contact.id if contact is not None else ""
