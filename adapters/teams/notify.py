"""Alerts in Teams, in its cards and by its activities; when and to whom is adapters.chat.notifying's."""

from __future__ import annotations

from adapters.chat.notifying import ChatNotifier, viewer_of
from adapters.chat.told import Pile
from adapters.teams.alerts import bundle_of, digest_of, reminder_of
from adapters.teams.answers import activity_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.pieces import Message
from adapters.teams.reports import Reports
from adapters.teams.site import Site
from adapters.teams.speaker import Speaker
from chatbot.plan import Contact
from chatbot.ports import Alert


class TeamsNotifier(ChatNotifier[Speaker, Message]):
    """A message's id is its tenant, service, conversation and activity."""

    means = "teams"
    nowhere = "no_tenant"

    @property
    def site(self) -> Site:
        """What the listeners have too."""
        return self.bound.site

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has an id in Entra."""
        return bool(contact.teams)

    async def post(self, home: str, channel: str, contact: Contact | None, message: Message) -> str:
        """Post in a channel, or to a person in their own chat. Raises TeamsFailed."""
        activity = activity_of(message)
        if not channel:
            return await self.bound.to_person(home, contact.teams.lower() if contact else "", "", activity)
        to, id_ = await self.site.gateway.post(await self.site.addresses.service_url(home), home, channel, activity)
        return f"{home} {to['service_url']} {to['conversation']} {id_}"

    async def remind(self, alert: Alert) -> str | None:
        """In the thread of the first message."""
        site, held, (home, url, conversation, _) = self.site, alert.held, alert.thread.split(" ")
        plan, name = site.plan(held.school), site.school(held.school).name
        reminder = reminder_of(held, plan, name, site.clock.now(), viewer=viewer_of(alert.contact))
        try:
            id_ = await site.gateway.send({"service_url": url, "conversation": conversation}, activity_of(reminder))
        except TeamsFailed as error:
            if error.kind != "not_found":
                raise
            return None
        return f"{home} {url} {conversation} {id_}"

    async def card_of(self, alert: Alert) -> Message:
        """The card as the report now stands."""
        viewer = viewer_of(alert.contact)
        return await Reports(self.site).card(alert.held, viewer=viewer, reminder=":r" in alert.key)

    def bundle_of(self, pile: Pile) -> Message:
        """Several reports as one message."""
        return bundle_of([pile], self.site.clock.now(), inbox_url=self.site.inbox_url)

    def digest_of(self, pile: Pile) -> Message:
        """What was taken back, as one message."""
        return digest_of(pile, self.site.clock.now(), inbox_url=self.site.inbox_url)
