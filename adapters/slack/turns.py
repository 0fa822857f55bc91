"""An event into a Turn. What is no message of a person is None, on purpose."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.chat.shapes import text_at
from chatbot.model import Turn

LONGEST = 60_000
"""Characters that are passed to the bot: more than Slack sends."""
SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Subtypes of messages that a person wrote; a picture beside the words takes nothing from them."""

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_OTHER = re.compile(r"<[#!]([^>|]*)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^>|]*)(?:\|([^>]*))?>")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something, and in which workspace. `enterprise` is "" outside Enterprise Grid."""

    team: str
    enterprise: str
    user: str

    @property
    def homes(self) -> tuple[str, ...]:
        """The workspace, then its grid."""
        return tuple(home for home in (self.team, self.enterprise) if home)

    @property
    def home(self) -> str:
        """Where the bot's token for this sender is kept: `team.enterprise`, or one of them."""
        return ".".join(self.homes)


@dataclass(frozen=True, slots=True)
class Where:
    """What a conversation is about and where it is held: a school, and `channel/thread` or a surface's own name."""

    school: str
    place: str


COMMAND_PLACE = "command/main"
MODAL_PLACE = "modal/main"


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a person wrote, as Slack sends it."""

    text: str
    channel: str
    ts: str
    thread: str
    """The thread's first message; "" outside a thread."""
    edited: str = ""
    """When it was edited, for an edited message."""

    @property
    def place(self) -> str:
        """The conversation's place: the thread, else the channel itself."""
        return f"{self.channel}/{self.thread or 'main'}"

    @property
    def stamp(self) -> str:
        """What tells this message from all others there; an edited one from what it was before."""
        return f"{self.ts}-{self.edited}" if self.edited else self.ts


def said_in(event: Mapping[str, object], bot_user: str = "") -> Said | None:
    """What a person said in a message event; None for bots, joins, deletions and edits that changed no words."""
    subtype = text_at(event, "subtype")
    if subtype == "message_changed":
        return _edited(event, bot_user)
    if subtype not in SPOKEN or not _is_persons(event, bot_user):
        return None
    return Said(text_at(event, "text"), text_at(event, "channel"), text_at(event, "ts"), text_at(event, "thread_ts"))


def _edited(event: Mapping[str, object], bot_user: str) -> Said | None:
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, Mapping) or not _is_persons(message, bot_user):
        return None
    if text_at(message, "subtype") not in SPOKEN:
        return None
    old = text_at(before, "text") if isinstance(before, Mapping) else ""
    edited = message.get("edited")
    if old == text_at(message, "text") or not isinstance(edited, Mapping):
        return None
    thread = text_at(message, "thread_ts")
    return Said(
        text_at(message, "text"), text_at(event, "channel"), text_at(message, "ts"), thread, text_at(edited, "ts")
    )


def _is_persons(message: Mapping[str, object], bot_user: str) -> bool:
    user = text_at(message, "user")
    return bool(user) and user not in (bot_user, "USLACKBOT") and not message.get("bot_id")


def plain(text: str, bot_user: str = "", names: Mapping[str, str] | None = None) -> str:
    """The words of a message: markup and escapes undone, the bot's own mention left out.

    `names` are those of known people by Slack id: whom a report is about is read from names.
    """

    def mentioned(match: re.Match[str]) -> str:
        return " " if match[1] == bot_user else f" {(names or {}).get(match[1], 'a colleague')} "

    text = _MENTION.sub(mentioned, text)
    text = _LINK.sub(lambda match: match[2] or match[1].removeprefix("mailto:"), text)
    text = _OTHER.sub(lambda match: match[2] or match[1], text)
    return html.unescape(text).strip()[:LONGEST]


def turn_of(sender: Sender, where: Where, stamp: str, words: str, at: datetime, *, declared: bool = False) -> Turn:
    """The turn of `words`; `stamp` is unique at `where`.

    The same message of Slack gives the same turn, however often it is delivered.
    """
    turn_id = f"slack/{sender.home}/{where.school}/{where.place}/{stamp}"
    return Turn(turn_id, conversation(sender, where), where.school, sender.user, words, at, declared)


def where_of(turn_id: str) -> Where | None:
    """Where a turn was said, as its id tells; None where it is no turn of Slack."""
    parts = turn_id.split("/")
    return Where(parts[2], "/".join(parts[3:5])) if len(parts) == 6 and parts[0] == "slack" else None


def conversation(sender: Sender, where: Where) -> str:
    """The name of a conversation: one person at one place, about one school."""
    return f"slack/{sender.home}/{sender.user}/{where.place}/{where.school}"


def sender_of(body: Mapping[str, object]) -> Sender | None:
    """Who sent a request, whatever it is; None where it does not say so."""
    event, user = body.get("event"), body.get("user")
    person = ""
    if isinstance(event, Mapping):
        message = event.get("message")
        person = text_at(event, "user") or (text_at(message, "user") if isinstance(message, Mapping) else "")
    elif isinstance(user, Mapping):
        person = text_at(user, "id")
    person = person or text_at(body, "user_id")
    team, enterprise = _id(body, "team"), _id(body, "enterprise")
    if not team and isinstance(user, Mapping):
        team = text_at(user, "team_id")
    return Sender(team, enterprise, person) if person and (team or enterprise) else None


def _id(body: Mapping[str, object], name: str) -> str:
    """`team` or `enterprise`, as `team_id` of an event or command, or in `team: {id}` of an action."""
    value = body.get(name)
    return text_at(body, f"{name}_id") or (text_at(value, "id") if isinstance(value, Mapping) else "")
