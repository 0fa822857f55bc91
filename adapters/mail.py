"""Alerts by e-mail: the second channel, and the only one where a school has neither Slack nor Teams.

A mail lies open in inboxes, phones and backups, so it carries no word of a report. Repeats carry the same Message-ID.
"""

from __future__ import annotations

import hashlib
import logging
import re
import smtplib
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from socket import SHUT_RDWR
from typing import Literal
from zoneinfo import ZoneInfo

from chatbot.escalation import Held, State
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed
from chatbot.reply import Route

log = logging.getLogger("chatbot.mail")

ROLES: Mapping[Route, str] = {
    Route.DSL: "the designated safeguarding lead (DSL)",
    Route.HEADTEACHER: "the headteacher",
    Route.CHAIR_OF_GOVERNORS: "the chair of governors",
}
NOT_THE_RECORD = "This is not the school's safeguarding record."
NO_WORDS = "On purpose, no words of the report are in this e-mail."

TIMEOUT = 15.0
"""Seconds for the whole of one delivery; whoever calls allows 20."""
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\],;:@\"\\]+@[^\s\x00-\x1f\x7f<>()\[\],;:@\"\\]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,74}>")
_SIGNING_IN = frozenset({530, 534, 535, 538})  # SMTP replies (RFC 4954)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom. `user` and `password` are both empty where none are needed."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    """A bare address, such as chatbot@school.example."""
    tls: Literal["starttls", "tls", "none"] = "starttls"

    def __post_init__(self) -> None:
        checks = {
            "host is empty": bool(self.host.strip()),
            f"port must be 1 to 65535, not {self.port}": 0 < self.port < 65536,
            "user and password go together, one of them is empty": bool(self.user) == bool(self.password),
            f"sender must be a bare ASCII address such as chatbot@school.example, not {self.sender!r}": (
                self.sender.isascii() and _ADDRESS.fullmatch(self.sender)
            ),
        }
        wrong = [problem for problem, right in checks.items() if not right]
        if wrong:
            raise ValueError("mail server: " + "; ".join(wrong))


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
        marks = {"DRILL": held.drill, "EMERGENCY": held.emergency, "UNCONFIRMED": held.unconfirmed}
        shown = " ".join(mark for mark, there in marks.items() if there)
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

    def _to_do(self, held: Held) -> str:
        inbox = "open the DSL inbox" if held.route is Route.DSL else "open your inbox (it is not the DSL's)"
        if self._inbox:
            inbox = f"open {self._inbox}"
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
        attempt = _Attempt(self._server, contact.email.strip(), message, self._timeout)
        threading.Thread(target=attempt.run, name="mail", daemon=True).start()
        if not attempt.ended.wait(self._timeout):
            attempt.give_up()
            attempt.error = TimeoutError()
        if attempt.error is None:
            return str(message["Message-ID"])
        log.warning("mail: %s %s", type(attempt.error).__name__, getattr(attempt.error, "smtp_code", ""))
        raise _failed(attempt.error)  # without its cause: that one names addresses


class _Attempt:
    """One conversation with the mail server.

    In a thread of its own, because no timeout of a socket covers name look-ups, several addresses, and a server that
    answers letter by letter.
    """

    def __init__(self, server: MailServer, to: str, message: EmailMessage, timeout: float) -> None:
        self._server, self._to, self._message, self._timeout = server, to, message, timeout
        self._smtp: smtplib.SMTP | None = None
        self._given_up = threading.Event()
        self.ended = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        """Have the conversation; `ended` is set once the mail is accepted or `error` is known."""
        try:
            with closing(self._connected()) as self._smtp:
                self._hand_in(self._smtp)
                self.ended.set()  # accepted: what goes wrong in parting changes nothing
                with suppress(OSError, ValueError):
                    self._smtp.quit()
        except Exception as error:  # raised again where it is waited for
            self.error = error
        finally:
            self.ended.set()

    def give_up(self) -> None:
        """Nobody waits any more: cut the connection."""
        self._given_up.set()
        with suppress(OSError, AttributeError):  # not connected yet, or no longer
            self._smtp.sock.shutdown(SHUT_RDWR)  # type: ignore[union-attr]  # AttributeError is expected

    def _connected(self) -> smtplib.SMTP:
        # Without the domain, smtplib looks up this machine's name, which can take seconds.
        host, port, name = self._server.host, self._server.port, self._server.sender.split("@")[1]
        if self._server.tls == "tls":
            return smtplib.SMTP_SSL(host, port, name, timeout=self._timeout, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, name, timeout=self._timeout)

    def _hand_in(self, smtp: smtplib.SMTP) -> None:
        if self._server.tls == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if self._server.user:
            self._sign_in(smtp)
        if self._given_up.is_set():
            raise TimeoutError
        smtp.send_message(self._message, self._server.sender, [self._to])

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self._server.user, self._server.password)
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except (smtplib.SMTPException, UnicodeError):  # no way to sign in that both sides know
            raise DeliveryFailed("auth", for_good=True) from None


def _failed(error: Exception) -> DeliveryFailed:
    match error:
        case DeliveryFailed():
            return error
        case smtplib.SMTPRecipientsRefused():
            return _answered(next(iter(error.recipients.values()))[0])
        case smtplib.SMTPAuthenticationError() if error.smtp_code != 421:
            return DeliveryFailed("auth", for_good=error.smtp_code >= 500)
        case smtplib.SMTPResponseException():
            return _answered(error.smtp_code)
        case smtplib.SMTPNotSupportedError() | UnicodeError():  # no STARTTLS, or no addresses beyond ASCII
            return DeliveryFailed("refused", for_good=True)
        case _:
            late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            return DeliveryFailed("timeout" if late else "unreachable")


def _answered(code: int) -> DeliveryFailed:
    if code in _SIGNING_IN:
        return DeliveryFailed("auth", for_good=True)
    if code >= 500:
        return DeliveryFailed("refused", for_good=True)
    return DeliveryFailed("throttled" if code >= 400 else "unreachable")


def _recipient(alert: Alert) -> Contact:
    """Whom the alert is for. Refuses for good where there is nobody to write to, or it may be about them."""
    contact = alert.contact
    if contact is None or contact.id in alert.held.excluded or not _ADDRESS.fullmatch(contact.email.strip()):
        raise DeliveryFailed("refused", for_good=True)
    return contact


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
