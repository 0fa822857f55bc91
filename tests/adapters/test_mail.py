"""Alerts by e-mail against a real SMTP server on loopback."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from adapters.mail import MailNotifier
from adapters.smtp import MailServer
from chatbot.escalation import Held, State
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed
from chatbot.reply import Route

AT = datetime(2026, 7, 21, 8, 30, tzinfo=UTC)
LEAD = Contact("lead", "A. Lead", timedelta(minutes=5), email="lead@school.example")
DEPUTY = Contact("deputy", "D. Deputy", timedelta(minutes=5), email="deputy@school.example")
HELD = Held("R-ABC234", "fact", Route.DSL, State.RAISED, False, False, "S. Staff", AT, stage=1)
ALERT = Alert("R-ABC234:0:email:lead", HELD, LEAD)
TAKEN_ON = replace(HELD, state=State.ACKNOWLEDGED, acknowledged_by="deputy", acknowledged_at=AT)
INJECTION = "Zoë\r\nBcc: thief@evil.example\n\nCall me instead\u2028X-Evil: 1\x00\u202e"
QUICK = 0.5  # seconds, for the 15 of a delivery


@dataclass
class Post:
    """What the server says, where it stops, and what it was handed."""

    recipient: str = "250 OK"
    data: str = "250 OK"
    stops: str = ""  # data, cut, quit or quit refused
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)

    async def handle_RCPT(self, _s: SMTP, _n: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.stops == "cut":
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]  # a transport of a socket has it
        elif self.stops == "data":
            await asyncio.Event().wait()
        elif self.data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            assert len(envelope.rcpt_tos) == 1
            self.raw.append(envelope.content)
            self.mails.append(email.message_from_bytes(envelope.content, EmailMessage, policy=email.policy.default))
        return self.data

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        if self.stops == "quit":
            await asyncio.Event().wait()
        return "500 no" if self.stops == "quit refused" else "221 Bye"

    def sign_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.passwords.append(given.password)
        busy = "454 4.7.0 try later" if given.login == b"busy" else None
        return AuthResult(success=given.password == b"right", handled=False, message=busy)


class Loopback(Controller):
    """On a free port; it hangs up before it stops."""

    talks: list[SMTP]

    def factory(self) -> SMTP:
        self.talks.append(super().factory())  # type: ignore[no-untyped-call]  # aiosmtpd is partly typed
        return self.talks[-1]

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd is partly typed

    async def hang_up(self) -> None:
        for talk in self.talks:
            if talk.transport is not None:
                talk.transport.abort()  # type: ignore[attr-defined]  # a transport of a socket has it
        await asyncio.sleep(0.01)


@contextmanager
def serving(post: Post, **how: object) -> Iterator[Post]:
    """`post` behind a port; `how` is aiosmtpd's."""
    server = Loopback(post, hostname="127.0.0.1", port=0, auth_require_tls=False, **how)  # type: ignore[arg-type]  # see there
    server.talks = []
    server.start()
    post.port = server.port
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(server.hang_up(), server.loop).result()
        server.stop()


@pytest.fixture
def post() -> Iterator[Post]:
    """A server that takes everything, and is rude afterwards."""
    with serving(Post(stops="quit refused")) as post:
        yield post


def notifier(port: int, **of_server: str) -> MailNotifier:
    given = {"user": "", "password": "", "sender": "bot@school.example", "tls": "none"} | of_server
    return MailNotifier(
        MailServer("127.0.0.1", port, **given),  # type: ignore[arg-type]  # tls is one of its words
        schools={"fact": "Ysgol Tŷ Gŵyn"}, zone=lambda _: "Europe/London", timeout=QUICK,
        person=lambda _, contact: {"lead": "A. Lead", "deputy": "D. Députy"}[contact],
    )  # fmt: skip


def failure(port: int, alert: Alert = ALERT, **of_server: str) -> tuple[str, bool]:
    """The kind of failure, and whether it is for good. It comes in time and names no address."""
    begun = time.monotonic()
    with pytest.raises(DeliveryFailed) as raised:
        notifier(port, **of_server).deliver(alert)
    assert time.monotonic() - begun < QUICK + 1
    assert (raised.value.retry_after, raised.value.__cause__) == (None, None)
    return raised.value.kind, raised.value.for_good


