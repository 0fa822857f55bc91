"""Alerts by e-mail: the second channel, and the only one where a school has neither Slack nor Teams.

A mail lies open in inboxes, phones and backups, so it carries no word of a report. Repeats carry the same Message-ID.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from adapters.smtp import ADDRESS, TIMEOUT, MailServer, hand_in
from chatbot.escalation import OPEN, Held, State
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed, Digest
from chatbot.reply import Route

ROLES: Mapping[Route, str] = {
    Route.DSL: "the designated safeguarding lead (DSL)",
    Route.HEADTEACHER: "the headteacher",
    Route.CHAIR_OF_GOVERNORS: "the chair of governors",
}
NOT_THE_RECORD = "This is not the school's safeguarding record."
NO_WORDS = "On purpose, no words of the report are in this e-mail."

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,74}>")


class MailNotifier:
    """Keeps chatbot.ports.Notifier by SMTP."""

    means = "email"

    def __init__(
        self, server: MailServer, *, schools: Mapping[str, str], zone: Callable[[str], str], public_url: str = "",
        person: Callable[[str, str], str] = lambda _school, contact_id: contact_id, timeout: float = TIMEOUT,
    ) -> None:  # fmt: skip
        """`schools`: names by id. `zone`: a school's IANA time zone. `person`: a contact's name, by school and id."""
        self._server, self._schools, self._zone, self._person = server, schools, zone, person
        self._inbox = f"{public_url.rstrip('/')}/desk" if public_url else ""
        self._timeout = timeout
        self._shown: deque[str] = deque(maxlen=1000)  # one forgotten and sent again has the same Message-ID

    def reaches(self, contact: Contact) -> bool:
        """Whether this contact has an e-mail address. A malformed one counts: that its delivery fails is seen."""
        return bool(contact.email.strip())

    def deliver(self, alert: Alert) -> str:
        """Send the alert within the time limit and return its Message-ID. Raises DeliveryFailed."""
        held, contact = alert.held, _recipient(alert)
        message = self._message(contact, f"alert {alert.key}", self._subject(held))
        # The head of the thread is no mail of its own: whoever is told later has never been sent the first alert.
        message["In-Reply-To"] = message["References"] = self._id(f"thread {held.reference}")
        if held.emergency and not held.drill:
            message["Importance"] = "high"
        return self._send(contact, message, self._body(held))

    def update(self, alert: Alert, message_id: str) -> None:
        """Tell the others, once, that somebody has taken it on or that it is closed; anything else sends nothing."""
        held, (news, since) = alert.held, self._news(alert.held)
        if not news or alert.contact is None or alert.contact.id == held.acknowledged_by:
            return
        contact = _recipient(alert)
        # Not from alert.key: one person may have been sent many alerts and needs this once.
        what = f"update {held.reference} {held.state} {held.acknowledged_by} {since} {contact.id}"
        if self._id(what) in self._shown:
            return
        message = self._message(contact, what, f"{self._subject(held)}: {news}")
        thread = self._id(f"thread {held.reference}")
        before = message_id if _MESSAGE_ID.fullmatch(message_id) else thread
        message["In-Reply-To"] = before
        message["References"] = " ".join(dict.fromkeys((thread, before)))
        when = f" ({self._local(since, held.school)})" if since else ""
        lines = (*_first(held), f"{self._subject(held)}: {news}{when}.", NO_WORDS, NOT_THE_RECORD)
        self._shown.append(self._send(contact, message, "\n\n".join(lines) + "\n"))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """Send the alerts as one e-mail, as deliver() otherwise."""
        contact = _recipient(*alerts)
        message = self._message(contact, f"bundle {alerts[0].key}", self._bundle_subject(alerts))
        return self._send(contact, message, self._bundle_body(alerts))

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Tell the others, once, that none of them is open any more; an e-mail for each would be the flood again."""
        contact = _recipient(*alerts)
        mine = all(alert.held.acknowledged_by == contact.id for alert in alerts)
        what = f"update bundle {alerts[0].key}"
        if mine or any(alert.held.state in OPEN for alert in alerts) or self._id(what) in self._shown:
            return
        message = self._message(contact, what, f"{self._bundle_subject(alerts)}: none is open any more")
        if _MESSAGE_ID.fullmatch(message_id):
            message["In-Reply-To"] = message["References"] = message_id
        news = f"All {len(alerts)} of these alerts are taken on or closed: {_listed(alert.held for alert in alerts)}."
        self._shown.append(self._send(contact, message, "\n\n".join((news, NO_WORDS, NOT_THE_RECORD)) + "\n"))

    def digest(self, digest: Digest) -> str:
        """Send the digest as one e-mail, as deliver() otherwise."""
        contact = _recipient(*(Alert(digest.key, held, digest.contact) for held in digest.held))
        number, school = len(digest.held), _line(self._schools.get(digest.school, digest.school))
        what = f"{number} possible report{'' if number == 1 else 's'} taken back"
        message = self._message(contact, f"digest {digest.key}", f"{what} ({school})")
        lines = (
            f"Since the last digest: {what}. Whoever wrote said that they were only asking. Nobody was alerted.",
            f"{'Reference' if number == 1 else 'References'}: {_listed(digest.held)}",
            f"What to do: {self._inbox_of(Route.DSL)} and look whether any should go on after all; it can be reopened.",
            NO_WORDS,
            NOT_THE_RECORD,
        )
        return self._send(contact, message, "\n\n".join(lines) + "\n")

    def _news(self, held: Held) -> tuple[str, datetime | None]:
        if held.state is State.CLOSED:
            return "closed", held.closed_at
        return (f"taken on by {self._name(held)}" if held.state is State.ACKNOWLEDGED else "", held.acknowledged_at)

    def _message(self, contact: Contact, what: str, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address("Safeguarding alerts", *self._server.sender.split("@"))
        message["To"] = Address(_line(contact.name), *contact.email.strip().split("@"))
        message["Subject"] = subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = self._id(what)
        message["Auto-Submitted"] = "auto-generated"
        return message

    def _id(self, what: str) -> str:
        """The Message-ID of `what`. Short: Python folds or encodes a long one, and threads break."""
        domain = self._server.sender.split("@")[1][-38:].lstrip(".-")
        return f"<{hashlib.sha256(what.encode()).hexdigest()[:24]}@{domain}>"

    def _subject(self, held: Held) -> str:
        shown = _marks(held)
        return f"{shown}{': ' if shown else ''}Safeguarding alert {_line(held.reference)} ({self._school(held)})"

    def _body(self, held: Held) -> str:
        facts = {
            "Reference": _line(held.reference),
            "Severity": "EMERGENCY" if held.emergency else "concern",
            "For": ROLES[held.route],
            "School": self._school(held),
            "Reported": self._local(held.at, held.school),
            "Reported by": _line(held.reporter),
            "Alert": f"reminder {held.stage - 1}" if held.stage > 1 else "the first",
        }
        shown = "\n".join(f"{name}: {value}" for name, value in facts.items())
        carry = f"{NOT_THE_RECORD} Carry the report into it from the inbox."
        return "\n\n".join((*_first(held), shown, self._to_do(held), NO_WORDS, carry)) + "\n"

    def _bundle_subject(self, alerts: tuple[Alert, ...]) -> str:
        drill = "DRILL: " if all(alert.held.drill for alert in alerts) else ""
        return f"{drill}{len(alerts)} safeguarding alerts ({self._school(alerts[0].held)})"

    def _bundle_body(self, alerts: tuple[Alert, ...]) -> str:
        lines = []
        for held in (alert.held for alert in alerts):
            marks = _marks(held)
            when = self._local(held.at, held.school)
            lines.append(f"{_line(held.reference)}{marks and f' ({marks})'}: for {ROLES[held.route]}, reported {when}")
        first = alerts[0].held
        about = f"{len(alerts)} alerts that came close together, in one e-mail. Each report is recorded by itself."
        to_do = f"What to do: {self._inbox_of(first.route)}, read each report and take it on."
        others = "Until a person does, others are told in turn."
        listed = "\n".join((f"School: {self._school(first)}", "The most urgent first:", *lines))
        return "\n\n".join((about, listed, f"{to_do} {others}", NO_WORDS, NOT_THE_RECORD)) + "\n"

    def _inbox_of(self, route: Route) -> str:
        if self._inbox:
            return f"open {self._inbox}"
        return "open the DSL inbox" if route is Route.DSL else "open your inbox (it is not the DSL's)"

    def _to_do(self, held: Held) -> str:
        inbox = self._inbox_of(held.route)
        if held.state is State.ACKNOWLEDGED:
            return f"What to do: {inbox} and record what came of it. It is taken on by {self._name(held)}."
        return f"What to do: {inbox}, read the report and take it on. Until a person does, others are told in turn."

    def _school(self, held: Held) -> str:
        return _line(self._schools.get(held.school, held.school))

    def _name(self, held: Held) -> str:
        return _line(self._person(held.school, held.acknowledged_by))

    def _local(self, at: datetime, school: str) -> str:
        zone: tzinfo
        try:
            zone = ZoneInfo(self._zone(school))
        except (KeyError, ValueError, OSError):  # a wrong zone must not stop an alert
            zone = UTC
        local = at.astimezone(zone)
        return f"{local:%A} {local.day} {local:%B %Y, %H:%M %Z}"

    def _send(self, contact: Contact, message: EmailMessage, body: str) -> str:
        message.set_content(body, cte="quoted-printable")
        hand_in(self._server, contact.email.strip(), message, self._timeout)
        return str(message["Message-ID"])


def _recipient(*alerts: Alert) -> Contact:
    """Whom the alerts are for. Refuses for good where there is nobody to write to, or one may be about them."""
    contact = alerts[0].contact
    meant = any(contact is not None and contact.id in alert.held.excluded for alert in alerts)
    if contact is None or meant or not ADDRESS.fullmatch(contact.email.strip()):
        raise DeliveryFailed("refused", for_good=True)
    return contact


def _listed(held: Iterable[Held]) -> str:
    return ", ".join(_line(one.reference) for one in held)


def _marks(held: Held) -> str:
    """What makes it more or less than a report like any other."""
    marks = {"DRILL": held.drill, "EMERGENCY": held.emergency, "UNCONFIRMED": held.unconfirmed}
    return " ".join(mark for mark, there in marks.items() if there)


def _first(held: Held) -> tuple[str, ...]:
    """What has to be read before all else."""
    lines = {
        "DRILL: this is a test, no child is at risk.": held.drill,
        "EMERGENCY. If anybody is in danger, call 999 now.": held.emergency and not held.drill,
        "UNCONFIRMED: whoever wrote it has not said whether it is a report.": held.unconfirmed,
    }
    return tuple(line for line, there in lines.items() if there)


def _line(text: str) -> str:
    """`text` as one line: nothing that could begin another header or turn the direction of writing."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:200]
