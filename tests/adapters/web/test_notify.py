"""The inbox as a means of telling people: it shows what is recorded, and has nothing to send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adapters.web.notify import InboxNotifier
from chatbot.escalation import Held, State
from chatbot.plan import Contact
from chatbot.ports import Alert, Digest
from chatbot.reply import Route

LEAD = Contact("lead", "A. Lead", timedelta(minutes=5), email="lead@school.example")
HELD = Held("R-ABC234", "fact", Route.DSL, State.RAISED, False, False, "p", datetime(2026, 7, 21, tzinfo=UTC))


def test_it_reaches_who_has_a_way_in() -> None:
    inbox = InboxNotifier(lambda contact: bool(contact.email))
    assert inbox.reaches(LEAD)
    assert not inbox.reaches(replace(LEAD, email=""))


def test_an_alert_and_a_bundle_have_their_place_and_a_digest_is_none() -> None:
    inbox = InboxNotifier(lambda _: True)
    alert = Alert("key", HELD, LEAD)
    assert inbox.deliver(alert) == inbox.bundle((alert, alert)) == "inbox:R-ABC234"
    inbox.update(alert, "inbox:R-ABC234")
    inbox.update_bundle((alert, alert), "inbox:R-ABC234")
    assert inbox.digest(Digest("key", "fact", LEAD, (HELD,))) == ""
