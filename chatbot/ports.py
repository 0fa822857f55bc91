"""What the core needs from outside, as protocols. Adapters keep these promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from chatbot.escalation import Acted, Action, Held, Opened, Refusal
from chatbot.model import Memory, Outcome, Route, Turn
from chatbot.plan import Contact


class Semantics(Protocol):
    """Sentence meaning, where the extra is installed."""

    def intents(self, pieces: Sequence[str]) -> npt.NDArray[np.float32]:
        """How well a message fits each intent, about 0 to 1, in the order of their ids (not a probability)."""
        ...

    def report(self, sentences: Sequence[str]) -> float:
        """How much neighbouring sentences read like a report of a concern: above 0 more than not, about -1 to 1."""
        ...


class Ledger(Protocol):
    """What survives between turns."""

    async def memory(self, conversation: str) -> Memory:
        """What the conversation knows; an empty Memory for a new one."""
        ...

    def unreachable(self, school: str) -> frozenset[Route]:
        """The routes on which nobody is named who could be told: a reporter must learn it at once."""
        ...

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        """Keep the outcome's memory and escalation in one transaction, before the reply is shown."""
        ...


class Desk(Protocol):
    """Escalations as people work on them. Who may see or do what is decided here, at every call."""

    async def pile(self, school: str, contact: str) -> tuple[Held, ...]:
        """The escalations of a school that `contact` may see, the most urgent first, closed ones last."""
        ...

    async def look(self, reference: str, contact: str) -> Held | None:
        """One escalation as `contact` may see it, without its words; None where there is none or they may not."""
        ...

    async def open(self, reference: str, contact: str) -> Opened | Refusal:
        """The escalation with its words. That `contact` opened it is recorded."""
        ...

    async def act(self, reference: str, action: Action, contact: str) -> Acted | Refusal:
        """Do `action` in one transaction. Of two who press at once one changes it; the other is told what it became."""
        ...

    async def school_of(self, reference: str) -> str:
        """The school of an escalation; "" where there is none. Tells nothing else."""
        ...

    async def reports_of(self, reporter: str) -> tuple[Held, ...]:
        """What became of the reports that `reporter` made anywhere, newest first."""
        ...

    async def standing(self, conversation: str) -> tuple[Held, ...]:
        """What became of the reports made in `conversation`, newest first: for the reporter."""
        ...


@dataclass(frozen=True, slots=True)
class Alert:
    """What a notifier sends: never the words of the report."""

    key: str
    """The same for every attempt at the same delivery."""
    held: Held
    contact: Contact | None
    """None for the route's channel."""
    channel: str = ""
    thread: str = ""
    """The id of a message sent before, under which this is a reminder."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a notifier sends once a school day: possible reports that were taken back, for one person; never words."""

    key: str
    """The same for every attempt at the same digest."""
    school: str
    contact: Contact
    held: tuple[Held, ...]
    """At least one, oldest first."""


class DeliveryFailed(Exception):
    """A delivery did not get through, as far as is known. `kind` is one word for logs and the audit trail."""

    def __init__(self, kind: str, *, for_good: bool = False, retry_after: float | None = None) -> None:
        """`for_good`: trying again is no use. `retry_after`: seconds that the other side asked for."""
        self.kind, self.for_good, self.retry_after = kind, for_good, retry_after
        super().__init__(kind)


class Notifier(Protocol):
    """One means of telling people: the inbox page, e-mail, Slack, Teams."""

    means: str

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has an address here."""
        ...

    def deliver(self, alert: Alert) -> str:
        """Send the alert, within 20 seconds, and return the message's id. Raises DeliveryFailed. Called in a thread."""
        ...

    def update(self, alert: Alert, message_id: str) -> None:
        """Show the present state on a message sent before. Raises DeliveryFailed."""
        ...

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """Send several alerts as one message: how many, their references, the most urgent first.

        They are of one school, to one contact or channel, and share the bundle's key. As deliver() otherwise.
        """
        ...

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Show on a bundle sent before how many of its alerts are still open. Raises DeliveryFailed."""
        ...

    def digest(self, digest: Digest) -> str:
        """Send the digest, as deliver() does; "" where this means shows what was taken back and sends nothing."""
        ...


@runtime_checkable
class Speaker(Protocol):
    """A chat platform: it can put a reminder under a message, and go on telling a reporter how their report stands."""

    means: str

    def say(self, payload: Mapping[str, object]) -> None:
        """Send a reply that was kept and has not got through. Raises DeliveryFailed. Called in a thread."""
        ...

    def inform(self, held: Held, place: str) -> None:
        """Bring the message at `place`, which tells the reporter of `held`, up to date. Raises DeliveryFailed."""
        ...


class Clock(Protocol):
    """The time now, with a time zone."""

    def now(self) -> datetime:
        """The present moment."""
        ...
