"""Alerts in the inbox page."""

from __future__ import annotations

from collections.abc import Callable

from chatbot.plan import Contact
from chatbot.ports import Alert, Digest


class InboxNotifier:
    """The web inbox: whatever is recorded stands in it, so an alert here only has to be written down."""

    means = "inbox"

    def __init__(self, reads: Callable[[Contact], bool]) -> None:
        """`reads` tells whether this contact has a way into the inbox."""
        self._reads = reads

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has a way into the inbox."""
        return self._reads(contact)

    def deliver(self, alert: Alert) -> str:
        """The alert's place in the inbox."""
        return f"inbox:{alert.held.reference}"

    def update(self, alert: Alert, message_id: str) -> None:
        """Nothing to do: the page shows the present state."""

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """The place of the most urgent; each of them stands there by itself."""
        return self.deliver(alerts[0])

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Nothing to do: as update()."""

    def digest(self, digest: Digest) -> str:
        """Nothing to send: what was taken back stands in a group of its own."""
        return ""