def test_the_alert_says_what_happened_and_what_to_do(post: Post) -> None:
    message_id = notifier(post.port).deliver(ALERT)
    (mail,) = post.mails
    assert mail["Subject"] == "Safeguarding alert R-ABC234 (Ysgol Tŷ Gŵyn)"
    assert (mail["From"], mail["To"]) == ("Safeguarding alerts <bot@school.example>", '"A. Lead" <lead@school.example>')
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (message_id, "auto-generated")
    for said in (
        "Reference: R-ABC234", "Severity: concern", "For: the designated safeguarding lead (DSL)",
        "School: Ysgol Tŷ Gŵyn", "Reported: Tuesday 21 July 2026, 09:30 BST", "Reported by: S. Staff",
        "Alert: the first", "open the DSL inbox", "This is not the school's safeguarding record.",
        "On purpose, no words of the report are in this e-mail.",
    ):  # fmt: skip
        assert said in mail.get_content()
    assert post.raw[0].isascii()


@pytest.mark.parametrize(("held", "subject", "said"), [
    (replace(HELD, emergency=True), "EMERGENCY: Safe", "call 999 now"),
    (replace(HELD, unconfirmed=True), "UNCONFIRMED: Safe", "has not said whether it is a report"),
    (replace(HELD, drill=True, emergency=True, unconfirmed=True), "DRILL EMERGENCY UNCONFIRMED: Safe", "a test"),
    (replace(HELD, stage=3), "Safe", "Alert: reminder 2"),
    (replace(HELD, route=Route.HEADTEACHER), "Safe", "open your inbox (it is not the DSL's)"),
    (TAKEN_ON, "Safe", "record what came of it. It is taken on by D. Députy"),
])  # fmt: skip
def test_what_is_special_is_marked(post: Post, held: Held, subject: str, said: str) -> None:
    notifier(post.port).deliver(replace(ALERT, held=held))
    assert post.mails[0]["Subject"].startswith(subject)
    assert said in post.mails[0].get_content()
    assert (post.mails[0]["Importance"] == "high") == (held.emergency and not held.drill)
    assert ("999" in post.mails[0].get_content()) == (held.emergency and not held.drill)


def test_a_public_url_leads_to_the_inbox_and_a_wrong_zone_stops_nothing(post: Post) -> None:
    server = MailServer("127.0.0.1", post.port, "", "", "bot@school.example", "none")
    MailNotifier(server, schools={}, zone=lambda _: "No/Where", public_url="https://bot.example/").deliver(ALERT)
    assert "open https://bot.example/desk, read" in post.mails[0].get_content()
    assert "08:30 UTC" in post.mails[0].get_content()


def test_a_repeat_is_recognisable_and_alerts_of_one_report_are_one_thread(post: Post) -> None:
    mail = notifier(post.port, sender="bot@" + "a" * 40 + ".a-rather-long-name-of-a-trust.example")
    mail.deliver(ALERT)
    mail.deliver(ALERT)
    mail.deliver(replace(ALERT, key="R-ABC234:1:email:deputy", contact=DEPUTY))
    mail.deliver(replace(ALERT, key="R-XYZ567:0:email:lead", held=replace(HELD, reference="R-XYZ567")))
    first, again, other, foreign = post.mails
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert {m["References"] for m in (first, again, other)} == {first["In-Reply-To"]} != {foreign["References"]}
    assert b"\r\nIn-Reply-To: <" in post.raw[0].partition(b"\r\nReferences: <")[0]


def test_others_are_told_once_that_it_is_taken_on_and_that_it_is_closed(post: Post) -> None:
    mail = notifier(post.port)
    message_id = mail.deliver(ALERT)
    closed = replace(TAKEN_ON, state=State.CLOSED, closed_at=AT, outcome="Ann was seen by social care")
    for held in (HELD, replace(HELD, state=State.DELIVERED), TAKEN_ON, TAKEN_ON, closed, closed):
        mail.update(replace(ALERT, held=held), message_id)
        mail.update(replace(ALERT, key="a later alert", held=held), message_id)
        mail.update(replace(ALERT, held=held, contact=DEPUTY), message_id)
    _, taken_on, ended = post.mails
    assert taken_on["Subject"] == "Safeguarding alert R-ABC234 (Ysgol Tŷ Gŵyn): taken on by D. Députy"
    assert "taken on by D. Députy (Tuesday 21 July 2026, 09:30 BST)." in taken_on.get_content()
    assert ended["Subject"].endswith(": closed")
    assert "Ann" not in ended.get_content()
    assert taken_on["In-Reply-To"] == message_id
    assert taken_on["References"].split() == [post.mails[0]["References"], message_id]
    assert len({m["Message-ID"] for m in post.mails}) == 3


