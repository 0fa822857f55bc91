"""What the stories share: what people write, and how a test looks at what came of it."""

from __future__ import annotations

import json
import re

from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

QUESTION = "can i accept a friend request from a former pupil on facebook?"
REPORT = "Kayleigh in year 4 just told me her dad hits her with a belt"
MAYBE = "i'm a bit worried about Tamsin in my year 5s"
ABOUT_THE_HEAD = "the headteacher hit Jermaine in the hall today"
EMERGENCY = "a boy called Kayleigh has a knife in the playground right now"
SECRETS = ("Kayleigh", "belt", "Tamsin", "Jermaine", "hits her", "former pupil", "knife")
"""Words of what people write here: no log may hold one."""
TAKE, OPEN = "Take this on", "Open the report"
PASS = "Pass this to the designated safeguarding lead (DSL)"


def reference_in(text: str) -> str:
    """The reference that a text names."""
    found = re.search(r"R-[A-Z0-9]{4,16}", text)
    assert found is not None, text
    return found[0]


def said(message: Json) -> str:
    """What is read out of a message: its text, or its card's summary."""
    return str(message.get("text") or message.get("summary") or "")


def shown(card: Json | None) -> str:
    """All that stands in a card, as JSON with its characters as they are."""
    return json.dumps(card, ensure_ascii=False)


def replies(teams: FakeTeams, where: str = "ana") -> list[Json]:
    """What the bot said there."""
    return teams.from_bot(where)


def reply(teams: FakeTeams, where: str = "ana") -> Json:
    """The latest that the bot said there, once it has."""
    return teams.wait_for(lambda: replies(teams, where)[-1])


def card(teams: FakeTeams) -> Json:
    """The first card in the safeguarding channel."""
    return teams.wait_for(lambda: teams.channel("dsl")[0])


def receipt(teams: FakeTeams, user: str = "ana") -> Json:
    """The message that goes on telling the reporter how the report stands."""
    return teams.wait_for(lambda: [each for each in replies(teams, user) if said(each).startswith("Report R-")][-1])


def receipt_says(teams: FakeTeams, words: str, user: str = "ana") -> Json:
    """The receipt, once it says so."""
    teams.wait_for(lambda: words in said(receipt(teams, user)))
    return receipt(teams, user)


def card_says(teams: FakeTeams, words: str) -> Json:
    """The first card, once it says so."""
    teams.wait_for(lambda: words in shown(card(teams)["card"]))
    return card(teams)


def reported(teams: FakeTeams, user: str = "ana", text: str = REPORT) -> str:
    """Somebody reports in their own chat and reads the receipt; the reference."""
    teams.says(user, text)
    return reference_in(said(receipt(teams, user)))


def cards_to(teams: FakeTeams, user: str) -> list[Json]:
    """The cards of reports that a person was sent."""
    return [each for each in replies(teams, user) if "afeguarding report" in said(each)]


def nothing_leaks(teams: FakeTeams, *words: str) -> None:
    """Not a word of a report was sent anywhere: they stand in dialogs only, which one person sees."""
    sent = json.dumps([each.body for each in teams.calls], ensure_ascii=False)
    assert [word for word in words if word in sent] == []
