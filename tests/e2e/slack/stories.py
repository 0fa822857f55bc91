"""What the stories share: what people write, and how a test looks at what came of it."""

from __future__ import annotations

import json
import re

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_state import Json

QUESTION = "can i accept a friend request from a former pupil on facebook?"
REPORT = "Kayleigh in year 4 just told me her dad hits her with a belt"
MAYBE = "i'm a bit worried about Tamsin in my year 5s"
ABOUT_THE_HEAD = "the headteacher hit Jermaine in the hall today"
EMERGENCY = "a boy called Kayleigh has a knife in the playground right now"
SECRETS = ("Kayleigh", "belt", "Tamsin", "Jermaine", "hits her", "former pupil", "knife")
"""Words of what people write here: no log may hold one."""
VIEWS = ("views.open", "views.push", "views.update")
TAKE, OPEN = "Take this on", "Open the report"


def reference_in(text: str) -> str:
    """The reference that a text names."""
    found = re.search(r"R-[A-Z0-9]{4,16}", text)
    assert found is not None, text
    return found[0]


def card(slack: FakeSlack) -> Json:
    """The first card in the safeguarding channel."""
    return slack.wait_for(lambda: slack.messages("CDSL")[0])


def reported(slack: FakeSlack, user: str = "U1", text: str = REPORT) -> str:
    """Somebody reports in a direct message and reads the receipt; the reference."""
    slack.dm_says(user, text)
    return reference_in(receipt(slack, user)["text"])


def receipt(slack: FakeSlack, user: str = "U1") -> Json:
    """The message that goes on telling the reporter how the report stands."""
    return slack.wait_for(lambda: [each for each in slack.dm(user) if each["text"].startswith("Report R-")][-1])


def receipt_says(slack: FakeSlack, words: str, user: str = "U1") -> Json:
    """The receipt, once it says so."""
    slack.wait_for(lambda: words in receipt(slack, user)["text"])
    return receipt(slack, user)


def card_says(slack: FakeSlack, words: str) -> Json:
    """The first card, once it says so."""
    slack.wait_for(lambda: words in slack.messages("CDSL")[0]["text"])
    return card(slack)


def cards_in_dm(slack: FakeSlack, user: str) -> list[Json]:
    """The cards that a person was sent."""
    return [each for each in slack.dm(user) if "afeguarding report" in each["text"]]


def replies(slack: FakeSlack, user: str) -> list[Json]:
    """What the bot said to a person in their direct messages."""
    return [each for each in slack.dm(user) if each.get("bot_id")]


def asked_whether(slack: FakeSlack, user: str = "U1") -> Json:
    """The question whether it is to be passed on."""
    return slack.wait_for(lambda: [each for each in replies(slack, user) if "Shall I pass it" in each["text"]][0])  # noqa: RUF015 -- none yet is a LookupError


def shown(where: Json) -> str:
    """All that stands in a message, modal or tab, as JSON with its characters as they are."""
    return json.dumps(where["blocks"], ensure_ascii=False)


def sent_outside_views(slack: FakeSlack) -> str:
    """Everything that the bot sent but for modals, which one person sees."""
    calls = [each.arguments for each in slack.calls if each.method not in VIEWS]
    return json.dumps(calls, ensure_ascii=False)


def nothing_leaks(slack: FakeSlack, *words: str) -> None:
    """Not a word of a report stands anywhere outside a modal."""
    sent = sent_outside_views(slack)
    assert [word for word in words if word in sent] == []


def told(slack: FakeSlack, user: str) -> bool:
    """Whether a person was sent any card at all."""
    return bool(cards_in_dm(slack, user))


def only(slack: FakeSlack, *errors: str) -> None:
    """Nothing went wrong but what the test is about."""
    assert {each.error for each in slack.errors} <= set(errors), slack.summary()
    assert not slack.unknown, slack.summary()
    assert not slack.faults, slack.summary()