def test_nothing_typed_becomes_a_header(post: Post) -> None:
    held = replace(TAKEN_ON, school=INJECTION, reporter=INJECTION, reference=INJECTION, acknowledged_by="lead")
    contact = replace(DEPUTY, name=INJECTION)
    mail = notifier(post.port)
    mail.deliver(Alert(INJECTION, held, contact))
    mail.update(Alert(INJECTION, held, contact), f"<a@b>{INJECTION}")
    plain = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "In-Reply-To", "References"}
    for sent in post.mails:
        assert set(sent.keys()) == plain | {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
        assert [to.addr_spec for to in sent["To"].addresses] == ["deputy@school.example"]
        assert not set("\r\n\x00\u2028\u202e") & set(sent["Subject"] + sent.get_content().replace("\r\n", ""))
        assert "\nBcc" not in sent.get_content()


ODD = ("", "lead", "a@b\r\nBcc: c@d", "a@b\nRCPT TO:<c@d>", "a@b, c@d", "A <a@b>", "a@b@c", '"a b"@c', "a\0@b")


@pytest.mark.parametrize("contact", [None, replace(LEAD, id="about"), *(replace(LEAD, email=odd) for odd in ODD)])
def test_who_has_no_address_or_may_be_meant_is_never_written_to(post: Post, contact: Contact | None) -> None:
    alert = replace(ALERT, held=replace(TAKEN_ON, excluded=frozenset({"about"})), contact=contact)
    assert failure(post.port, alert) == ("refused", True)
    if contact is not None:
        assert notifier(post.port).reaches(contact) == bool(contact.email)
        with pytest.raises(DeliveryFailed):
            notifier(post.port).update(alert, "<a@b>")
    assert post.mails == []


@pytest.mark.parametrize(("answers", "expected"), [
    ({"recipient": "550 lead@school.example?"}, ("refused", True)), ({"data": "554 spam"}, ("refused", True)),
    ({"recipient": "450 greylisted"}, ("throttled", False)), ({"data": "452 disk full"}, ("throttled", False)),
    ({"recipient": "421 too many"}, ("throttled", False)), ({"recipient": "530 sign in first"}, ("auth", True)),
    ({"stops": "cut"}, ("unreachable", False)), ({"stops": "data"}, ("timeout", False)),
])  # fmt: skip
def test_what_the_server_says_is_one_word(
    answers: dict[str, str], expected: tuple[str, bool], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Post(**answers)) as post:  # type: ignore[arg-type]  # all of these are str
        assert failure(post.port) == expected
        assert post.mails == []
    assert not any("@" in record.getMessage() for record in caplog.records if record.name == "chatbot.mail")


@pytest.mark.parametrize(
    ("user", "password", "expected"),
    [("bot", "wrong", ("auth", True)), ("busy", "wrong", ("auth", False)), ("bot", "pässword", ("auth", True))],
)
def test_signing_in(user: str, password: str, expected: tuple[str, bool]) -> None:
    post = Post(stops="quit")
    with serving(post, authenticator=post.sign_in):
        assert failure(post.port, user=user, password=password) == expected
        assert post.mails == []
        notifier(post.port, user="bot", password="right").deliver(ALERT)  # noqa: S106  # a test's own
        assert len(post.mails) == 1


@pytest.mark.parametrize(("tls", "kind"), [("none", "auth"), ("starttls", "refused")])
def test_a_server_without_sign_in_or_starttls_is_given_nothing(post: Post, tls: str, kind: str) -> None:
    assert failure(post.port, user="bot", password="right", tls=tls) == (kind, True)  # noqa: S106  # a test's own
    assert (post.mails, post.passwords) == ([], [])


def slowly(listener: socket.socket, says: bytes, done: threading.Event) -> None:
    """Say this one letter at a time and hang up; without words, say nothing and stay."""
    with listener.accept()[0] as peer, suppress(OSError):
        for letter in says:
            peer.send(bytes([letter]))
            done.wait(0.01)
        if not says:
            done.wait()


@pytest.mark.parametrize(("says", "expected"), [
    (b"", ("timeout", False)), (b"220-" + b"a" * 400, ("timeout", False)), (b"220 ", ("unreachable", False)),
    (b"554 no\r\n", ("refused", True)), (b"421 no\r\n", ("throttled", False)), (b"no\r\n", ("unreachable", False)),
])  # fmt: skip
def test_a_server_that_is_silent_slow_odd_or_gone(says: bytes, expected: tuple[str, bool]) -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=slowly, args=(listener, says, done))
        thread.start()
        assert failure(port) == expected
        done.set()
        thread.join()
    assert failure(port) == ("unreachable", False)


def test_settings_of_the_server_are_checked_and_the_password_is_not_shown() -> None:
    assert "hush" not in repr(MailServer("mail.example", 587, "bot", "hush", "bot@school.example"))
    with pytest.raises(ValueError, match=r"^(?!.*hush).*host is empty; port .* 0; user and .*; sender .* 'A <a@b>'$"):
        MailServer(" ", 0, "", "hush", "A <a@b>")
