"""Bundles of alerts and the daily digest by e-mail: what they say, and whom they never reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.mail import MailNotifier
from adapters.smtp import MailServer
from chatbot.escalation import Held, State
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed, Digest
from chatbot.reply import Route
from tests.adapters.test_mail import AT, DEPUTY, HELD, INJECTION, LEAD, Post, notifier, serving

KEY = "bundle:R-AAAAAA:1:email:lead"
REFERENCES = ("R-AAAAAA", "R-BBBBBB", "R-CCCCCC")
ALL = tuple(
    replace(HELD, reference=reference, at=AT + timedelta(minutes=number)) for number, reference in enumerate(REFERENCES)
)


def bundle(*held: Held) -> tuple[Alert, ...]:
    return tuple(Alert(KEY, one, LEAD) for one in held)


def taken(by: str) -> tuple[Alert, ...]:
    return bundle(*(replace(one, state=State.ACKNOWLEDGED, acknowledged_by=by, acknowledged_at=AT) for one in ALL))


@pytest.fixture
def post() -> Iterator[Post]:
    """A server that takes everything."""
    with serving(Post()) as post:
        yield post


def test_a_bundle_says_how_many_which_and_what_to_do(post: Post) -> None:
    held = (replace(ALL[0], unconfirmed=True), ALL[1], replace(ALL[2], route=Route.HEADTEACHER))
    message_id = notifier(post.port).bundle(bundle(*held))
    (mail,) = post.mails
    assert mail["Subject"] == "3 safeguarding alerts (Ysgol Tŷ Gŵyn)"
    assert (mail["To"], mail["Message-ID"]) == ('"A. Lead" <lead@school.example>', message_id)
    said = mail.get_content()
    lines = [line for line in said.splitlines() if line.startswith("R-")]
    assert lines == [
        "R-AAAAAA (UNCONFIRMED): for the designated safeguarding lead (DSL), reported Tuesday 21 July 2026, 09:30 BST",
        "R-BBBBBB: for the designated safeguarding lead (DSL), reported Tuesday 21 July 2026, 09:31 BST",
        "R-CCCCCC: for the headteacher, reported Tuesday 21 July 2026, 09:32 BST",
    ]
    for part in ("School: Ysgol Tŷ Gŵyn", "open the DSL inbox, read each report", "no words of the report",
                 "not the school's safeguarding record"):  # fmt: skip
        assert part in said
    assert HELD.reporter not in said
    assert post.raw[0].isascii()


def test_a_bundle_leads_to_the_inbox_and_drills_are_marked(post: Post) -> None:
    server = MailServer("127.0.0.1", post.port, "", "", "bot@school.example", "none")
    mail = MailNotifier(server, schools={}, zone=lambda _: "UTC", public_url="https://bot.example/")
    mail.bundle(bundle(*(replace(one, drill=True) for one in ALL)))
    assert post.mails[0]["Subject"] == "DRILL: 3 safeguarding alerts (fact)"
    assert "open https://bot.example/desk, read" in post.mails[0].get_content()
    assert post.mails[0].get_content().count("(DRILL)") == 3


def test_a_repeat_of_a_bundle_is_recognisable_though_less_is_in_it(post: Post) -> None:
    mail = notifier(post.port)
    mail.bundle(bundle(*ALL))
    mail.bundle(bundle(*ALL[1:]))
    mail.bundle(tuple(replace(alert, key="another") for alert in bundle(*ALL)))
    first, again, other = (one["Message-ID"] for one in post.mails)
    assert first == again != other


def test_the_others_are_told_once_when_none_of_a_bundle_is_open_any_more(post: Post) -> None:
    mail = notifier(post.port)
    message_id = mail.bundle(bundle(*ALL))
    mail.update_bundle((*taken("deputy")[:2], *bundle(ALL[2])), message_id)
    assert len(post.mails) == 1
    for _ in range(2):
        mail.update_bundle(taken("deputy"), message_id)
    _, ended = post.mails
    assert ended["Subject"] == "3 safeguarding alerts (Ysgol Tŷ Gŵyn): none is open any more"
    assert ended["In-Reply-To"] == ended["References"] == message_id
    assert "R-AAAAAA, R-BBBBBB, R-CCCCCC" in ended.get_content()


def test_who_has_taken_on_all_of_a_bundle_is_not_told_so(post: Post) -> None:
    notifier(post.port).update_bundle(taken("lead"), "<a@b>")
    assert post.mails == []


def test_a_digest_says_how_many_and_which_and_nothing_else_of_them(post: Post) -> None:
    back = tuple(replace(one, state=State.CLOSED, closed_at=AT, outcome="only asking about Ann") for one in ALL)
    message_id = notifier(post.port).digest(Digest("digest:fact:2026-07-21:email:lead", "fact", LEAD, back))
    (mail,) = post.mails
    assert mail["Subject"] == "3 possible reports taken back (Ysgol Tŷ Gŵyn)"
    assert mail["Message-ID"] == message_id
    said = mail.get_content()
    assert "References: R-AAAAAA, R-BBBBBB, R-CCCCCC" in said
    assert "open the DSL inbox" in said
    assert "Ann" not in said
    assert HELD.reporter not in said
    notifier(post.port).digest(Digest("another", "fact", LEAD, back[:1]))
    assert post.mails[1]["Subject"] == "1 possible report taken back (Ysgol Tŷ Gŵyn)"
    assert "Reference: R-AAAAAA" in post.mails[1].get_content()


@pytest.mark.parametrize("contact", [replace(LEAD, email="a@b\r\nBcc: c@d"), replace(LEAD, id="about"), None])
def test_who_has_no_address_or_may_be_meant_by_one_of_them_is_never_written_to(
    post: Post, contact: Contact | None
) -> None:
    held = (*ALL[:2], replace(ALL[2], excluded=frozenset({"about"})))
    alerts = tuple(Alert(KEY, one, contact) for one in held)
    mail = notifier(post.port)
    with pytest.raises(DeliveryFailed) as refused:
        mail.bundle(alerts)
    assert refused.value.for_good
    with pytest.raises(DeliveryFailed):
        mail.update_bundle(alerts, "<a@b>")
    if contact is not None:
        with pytest.raises(DeliveryFailed):
            mail.digest(Digest("key", "fact", contact, held))
    assert post.mails == []


def test_nothing_typed_becomes_a_header(post: Post) -> None:
    held = tuple(replace(one, school=INJECTION, reporter=INJECTION, reference=INJECTION) for one in ALL)
    contact = replace(DEPUTY, name=INJECTION)
    mail = notifier(post.port)
    mail.bundle(tuple(Alert(INJECTION, one, contact) for one in held))
    mail.digest(Digest(INJECTION, INJECTION, contact, held))
    for sent in post.mails:
        assert not {"Bcc", "X-Evil"} & set(sent.keys())
        assert [to.addr_spec for to in sent["To"].addresses] == ["deputy@school.example"]
        assert "\nBcc" not in sent.get_content()
