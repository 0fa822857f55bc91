"""The Home tab and the prompts of the Messages tab, published for one person."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chat.shapes import text_at
from adapters.chat.told import Pile
from adapters.escalations.standing import standing_of
from adapters.slack.client import SlackFailed
from adapters.slack.home import home_of
from adapters.slack.site import Site, view_sent
from adapters.slack.turns import Sender, sender_of

log = logging.getLogger("chatbot.slack")

MOST_PROMPTS = 4


@dataclass(frozen=True, slots=True)
class Homes:
    """Publishes Home tabs."""

    site: Site

    async def opened(self, body: Mapping[str, object]) -> None:
        """Somebody looks at one of the app's tabs."""
        event, sender = body.get("event"), sender_of(body)
        if not isinstance(event, Mapping) or sender is None:
            return
        if text_at(event, "tab") == "home":
            await self.publish(sender)
        else:
            await self._prompt(sender, text_at(event, "channel"))

    async def publish(self, sender: Sender) -> None:
        """Bring the sender's Home tab up to date; a failure is only logged."""
        site = self.site
        school, able = await site.people.school_of(sender)
        now = site.clock.now()
        mine = [held for held in await site.desk.reports_of(sender.user) if held.school in able]
        desks = site.people.desks_of(sender)
        piles = [
            Pile(site.plan(at), site.school(at).name, await site.desk.pile(at, contact), contact)
            for at, contact in desks
        ]
        shown = site.school(school) if school else None
        view = home_of(
            shown,
            today=site.today(school or (able[0] if able else "")),
            now=now,
            several=len(able) > 1,
            reports=[standing_of(held, site.plan(held.school), now) for held in mine],
            piles=piles if desks else None,
            reviews=site.reviews(shown, now.date()) if shown else (),
            policy_url=site.policy_url,
            inbox_url=site.inbox_url,
        )
        try:
            await site.client.call(sender.home, "views.publish", user_id=sender.user, view=view_sent(view))
        except SlackFailed as error:
            log.warning("a Home tab was not published: %s", error.kind)

    async def _prompt(self, sender: Sender, channel: str) -> None:
        """Questions to begin with; a plan without agents has no place for them."""
        school, _ = await self.site.people.school_of(sender)
        if not school or not channel:
            return
        questions = self.site.school(school).suggestions[:MOST_PROMPTS]
        prompts = [{"title": question[:75], "message": question} for question in questions]
        try:
            await self.site.client.call(
                sender.home, "assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts
            )
        except SlackFailed as error:
            log.info("no prompts are shown: %s", error.kind)
