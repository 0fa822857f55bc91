"""A member of staff asks in Teams, is asked back, and presses what stands under the answer."""

from __future__ import annotations

import json
import logging

import pytest

from adapters.teams import cards
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_client import Client
from tests.e2e.fakes.teams_state import NotThere
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import OPEN, QUESTION, REPORT, asks, card, receipt, replies, reply, said, shown

FLIPS = "can i accept a friend request from a former pupil?"
PHOTO = "can i post a photo?"
READ = "Read it in the policy"
SILENT = "can i use chatgpt to write reports?"


def test_a_question_is_answered_with_the_verdict_the_clause_and_thumbs(teams: FakeTeams) -> None:
    answer = asks(teams, "ana", QUESTION)
    assert said(answer).startswith("No.")
    assert "⛔ No" in shown(answer["card"])
    assert "Accept 'friend requests' from, or communicate with, pupils past or present" in shown(answer["card"])
    assert "due for review in March 2026" in shown(answer["card"])
    assert "No." in answer["card"]["fallbackText"]
    assert answer["channelData"]["feedbackLoop"] == {"type": "default"}


def test_a_clause_is_read_in_its_surroundings_where_there_is_no_public_page(teams: FakeTeams) -> None:
    answer = asks(teams, "ana", PHOTO)
    assert teams.open_dialog("ana", answer, READ).ok
    assert teams.dialog("ana")["title"] == "Clause 2.d"
    clause = shown(teams.dialog("ana")["card"])
    assert "👉" in clause
    assert "Staff members who have not been authorised by the IT Manager" in clause
    assert "Ashley Junior School, social media policy" in clause


def test_a_clause_is_a_link_where_the_policy_has_a_public_page(running: Running) -> None:
    running.environ = {"CHATBOT_PUBLIC_URL": "https://policy.example"}
    teams = running.teams
    with running.up():
        answer = asks(teams, "ana", PHOTO)
        assert "(https://policy.example/policies/ashley?clause=2.d#2.d)" in shown(answer["card"])
        with pytest.raises(NotThere):
            teams.open_dialog("ana", answer, READ)
        assert teams.press("ana", asks(teams, "ana", "help"), "Read the policy").ok
        assert teams.opened("ana") == ["https://policy.example/policies/ashley"]
        teams.check()


def test_a_new_fact_changes_the_answer_and_a_correction_changes_it_back(running: Running) -> None:
    running.schools = ("fact",)
    teams = running.teams
    with running.up():
        assert said(asks(teams, "ana", FLIPS)).startswith("It depends.")
        assert said(asks(teams, "ana", "she's 19 now")).startswith("Yes.")
        assert said(asks(teams, "ana", "sorry, she's 14")).startswith("No.")
        teams.check()


@pytest.mark.parametrize("client", ["universal", "legacy"])
def test_a_choice_that_is_pressed_gives_way_to_its_answer(teams: FakeTeams, client: Client) -> None:
    asked = asks(teams, "ana", PHOTO)
    assert said(asked).startswith("It depends.")
    assert teams.press("ana", asked, "Yes", client=client).ok
    if client == "universal":
        assert "You chose: Yes" in shown(teams.sees("ana", asked))
    settled = teams.wait_for(lambda: next(each for each in replies(teams) if said(each).startswith("You chose: Yes.")))
    assert settled["id"] == asked["id"]
    assert "✅ Yes" in shown(settled["card"])
    assert "clause ⁠2.d" in said(settled)
    assert '"value": "No"' not in shown(settled["card"])
    assert len(replies(teams)) == 1


def test_a_choice_can_be_typed_and_a_late_press_says_that_it_was_answered(teams: FakeTeams) -> None:
    asked = asks(teams, "ana", PHOTO)
    assert said(asks(teams, "ana", "yes")).startswith("Yes.")
    assert teams.press("ana", asked, "No").ok
    assert "answered already" in teams.toasts("ana")[0]
    assert len(replies(teams)) == 2
    assert teams.press("ana", asked, "No", client="legacy").ok
    assert "answered already" in said(teams.wait_for(lambda: replies(teams)[2]))
    assert teams.message(asked["id"])["edited"] == 0


def test_a_stranger_cannot_press_somebody_elses_choice(teams: FakeTeams) -> None:
    asked = asks(teams, "ana", PHOTO, "staffroom")
    assert teams.press("bo", asked, "Yes").ok
    assert "asked of somebody else" in teams.toasts("bo")[0]
    assert teams.message(asked["id"])["edited"] == 0
    assert teams.press("ana", asked, "Yes").ok
    settled = teams.wait_for(lambda: next(each for each in replies(teams, "staffroom") if each["edited"]))
    assert said(settled).startswith("You chose: Yes.")
    assert settled["root"] == asked["root"]
    assert len(replies(teams, "staffroom")) == 1


def test_a_reading_that_was_offered_to_somebody_is_not_a_strangers_to_choose(teams: FakeTeams) -> None:
    asked = asks(teams, "ana", PHOTO, "staffroom")
    meant = shown(asked["card"]).replace('"value": "Yes"', '"value": "meant:account-managers"')
    offered = {**asked, "card": json.loads(meant)}
    assert teams.press("bo", offered, "Yes").ok
    assert "asked of somebody else" in teams.toasts("bo")[0]
    assert teams.press("ana", offered, "Yes").ok
    teams.wait_for(lambda: "manages the accounts" in said(teams.message(asked["id"])))


