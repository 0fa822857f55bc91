"""The extension in Teams: search, actions on messages and beside the box, and the dialogs that they open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_forms import buttons
from tests.e2e.fakes.teams_state import Json, NotThere
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    OPEN,
    QUESTION,
    REPORT,
    asks,
    card,
    receipt,
    reference_in,
    replies,
    said,
    shown,
)

SEARCH = "search_policy"


def found(teams: FakeTeams, query: str | None, command: str | None = SEARCH) -> list[Json]:
    """What a search lists."""
    answer = teams.search("ana", query, command)
    assert answer.ok, answer
    listed: list[Json] = answer.shown
    return listed


def tells(teams: FakeTeams, query: str, command: str | None = SEARCH) -> str:
    """What a search says in place of results."""
    answer = teams.search("ana", query, command)
    assert answer.ok, answer
    assert answer.shown == []
    return str(answer.body["composeExtension"]["text"])


def raw_invoke(teams: FakeTeams, name: str, value: Json, user: str = "ana", where: str | None = None) -> Any:
    """The body of the answer to an invoke that no client makes by itself."""
    told = teams.activity(user, "", where, type="invoke", name=name, value=value)
    answer = teams.ask(told)
    assert answer.status == 200
    return answer.body


def test_search_suggests_questions_and_finds_rules_and_clauses(teams: FakeTeams) -> None:
    suggested = [each["preview"]["content"]["title"] for each in found(teams, None)]
    assert "Who looks after the school's Instagram?" in suggested
    rule, clause = found(teams, "friend request")[:2]
    assert rule["preview"]["content"]["text"].startswith("This is required.")
    assert clause["preview"]["content"]["title"].endswith("3.e")
    assert found(teams, "safeguarding", None)
    for each in (rule, clause):
        teams.inserts("ana", each, "leaders")
        assert list(buttons(each["content"])) == []
    assert teams.replies(teams.messages("leaders")[0]) == []


def test_search_says_why_it_lists_nothing(teams: FakeTeams) -> None:
    assert "Nothing in the policy" in tells(teams, "quux")
    assert "do not know this command" in tells(teams, "friend request", "searchOld")
    concern = tells(teams, REPORT)
    assert "Nothing has been passed on from here" in concern
    for value in ({}, {"commandId": SEARCH, "parameters": None}, {"parameters": [{}, 3, {"name": "q", "value": 7}]}):
        assert raw_invoke(teams, "composeExtension/query", value)["composeExtension"]["type"] == "result"
    assert "You have reported nothing here" in said(asks(teams, "ana", "my reports"))
    assert teams.messages("dsl") == []


@pytest.mark.parametrize("where", ["leaders", "apart"])
def test_a_message_of_somebody_is_checked_against_the_policy(teams: FakeTeams, where: str) -> None:
    teams.add_group("apart", ["ana", "hal"], bot=False)
    written = teams.says("hal", QUESTION, where, mention=False)
    assert teams.message_action("ana", written, "is_this_ok").ok
    assert "former pupil" in shown(teams.dialog("ana")["card"])
    assert teams.submit_dialog("ana", title="Check it").ok
    assert "You asked: can i accept a friend request" in shown(teams.dialog("ana")["card"])
    assert "⛔ No" in shown(teams.dialog("ana")["card"])
    assert replies(teams, where) == []


def test_a_message_of_somebody_is_passed_on_from_a_chat_where_the_bot_is_not(teams: FakeTeams) -> None:
    teams.add_group("apart", ["ana", "hal"], bot=False)
    written = teams.says("hal", f"{REPORT} & <worse>", "apart", mention=False)
    assert teams.message_action("ana", written, "pass_to_dsl").ok
    assert f"{REPORT} & <" in shown(teams.dialog("ana")["card"])
    assert teams.submit_dialog("ana", {"What you want to add": "I saw a mark on her arm"}, "Pass it on").ok
    assert "R-" in shown(teams.dialog("ana")["card"])
    receipt(teams)
    assert teams.open_dialog("dee", card(teams), OPEN).ok
    opened = shown(teams.dialog("dee")["card"])
    assert "Message from Hal Head" in opened
    assert "I saw a mark on her arm" in opened
    assert replies(teams, "apart") == []


def test_whose_message_it_is_does_not_decide_whom_it_goes_to(teams: FakeTeams) -> None:
    teams.add_group("apart", ["ana", "bo"], bot=False)
    written = teams.says("bo", REPORT, "apart", mention=False)  # Bo Helper: a helper is staff, and the report is not
    assert teams.message_action("ana", written, "pass_to_dsl").ok
    assert teams.submit_dialog("ana", {}, "Pass it on").ok
    assert reference_in(said(card(teams))) == reference_in(said(receipt(teams)))


def test_the_words_of_a_message_are_read_whatever_marks_are_around_them(teams: FakeTeams) -> None:
    content = (
        '<div><p>Can <at id="0">Bo</at>&nbsp;post&nbsp;this? <img alt="crying cat" src="https://x.example/1.gif">'
        "<emoji alt='👍'></emoji></p><ul><li>a &lt;photo&gt;</li><li>of <b>5B</b></li></ul>"
        '<attachment id="1"></attachment><script>no</script></div>'
    )
    for payload, words in (
        ({"body": {"contentType": "html", "content": content}}, '"Can Bo post this? crying cat👍\\na <photo>\\nof 5B'),
        ({"body": {"contentType": "text", "content": "a <b> & c"}}, '"a <b> & c"'),
        ({"body": {"content": ""}}, "What is to be checked"),
        ({}, "What is to be checked"),
    ):
        asked = {"commandId": "is_this_ok", "messagePayload": payload}
        assert words in shown(raw_invoke(teams, "composeExtension/fetchTask", asked))
    asked = {
        "commandId": "pass_to_dsl",
        "messagePayload": {"body": {"contentType": "html", "content": "<img src='x'>"}},
    }
    assert "This message has no words." in shown(raw_invoke(teams, "composeExtension/fetchTask", asked))


def test_a_question_and_a_concern_are_sent_off_from_beside_the_box(teams: FakeTeams) -> None:
    assert teams.box_action("ana", "ask_policy", "leaders").ok
    assert teams.submit_dialog("ana", {"Your question": "can i post a photo?"}, "Ask").ok
    assert teams.submit_dialog("ana", title="Yes").ok
    assert "You asked: Yes" in shown(teams.dialog("ana")["card"])
    assert teams.submit_dialog("ana", title="Read it in the policy").ok
    assert teams.dialog("ana")["title"] == "Clause 2.d"
    assert teams.box_action("ana", "report_concern", "leaders").ok
    assert teams.submit_dialog("ana", {"What has happened?": REPORT}, "Pass it on").ok
    assert "R-" in shown(teams.dialog("ana")["card"])
    receipt(teams)
    assert replies(teams, "leaders") == []
    assert teams.box_action("ana", "from_an_old_version").ok
    assert "older version" in shown(teams.dialog("ana")["card"])


def test_an_empty_form_comes_back_with_what_is_missing(teams: FakeTeams) -> None:
    form = asks(teams, "ana", "report")
    assert teams.open_dialog("ana", form, "Report a concern").ok
    assert teams.submit_dialog("ana").errors == {"field_words": "Write a few words."}
    assert teams.submit_dialog("ana", {"What has happened?": " \n\N{ZERO WIDTH SPACE}"}).ok
    assert "Write a few words." in shown(teams.dialog("ana")["card"])
    assert teams.dialog("ana")["title"] == "Report a concern"
    assert "You have reported nothing here" in said(asks(teams, "ana", "my reports"))


def test_what_was_typed_stays_in_a_form_that_comes_back(running: Running) -> None:
    running.schools = ("ashley", "fact")
    teams = running.teams
    with running.up():
        for field, verb in (("Your question", "form.ask"), ("What has happened?", "form.report")):
            body = raw_invoke(teams, "task/submit", {"data": {"verb": verb, "field_words": "no coat again"}})
            back = shown(body["task"]["value"]["card"]["content"])
            for words in ("Choose your school.", field, '"value": "no coat again"'):
                assert words in back
        assert "You have reported nothing here" in said(asks(teams, "ana", "my reports"))
        teams.check()


def test_nothing_can_be_pressed_that_does_nothing_and_says_nothing(teams: FakeTeams) -> None:
    for data in ({}, {"verb": "from.an.old.version"}, {"verb": "choice", "turn": "x", "value": "Yes", "label": "Yes"}):
        action = {"type": "Action.Execute", "verb": data.get("verb", "x"), "data": data}
        assert raw_invoke(teams, "adaptiveCard/action", {"action": action, "trigger": "manual"})["value"]
        before = len(replies(teams))
        assert teams.ask(teams.activity("ana", value=data)).ok
        teams.wait_for(lambda before=before: replies(teams)[before])  # type: ignore[misc]  # bound early
    opened = asks(teams, "ana", "report")
    with pytest.raises(NotThere):
        teams.press("ana", opened, "Choose your school")
