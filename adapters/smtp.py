"""One conversation with a mail server, ended in time, and what its failure means."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from socket import SHUT_RDWR
from typing import Literal

from chatbot.ports import DeliveryFailed

log = logging.getLogger("chatbot.mail")

TIMEOUT = 15.0
"""Seconds for the whole of one delivery; whoever calls allows 20."""
ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\],;:@\"\\]+@[^\s\x00-\x1f\x7f<>()\[\],;:@\"\\]+")
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
                self.sender.isascii() and ADDRESS.fullmatch(self.sender)
            ),
        }
        wrong = [problem for problem, right in checks.items() if not right]
        if wrong:
            raise ValueError("mail server: " + "; ".join(wrong))


def hand_in(server: MailServer, to: str, message: EmailMessage, timeout: float = TIMEOUT) -> None:
    """Hand `message` in for `to` within `timeout` seconds. Raises DeliveryFailed."""
    attempt = _Attempt(server, to, message, timeout)
    threading.Thread(target=attempt.run, name="mail", daemon=True).start()
    error: Exception | None = TimeoutError()
    if attempt.ended.wait(timeout):
        error = attempt.error
    else:
        attempt.give_up()  # the attempt then fails in its own way, which says less
    if error is not None:
        log.warning("mail: %s %s", type(error).__name__, getattr(error, "smtp_code", ""))
        raise _failed(error)  # without its cause: that one names addresses


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
