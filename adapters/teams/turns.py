"""An activity of Teams into a Turn: who said it, where, and in which words."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser

from adapters.chat.shapes import mapping_at, text_at
from chatbot.model import Turn

LONGEST = 60_000
"""Characters that are passed to the bot: more than Teams sends."""
DIALOG = "dialog"
"""The place of what is asked or reported in a dialog."""
_TAG = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "blockquote", "h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something. `user` is their Entra object id; `account` their id for this bot."""

    tenant: str
    user: str
    account: str
    name: str = ""

    @property
    def homes(self) -> tuple[str, ...]:
        """The tenant."""
        return (self.tenant,)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said. `public`: others read there."""

    service_url: str
    conversation: str
    public: bool = False

    @property
    def reference(self) -> dict[str, object]:
        """Where to write."""
        return {"service_url": self.service_url, "conversation": self.conversation}

    @property
    def name(self) -> str:
        """A short name for it, the same each time."""
        return hashlib.sha256(self.conversation.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Where:
    """What a conversation is about and where it is held."""

    school: str
    place: str


def sender_of(activity: Mapping[str, object]) -> Sender | None:
    """Who sent an activity; None for bots, and where it does not say so."""
    person = mapping_at(activity, "from")
    account, user = text_at(person, "id"), text_at(person, "aadObjectId").lower()
    tenant = text_at(mapping_at(mapping_at(activity, "channelData"), "tenant"), "id")
    tenant = (tenant or text_at(mapping_at(activity, "conversation"), "tenantId")).lower()
    if not account or account.startswith("28:") or not tenant:
        return None
    return Sender(tenant, user or account, account, text_at(person, "name"))


def place_of(activity: Mapping[str, object]) -> Place:
    """Where an activity belongs; what does not say that it is a personal chat is public."""
    conversation = mapping_at(activity, "conversation")
    kind = text_at(conversation, "conversationType")
    return Place(text_at(activity, "serviceUrl"), text_at(conversation, "id"), public=kind != "personal")


def words_of(activity: Mapping[str, object]) -> str:
    """The words of a message, without the bot's own mention; the names of others who are mentioned stay."""
    text, bot = text_at(activity, "text"), text_at(mapping_at(activity, "recipient"), "id")
    entities = activity.get("entities")
    for entity in entities if isinstance(entities, list) else ():
        if not isinstance(entity, Mapping) or entity.get("type") != "mention":
            continue
        said = text_at(entity, "text")
        if said and text_at(mapping_at(entity, "mentioned"), "id") == bot:
            text = text.replace(said, " ", 1)
    text = html.unescape(_TAG.sub("", text)).replace("\N{NO-BREAK SPACE}", " ")
    return _SPACES.sub(" ", text).strip()[:LONGEST]


def plain(markup: str) -> str:
    """The words of a message in HTML, as a message action is given it."""
    reader = _Words()
    reader.feed(markup[: 4 * LONGEST])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).split("\n"))
    return "\n".join(line for line in lines if line)[:LONGEST]


class _Words(HTMLParser):
    """Collects the text between tags, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins on a new line; a picture or emoji is named by its description."""
        if tag in _BLOCKS:
            self.found.append("\n")
        if tag == "emoji" or tag == "img":
            self.found.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        """And ends with one."""
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        self.found.append(data)


def turn_of(sender: Sender, where: Where, stamp: str, words: str, at: datetime, *, declared: bool = False) -> Turn:
    """The turn of `words`; `stamp` is unique at `where`.

    The same activity gives the same turn, however often it is delivered.
    """
    short = stamp if len(stamp) <= 80 and re.fullmatch(r"[\w.:=-]+", stamp, re.ASCII) else _digest(stamp)
    turn_id = f"teams/{sender.tenant}/{where.school}/{where.place}/{short}"
    return Turn(turn_id, conversation(sender, where), where.school, sender.user, words, at, declared)


def where_of(turn_id: str) -> Where | None:
    """Where a turn was said, as its id tells; None where it is no turn of Teams."""
    parts = turn_id.split("/")
    return Where(parts[2], parts[3]) if len(parts) == 5 and parts[0] == "teams" else None


def conversation(sender: Sender, where: Where) -> str:
    """The name of a conversation: one person at one place, about one school."""
    return f"teams/{sender.tenant}/{sender.user}/{where.place}/{where.school}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
