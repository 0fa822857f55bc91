"""Alerts in Teams: one message in the route's channel and one to each person told, each kept up to date.

The durable engine calls from its own threads; the calls themselves are made in the event loop that serves.
"""

from __future__ import annotations

from adapters.chat.bridge import Bridge
from adapters.chat.told import Pile
from adapters.database.outbox import Payload
from adapters.teams.alerts import bundle_of, digest_of, reminder_of
from adapters.teams.answers import activity_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.pieces import Message
from adapters.teams.reports import Reports
from adapters.teams.speaker import Speaker
from chatbot.escalation import Held
from chatbot.plan import Contact
from chatbot.ports import Alert, Digest


class TeamsNotifier(Bridge[Speaker]):
    """Keeps chatbot.ports.Notifier. Bound to the site and its event loop once that serves."""

    means = "teams"

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has an id in Entra."""
        return bool(contact.teams)

    def deliver(self, alert: Alert) -> str:
        """Post the alert; the message's id is its tenant, service, conversation and activity."""
        return self.run(self._deliver(alert))

    def update(self, alert: Alert, message_id: str) -> None:
        """Show the present state on the card."""
        self.run(self._update(alert, message_id))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """Post several alerts as one message."""
        return self.run(self._posted(alerts[0].held.school, alerts[0].channel, alerts[0].contact, self._bundle(alerts)))

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Show on a bundle how its reports stand."""
        self.run(self.bound.rewrite(message_id, self._bundle(alerts)))

    def digest(self, digest: Digest) -> str:
        """Post what was taken back since the last digest."""
        site = self.bound.site
        pile = Pile(site.plan(digest.school), site.school(digest.school).name, digest.held, digest.contact.id)
        message = digest_of(pile, site.clock.now(), inbox_url=site.inbox_url)
        return self.run(self._posted(digest.school, "", digest.contact, message))

    def inform(self, held: Held, place: str) -> None:
        """Bring the message that tells a reporter of their report up to date."""
        self.run(self.bound.inform(held, place))

    def say(self, payload: Payload) -> None:
        """Send a reply that did not get through when it was made."""
        self.run(self.bound.say(payload))

    async def _deliver(self, alert: Alert) -> str:
        viewer = alert.contact.id if alert.contact is not None else ""
        if alert.thread:
            try:
                return await self._reminded(alert, viewer)
            except TeamsFailed as error:
                if error.kind != "not_found":
                    raise  # else the post is gone: another is made
        card = await Reports(self.bound.site).card(alert.held, viewer=viewer, reminder=":r" in alert.key)
        return await self._posted(alert.held.school, alert.channel, alert.contact, card)

    async def _reminded(self, alert: Alert, viewer: str) -> str:
        """A few words under the first message."""
        site, held = self.bound.site, alert.held
        home, url, conversation, _ = alert.thread.split(" ")
        plan, name = site.plan(held.school), site.school(held.school).name
        reminder = reminder_of(held, plan, name, site.clock.now(), viewer=viewer)
        to = {"service_url": url, "conversation": conversation}
        return f"{home} {url} {conversation} {await site.gateway.send(to, activity_of(reminder))}"

    async def _update(self, alert: Alert, message_id: str) -> None:
        viewer = alert.contact.id if alert.contact is not None else ""
        site = self.bound.site
        await self.bound.rewrite(message_id, await Reports(site).card(alert.held, viewer=viewer))

    def _bundle(self, alerts: tuple[Alert, ...]) -> Message:
        site, first = self.bound.site, alerts[0]
        school = first.held.school
        viewer = first.contact.id if first.contact is not None else ""
        pile = Pile(site.plan(school), site.school(school).name, tuple(one.held for one in alerts), viewer)
        return bundle_of([pile], site.clock.now(), inbox_url=site.inbox_url)

    async def _posted(self, school: str, channel: str, contact: Contact | None, message: Message) -> str:
        """Post in a channel or to a person; where it lies. Raises TeamsFailed."""
        site, posted = self.bound.site, activity_of(message)
        failed = TeamsFailed("no_tenant", for_good=True)
        for home in site.people.homes_of(school):
            try:
                if not channel:
                    return await self.bound.to_person(home, contact.teams.lower() if contact else "", "", posted)
                url = await site.addresses.service_url(home)
                to, id_ = await site.gateway.post(url, home, channel, posted)
            except TeamsFailed as error:
                failed = error
                if error.for_good:
                    continue  # the school may have another tenant, where this person or channel is
                raise
            return f"{home} {to['service_url']} {to['conversation']} {id_}"
        raise failed
