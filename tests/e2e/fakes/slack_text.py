"""Text as it travels: what a person types, as Slack sends it on; what a bot sends, looked at for danger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.e2e.fakes.slack_state import Json

TYPED_LINK = re.compile(
    r"(?P<url>https?://[^\s<>]*[^\s<>.,;:!?)])"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w.@/])(?P<host>(?:[\w-]+\.)+(?:com|org|net|uk|io|info))(?![\w@-])"
)
MARKUP = re.compile(
    r"<(?:[@][UW]\w+|#C\w+|!subteam\^S\w+|!date\^|!channel|!here|!everyone|https?://|mailto:|tel:|slack://)[^<>]*>"
)
BROADCAST = re.compile(r"<!(?:channel|here|everyone)(?:\|[^<>]*)?>")
MENTION = re.compile(r"(<@[UW]\w+>)")


def escape(text: str) -> str:
    """The three characters that mean something to Slack, as they travel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str) -> str:
    """What a person typed, as it arrives: escaped, with links made of addresses."""

    def linked(found: re.Match[str]) -> str:
        if found["url"]:
            return f"<{found[0]}>"
        return f"<{'mailto:' if found['mail'] else 'http://'}{found[0]}|{found[0]}>"

    return TYPED_LINK.sub(linked, escape(text))


def rich(text: str, block_id: str) -> Json:
    """The block that stands beside a person's text."""
    parts: list[Json] = []
    for part in MENTION.split(text):
        if MENTION.fullmatch(part):
            parts.append({"type": "user", "user_id": part[2:-1]})
        elif part:
            parts.append({"type": "text", "text": part})
    return {
        "type": "rich_text",
        "block_id": block_id,
        "elements": [{"type": "rich_text_section", "elements": parts}],
    }


def as_sent_back(value: Any) -> Any:
    """Blocks as interactions bring them back: bare `&`, `<`, `>` in their texts have become entities."""
    if isinstance(value, list):
        return [as_sent_back(each) for each in value]
    if not isinstance(value, dict):
        return value
    back = {key: as_sent_back(inner) for key, inner in value.items()}
    if back.get("type") == "plain_text" and isinstance(back.get("text"), str):
        back["text"] = escape(re.sub(r"&(amp|lt|gt);", _entity, back["text"]))
    elif back.get("type") == "mrkdwn" and isinstance(back.get("text"), str):
        back["text"] = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", back["text"])
    return back


def _entity(found: re.Match[str]) -> str:
    return {"amp": "&", "lt": "<", "gt": ">"}[found[1]]


def dangers(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with marked-up text: kind, and the piece."""
    for found in BROADCAST.finditer(text):
        yield "broadcast", found[0]
    rest = MARKUP.sub("", text)
    for found in re.finditer(r"<|&(?!(?:amp|lt|gt);)", rest):
        yield "unescaped", rest[max(0, found.start() - 10) : found.end() + 20]


def texts(blocks: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Every text in blocks that Slack reads for markup: pointer, its type, and the text."""
    if isinstance(blocks, list):
        for index, each in enumerate(blocks):
            yield from texts(each, f"{where}/{index}")
    elif isinstance(blocks, dict):
        kind, text = blocks.get("type"), blocks.get("text")
        if kind in ("mrkdwn", "markdown") and isinstance(text, str):
            yield where, kind, text
        if kind == "broadcast":
            yield where, "markdown", f"<!{blocks.get('range')}>"
        for key, inner in blocks.items():
            yield from texts(inner, f"{where}/{key}")


def dangers_in(text: str | None, blocks: list[Json] | None) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a message or a view: kind, pointer and the piece."""
    places = [("/text", "mrkdwn", text)] if text else []
    for where, markup, each in [*places, *texts(blocks or [], "/blocks")]:
        for kind, piece in dangers(each):
            if kind == "broadcast" or markup == "mrkdwn":
                yield kind, where, piece
