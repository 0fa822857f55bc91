"""Alerts on Slack: one message in the route's channel and one to each person told, each kept up to date.

The durable engine calls from its own threads; the calls themselves are made in the event loop that serves.
"""

from __future__ import annotations

from adapters.chat.bridge import Bridge
from adapters.chat.told import Pile
from adapters.database.outbox import Payload
from adapters.slack.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.slack.client import SlackFailed
from adapters.slack.pieces import Message
from adapters.slack.site import Site, posted
from adapters.slack.speaker import Speaker
from chatbot.escalation import Held
from chatbot.plan import Contact
from chatbot.ports import Alert, Digest


class SlackNotifier(Bridge[Speaker]):
    """Keeps chatbot.ports.Notifier. Bound to the site and its event loop once that serves."""

    means = "slack"

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has a Slack id."""
        return bool(contact.slack)

    def deliver(self, alert: Alert) -> str:
        """Post the alert; the message's id is its workspace, channel and time stamp."""
        return self.run(self._deliver(alert))

    def update(self, alert: Alert, message_id: str) -> None:
        """Show the present state on the card."""
        self.run(self.bound.rewrite(message_id, self._card(alert)))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """Post several alerts as one message."""
        return self.run(self._posted(alerts[0].held.school, _channel(alerts[0]), self._bundle(alerts)))

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Show on a bundle how its reports stand."""
        self.run(self.bound.rewrite(message_id, self._bundle(alerts)))

    def digest(self, digest: Digest) -> str:
        """Post what was taken back since the last digest."""
        site = self._site()
        pile = Pile(site.plan(digest.school), site.school(digest.school).name, digest.held, digest.contact.id)
        message = digest_of(pile, site.clock.now(), inbox_url=site.inbox_url)
        return self.run(self._posted(digest.school, digest.contact.slack, message))

    def inform(self, held: Held, place: str) -> None:
        """Bring the message that tells a reporter of their report up to date."""
        self.run(self.bound.inform(held, place))

    def say(self, payload: Payload) -> None:
        """Send a reply that did not get through when it was made."""
        self.run(self.bound.say(payload))

    async def _deliver(self, alert: Alert) -> str:
        site, held = self._site(), alert.held
        plan, name, now = site.plan(held.school), site.school(held.school).name, site.clock.now()
        if alert.thread:
            _, channel, ts = alert.thread.split(" ")
            message = reminder_of(held, plan, name, now)
            return await self._posted(held.school, channel, message, thread_ts=ts)
        return await self._posted(held.school, _channel(alert), self._card(alert))

    def _card(self, alert: Alert) -> Message:
        site, held = self._site(), alert.held
        viewer = alert.contact.id if alert.contact is not None else ""
        return alert_of(
            held, site.plan(held.school), site.school(held.school).name, site.clock.now(), viewer=viewer,
            reminder=":r" in alert.key,
        )  # fmt: skip

    def _bundle(self, alerts: tuple[Alert, ...]) -> Message:
        site, first = self._site(), alerts[0]
        school = first.held.school
        viewer = first.contact.id if first.contact is not None else ""
        pile = Pile(site.plan(school), site.school(school).name, tuple(one.held for one in alerts), viewer)
        return bundle_of([pile], site.clock.now(), inbox_url=site.inbox_url)

    async def _posted(self, school: str, channel: str, message: Message, **more: str) -> str:
        site = self._site()
        failed = SlackFailed("no_workspace", for_good=True)
        for home in site.people.homes_of(school):
            try:
                answer = await site.client.call(home, "chat.postMessage", channel=channel, **posted(message), **more)
            except SlackFailed as error:
                failed = error
                if error.for_good:
                    continue  # the school may have another workspace, where this person or channel is
                raise
            return f"{home} {answer.get('channel')} {answer.get('ts')}"
        raise failed

    def _site(self) -> Site:
        return self.bound.site


def _channel(alert: Alert) -> str:
    """Where the alert goes: the route's channel, or the person, whose direct messages Slack opens by their id."""
    return alert.channel or (alert.contact.slack if alert.contact is not None else "")