def test_more_choices_than_there_can_be_buttons_are_a_list(teams: FakeTeams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MOST_ACTIONS", 1)
    asked = asks(teams, "ana", PHOTO)
    assert teams.press("ana", asked, "Choose").errors == {"field_choice": "Choose one of these."}
    assert teams.press("ana", asked, "Choose", {"Your answer": "Yes"}).ok
    teams.wait_for(lambda: said(teams.message(asked["id"])).startswith("You chose: Yes."))
    assert teams.press("ana", asked, "Choose", {"Your answer": "Yes"}).ok
    assert "answered already" in said(teams.wait_for(lambda: replies(teams)[1]))


def test_a_suggested_question_is_answered_below_as_often_as_it_is_pressed(teams: FakeTeams) -> None:
    teams.install("new")
    welcome = reply(teams, "new")
    suggestion = "Who looks after the school's Instagram?"
    for number in (1, 2):
        assert teams.press("new", welcome, suggestion).ok
        answer = teams.wait_for(lambda number=number: replies(teams, "new")[number])  # type: ignore[misc]  # bound early
        assert said(answer).startswith(f"You asked: {suggestion}")
        assert "The AJS IT Manager manages the accounts" in said(answer)
    assert teams.message(welcome["id"])["edited"] == 0
    teams.open_dialog("new", asks(teams, "new", "help"), "Report a concern")


def test_a_question_under_a_greeting_in_a_channel_is_anybodys_and_takes_nothing_away(teams: FakeTeams) -> None:
    greeting = asks(teams, "ana", "hello", "staffroom")
    assert teams.press("bo", greeting, "Who looks after the school's Instagram?").ok
    answer = teams.wait_for(lambda: replies(teams, "staffroom")[1])
    assert "The AJS IT Manager manages the accounts" in said(answer)
    assert answer["root"] == greeting["root"]
    assert teams.message(greeting["id"])["edited"] == 0


def test_thumbs_are_counted_without_words(teams: FakeTeams, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = asks(teams, "ana", QUESTION)
    assert teams.feedback("ana", answer, "like").ok
    assert teams.feedback("ana", answer, "dislike", "it says nothing about Kayleigh").ok
    counted = [record.getMessage() for record in caplog.records if "was rated" in record.getMessage()]
    assert counted == [f"the reply {answer['id']} was rated {how}" for how in ("right", "not right")]
    assert len(replies(teams)) == 1


def test_what_the_policy_does_not_say_is_said_plainly(teams: FakeTeams) -> None:
    silent = asks(teams, "ana", SILENT)
    assert "does not settle this" in said(silent)
    assert "The policy does not mention AI tools" in said(silent)
    assert "Ask the IT Manager or the headteacher" in said(silent)
    unknown = asks(teams, "bo", "flurble gronk")
    assert "I did not find this" in said(unknown)
    assert "Please ask the headteacher" in said(asks(teams, "bo", "gronk flurble"))


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("👍", "", " ", "???", "\N{ZERO WIDTH SPACE}"), "no question here that I can read"),
        (("word " * 4_000, "x" * 20_000), "too long for me to read safely"),
        (("هل يمكنني قبول طلب صداقة من تلميذ سابق؟", "я могу принять запрос в друзья?"), "only read English"),
        (("hello", "hi there 👋"), "Ask me about Ashley Junior School"),
    ],
)
def test_whatever_is_written_has_an_answer_in_words(teams: FakeTeams, texts: tuple[str, ...], words: str) -> None:
    for text in texts:
        assert words in said(asks(teams, "ana", text))


def test_a_concern_at_the_end_of_a_very_long_message_is_not_overlooked(teams: FakeTeams) -> None:
    teams.says("ana", "word " * 3_980 + REPORT)
    receipt(teams)


def test_what_looks_like_markup_changes_no_answer_and_mentions_nobody(teams: FakeTeams) -> None:
    for text in (
        f"<b>{QUESTION}</b>",
        f"<at>everyone</at> {QUESTION} [here](https://evil.example) ![x](https://evil.example/x.png)",
        QUESTION.replace(" ", "\N{NO-BREAK SPACE}"),
        f"&lt;p&gt; {QUESTION} &amp; so on",
    ):
        answer = asks(teams, "ana", text)
        assert said(answer).startswith("No."), text
        assert "evil.example" not in shown(answer["card"])


def test_the_bots_own_name_is_taken_out_once_and_the_names_of_others_stay(teams: FakeTeams) -> None:
    bo = teams.user("bo")
    told = teams.activity("ana", f"{REPORT}. Thanks NAME and Policy", "leaders")
    told["text"] = told["text"].replace("NAME", "<at>Bo Helper</at>&nbsp;")
    other = {"type": "mention", "text": "<at>Bo Helper</at>", "mentioned": {"id": bo.id, "name": bo.name}}
    assert teams.ask({**told, "entities": [*told["entities"], other]}).ok
    assert teams.open_dialog("dee", card(teams), OPEN).ok
    assert f'"{REPORT}. Thanks Bo Helper and Policy"' in shown(teams.dialog("dee")["card"])
