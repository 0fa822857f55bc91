"""Alerts on Slack, in its words and by its calls; when and to whom is adapters.chat.notifying's."""

from __future__ import annotations

from adapters.chat.notifying import ChatNotifier, viewer_of
from adapters.chat.told import Pile
from adapters.slack.alerts import alert_of, bundle_of, digest_of, reminder_of
from adapters.slack.pieces import Message
from adapters.slack.site import Site, posted
from adapters.slack.speaker import Speaker
from chatbot.plan import Contact
from chatbot.ports import Alert


class SlackNotifier(ChatNotifier[Speaker, Message]):
    """A message's id is its workspace, channel and time stamp."""

    means = "slack"
    nowhere = "no_workspace"

    @property
    def site(self) -> Site:
        """What the listeners have too."""
        return self.bound.site

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has a Slack id."""
        return bool(contact.slack)

    async def post(self, home: str, channel: str, contact: Contact | None, message: Message) -> str:
        """Post in a channel, or to a person, whose direct messages Slack opens by their id. Raises SlackFailed."""
        return await self._call(home, channel or (contact.slack if contact is not None else ""), message)

    async def remind(self, alert: Alert) -> str:
        """In the thread of the first message."""
        held, (home, channel, ts) = alert.held, alert.thread.split(" ")
        plan, name = self.site.plan(held.school), self.site.school(held.school).name
        return await self._call(home, channel, reminder_of(held, plan, name, self.site.clock.now()), thread_ts=ts)

    async def card_of(self, alert: Alert) -> Message:
        """The card as the report now stands."""
        site, held = self.site, alert.held
        return alert_of(
            held, site.plan(held.school), site.school(held.school).name, site.clock.now(),
            viewer=viewer_of(alert.contact), reminder=":r" in alert.key,
        )  # fmt: skip

    def bundle_of(self, pile: Pile) -> Message:
        """Several reports as one message."""
        return bundle_of([pile], self.site.clock.now(), inbox_url=self.site.inbox_url)

    def digest_of(self, pile: Pile) -> Message:
        """What was taken back, as one message."""
        return digest_of(pile, self.site.clock.now(), inbox_url=self.site.inbox_url)

    async def _call(self, home: str, channel: str, message: Message, **more: str) -> str:
        answer = await self.site.client.call(home, "chat.postMessage", channel=channel, **posted(message), **more)
        return f"{home} {answer.get('channel')} {answer.get('ts')}"
