"""What test data says of a reply, compared with the reply."""

from __future__ import annotations

from collections.abc import Iterable

from chatbot.knowledge import plain
from chatbot.model import Reply
from chatbot.respond import Engine


def shows_any(reply: Reply, clauses: Iterable[str], engine: Engine, school: str) -> bool:
    """Whether one of `clauses` is among what `reply` quotes, alone or joined to its neighbour."""
    quoted = [plain(citation.text) for citation in reply.citations]
    ids = {citation.clause for citation in reply.citations}
    known = engine.knowledge.schools[school].clauses
    return any(clause in ids or any(plain(known[clause].shown) in text for text in quoted) for clause in clauses)


def texts(value: object) -> tuple[str, ...]:
    """One text or a list of texts, as a tuple; nothing is an empty one."""
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
