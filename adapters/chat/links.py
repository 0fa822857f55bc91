"""Where policies can be read by everybody."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

PolicyUrl = Callable[[str, tuple[str, ...]], str]
"""The address of a school's policy page, with clauses highlighted."""


def policy_url(public: str) -> PolicyUrl | None:
    """The addresses of policy pages under the server's `public` one; None where it has none."""

    def address(school: str, clauses: tuple[str, ...]) -> str:
        query = f"?{urlencode([('clause', clause) for clause in clauses])}#{clauses[0]}" if clauses else ""
        return f"{public}/policies/{school}{query}"

    return address if public else None
