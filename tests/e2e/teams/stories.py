"""What the stories share: what people write, and how a test looks at what came of it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.fakes import teams_payloads as payloads
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_delivery import Answer
from tests.e2e.fakes.teams_forms import find
from tests.e2e.fakes.teams_state import Json

QUESTION = "can i accept a friend request from a former pupil on facebook?"
REPORT = "Kayleigh in year 4 just told me her dad hits her with a belt"
MAYBE = "i'm a bit worried about Tamsin in my year 5s"
ABOUT_THE_HEAD = "the headteacher hit Jermaine in the hall today"
EMERGENCY = "a boy called Kayleigh has a knife in the playground right now"
SECRETS = ("Kayleigh", "belt", "Tamsin", "Jermaine", "hits her", "former pupil", "knife")
"""Words of what people write here: no log may hold one."""
TAKE, OPEN = "Take this on", "Open the report"
CLOSE, ASKING = "Close with an outcome", "No, only asking"
NOT_YOURS = "There is no such report, or it is not for you."
PASS = "Pass this to the designated safeguarding lead (DSL)"  # noqa: S105  # no password


def reference_in(text: str) -> str:
    """The reference that a text names."""
    found = re.search(r"R-[A-Z0-9]{4,16}", text)
    assert found is not None, text
    return found[0]


def said(message: Json) -> str:
    """What is read out of a message: its text, or its card's summary."""
    return str(message.get("text") or message.get("summary") or "")


def shown(card: object) -> str:
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


def receipts(teams: FakeTeams, user: str = "ana") -> list[Json]:
    """The messages that go on telling a reporter how each report stands, oldest first."""
    return [each for each in replies(teams, user) if said(each).startswith("Report R-")]


def receipt(teams: FakeTeams, user: str = "ana") -> Json:
    """The latest of them, once there is one."""
    return teams.wait_for(lambda: receipts(teams, user)[-1])


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
    before = len(receipts(teams, user))
    teams.says(user, text)
    return reference_in(said(teams.wait_for(lambda: receipts(teams, user)[before])))


def cards_to(teams: FakeTeams, user: str) -> list[Json]:
    """The cards of reports that a person was sent."""
    return [each for each in replies(teams, user) if "afeguarding report" in said(each)]


def nothing_leaks(teams: FakeTeams, *words: str) -> None:
    """Not a word of a report was sent anywhere: they stand in dialogs only, which one person sees."""
    sent = json.dumps([each.body for each in teams.calls], ensure_ascii=False)
    assert [word for word in words if word in sent] == []


def asked_whether(teams: FakeTeams, user: str = "ana") -> Json:
    """The question whether it is to be passed on."""
    return teams.wait_for(lambda: next(each for each in replies(teams, user) if "Shall I pass it" in said(each)))


def met(teams: FakeTeams, *users: str) -> None:
    """People who have said hello: the app knows where to write to them."""
    for user in users:
        teams.says(user, "hello")
    for user in users:
        reply(teams, user)


def told(teams: FakeTeams, user: str, reference: str = "", seconds: float = 10) -> Json:
    """The latest card of a report that a person was sent, once there is one."""
    return teams.wait_for(lambda: [each for each in cards_to(teams, user) if reference in said(each)][-1], seconds)


def rows(file: Path, table: str, where: str = "1") -> int:
    """How many rows of a table there are."""
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()  # noqa: S608  # our own
    return int(count)


def invoke(teams: FakeTeams, user: str, name: str, value: Json, message: Json | None = None) -> Json:
    """An invoke that is not sent yet, as somebody's client could make it: from their own chat, or on a message."""
    with teams.world.changed:
        person, world = teams.user(user), teams.world
        if message is None:
            return payloads.activity(world, person, teams.room(user), "invoke", name=name, value=value)
        room, found = world.find_message(message)
        return payloads.on_card(world, person, room, found, "invoke", value, name=name)


def press_again(teams: FakeTeams, user: str, message: Json, title: str) -> Answer:
    """A button is pressed as it was when the message was read, although it may say something else by now."""
    action = find(message["card"], title).action
    told = payloads.execute(action, action["data"], "manual")
    return teams.ask(invoke(teams, user, "adaptiveCard/action", told, message))


def deed(teams: FakeTeams, user: str, verb: str, reference: str, message: Json | None = None) -> str:
    """All that somebody is answered who has a client press a button of a report, wherever it stands."""
    data = {"verb": verb, "reference": reference}
    value: Json = {"data": data, "context": {"theme": "default"}}
    name = "task/fetch"
    if verb in ("report.take", "report.refresh"):
        name, value = "adaptiveCard/action", {"action": {"type": "Action.Execute", "verb": verb, "data": data}}
    elif verb.startswith("form."):
        name, typed = "task/submit", {"field_outcome": "x", "field_record": "x", "field_note": "x"}
        value = {"data": {**data, **typed, "field_person": "ed.deputy"}}
    answer = teams.ask(invoke(teams, user, name, value, message))
    assert answer.ok, answer
    return shown(answer.body)


def only(teams: FakeTeams, *errors: str, faults: tuple[str, ...] = ()) -> None:
    """Nothing went wrong but what the test is about."""
    assert {each.error for each in teams.errors} <= set(errors), teams.summary()
    assert {each.kind for each in teams.faults} <= set(faults), teams.summary()
    assert not teams.unknown, teams.summary()
    assert not teams.crashes, teams.summary()


def asks(teams: FakeTeams, user: str, text: str, where: str = "", reply_to: Json | None = None) -> Json:
    """Somebody says something, by a mention where others read it; the next that the bot says there."""
    place = where or user
    before = len(replies(teams, place))
    teams.says(user, text, place, reply_to)
    return teams.wait_for(lambda: replies(teams, place)[before])
