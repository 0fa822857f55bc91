"""What the listeners of Slack share, and the small things that each of them needs."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.chat.shapes import mapping_at, text_at
from adapters.chat.site import ChatSite
from adapters.slack.client import SlackClient, SlackFailed
from adapters.slack.notices import unopened
from adapters.slack.pieces import Message
from adapters.slack.turns import Sender

log = logging.getLogger("chatbot.slack")

Arguments = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(ChatSite):
    """What the listeners share."""

    client: SlackClient

    async def open_view(self, sender: Sender, body: Mapping[str, object], view: View) -> None:
        """Open a view on a press, over the one that it was pressed in; where that fails, say what to do."""
        in_modal = mapping_at(body, "view").get("type") == "modal"
        method = "views.push" if in_modal else "views.open"
        try:
            await self.client.call(sender.home, method, trigger_id=text_at(body, "trigger_id"), view=view_sent(view))
        except SlackFailed as error:
            log.warning("%s did not get through: %s", method, error.kind)
            await self.quietly(sender.home, "chat.postMessage", channel=sender.user, **posted(unopened()))

    async def quietly(self, home: str, method: str, **arguments: object) -> None:
        """A call whose failure is only logged: what it shows is brought up to date in another way too."""
        try:
            await self.client.call(home, method, **arguments)
        except SlackFailed as error:
            log.warning("%s did not get through: %s", method, error.kind)


def shown(message: Message) -> Arguments:
    """What a message holds, as arguments of any call that shows one."""
    return {"text": message.text, "blocks": message.json}


def posted(message: Message) -> Arguments:
    """A message as the arguments of a call that posts it: no link in it is unfurled."""
    return {**shown(message), "unfurl_links": False, "unfurl_media": False}


def as_sent(blocks: Sequence[Block]) -> list[dict[str, object]]:
    """Blocks as JSON."""
    return [block.to_dict() for block in blocks]


def view_sent(view: View) -> dict[str, object]:
    """A view as JSON."""
    return dict(view.to_dict())


def value_of(body: Mapping[str, object]) -> object:
    """What the pressed button carries."""
    pressed = first_action(body)
    return pressed.get("value") if "value" in pressed else (pressed.get("selected_option") or {})


def first_action(body: Mapping[str, object]) -> Mapping[str, object]:
    """What was pressed."""
    found = body.get("actions")
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}


def typed(body: Mapping[str, object], block: str, action: str) -> str:
    """What was typed or chosen in a field of a form."""
    view = body.get("view")
    state = view.get("state") if isinstance(view, dict) else None
    values = state.get("values") if isinstance(state, dict) else None
    field = values.get(block) if isinstance(values, dict) else None
    element = field.get(action) if isinstance(field, dict) else None
    if not isinstance(element, dict):
        return ""
    option = element.get("selected_option")
    return text_at(option, "value") if isinstance(option, dict) else text_at(element, "value")
