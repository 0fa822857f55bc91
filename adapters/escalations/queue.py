"""What the desk needs of the durable engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa


class Queue(Protocol):
    """The durable engine's queue: what is enqueued is carried out once its delay has passed."""

    def enqueue(self, connection: sa.Connection, work: str, id_: str, delay: timedelta, *args: str | int) -> None:
        """In the transaction of `connection`. The same id twice is one piece of work."""
        ...
