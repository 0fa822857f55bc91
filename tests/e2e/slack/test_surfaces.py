"""The other places where staff ask: shortcuts, the Home tab, prompts, clauses, thumbs, and sharing with a channel."""

from __future__ import annotations

import pytest

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_forms import NotThere
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import MAYBE, QUESTION, REPORT, nothing_leaks, receipt, replies, shown


def test_the_shortcut_ask_the_policy_answers_in_the_same_modal(slack: FakeSlack) -> None:
    assert slack.global_shortcut("U1", "ask_policy").ok
    form = slack.wait_for(lambda: slack.modal("U1"))
    assert slack.submit("U1", {"Your question": QUESTION}).ok
    result = slack.modal("U1")
    assert result["id"] == form["id"]
    assert result["callback_id"] == "view.reply"
    assert "friend requests" in shown(result)
    assert "You asked:" in shown(result)
    assert slack.dm("U1") == []


def test_a_question_of_blanks_is_not_taken(slack: FakeSlack) -> None:
    slack.global_shortcut("U1", "ask_policy")
    slack.wait_for(lambda: slack.modal("U1"))
    answer = slack.submit("U1", {"Your question": "   \n "})
    assert answer.errors
    assert slack.modal("U1")["callback_id"] == "form.ask"


def test_a_clarifying_button_in_a_modal_is_answered_in_that_modal(slack: FakeSlack) -> None:
    slack.global_shortcut("U1", "ask_policy")
    slack.wait_for(lambda: slack.modal("U1"))
    slack.submit("U1", {"Your question": "can i post a photo?"})
    asked = slack.modal("U1")
    assert slack.press("U1", asked, "Yes").ok
    slack.wait_for(lambda: "Yes." in shown(slack.modal("U1")) and '"choice.0"' not in shown(slack.modal("U1")))
    assert slack.modal("U1")["id"] == asked["id"]


def test_a_report_typed_into_the_question_form_is_a_report(slack: FakeSlack) -> None:
    slack.global_shortcut("U1", "ask_policy")
    slack.wait_for(lambda: slack.modal("U1"))
    slack.submit("U1", {"Your question": REPORT})
    assert "R-" in shown(slack.modal("U1"))
    receipt(slack)
    slack.wait_for(lambda: slack.messages("CDSL")[0])
    nothing_leaks(slack, "Kayleigh", "belt")


def test_the_message_shortcut_is_this_ok_looks_the_words_up(slack: FakeSlack) -> None:
    written = slack.channel_says("U2", "C1", QUESTION)
    assert slack.message_shortcut("U1", "C1", written["ts"], "is_this_ok").ok
    form = slack.wait_for(lambda: slack.modal("U1"))
    assert "former pupil" in shown(form)
    assert slack.submit("U1").ok
    assert "friend requests" in shown(slack.modal("U1"))
    assert len(slack.messages("C1")) == 1


def test_home_says_what_it_does_and_which_policy_and_a_suggestion_is_answered(slack: FakeSlack) -> None:
    slack.open_home("U1")
    home = slack.wait_for(lambda: slack.home("U1"))
    for words in ("Ashley Junior School", "Review overdue", "March 2026", "You have reported nothing", "999"):
        assert words in shown(home)
    assert "Inbox" not in shown(home)
    assert slack.press("U1", home, "suggestion.0").ok
    result = slack.wait_for(lambda: slack.modal("U1"))
    assert "No." in shown(result)


def test_home_opens_the_form_for_a_question_and_the_form_for_a_concern(slack: FakeSlack) -> None:
    slack.open_home("U1")
    home = slack.wait_for(lambda: slack.home("U1"))
    assert slack.press("U1", home, "Ask the policy").ok
    slack.wait_for(lambda: slack.modal("U1")["callback_id"] == "form.ask")
    slack.close_view("U1")
    assert slack.press("U1", home, "Report a concern").ok
    slack.wait_for(lambda: slack.modal("U1")["callback_id"] == "form.report")


def test_thumbs_are_thanked_and_change_nothing_else(slack: FakeSlack) -> None:
    slack.dm_says("U1", QUESTION)
    reply = slack.wait_for(lambda: replies(slack, "U1")[0])
    assert slack.press("U1", reply, "This was right").ok
    assert "Noted as right" in slack.wait_for(lambda: slack.ephemerals("U1")[0])["text"]
    assert slack.press("U1", reply, "This was not right").ok
    assert "not right" in slack.wait_for(lambda: slack.ephemerals("U1")[1])["text"]
    assert replies(slack, "U1") == [reply]


def test_thumbs_in_a_modal_are_thanked(slack: FakeSlack) -> None:
    slack.global_shortcut("U1", "ask_policy")
    slack.wait_for(lambda: slack.modal("U1"))
    slack.submit("U1", {"Your question": QUESTION})
    before = slack.modal("U1")
    assert slack.press("U1", before, "This was right").ok
    slack.wait_idle()
    seen = shown(slack.modal("U1")) + "".join(each["text"] for each in slack.ephemerals("U1") + slack.dm("U1"))
    assert "Noted" in seen


def test_a_clause_is_read_in_a_modal_where_there_is_no_public_page(slack: FakeSlack) -> None:
    slack.dm_says("U1", QUESTION)
    reply = slack.wait_for(lambda: replies(slack, "U1")[0])
    assert slack.press("U1", reply, "clause", "ashley 3.e").ok
    clause = slack.wait_for(lambda: slack.modal("U1"))
    assert "Clause 3.e" in clause["title"]["text"]
    assert "pupils past or present" in shown(clause)


def test_a_clause_under_an_answer_in_a_modal_opens_on_top_of_it(slack: FakeSlack) -> None:
    slack.global_shortcut("U1", "ask_policy")
    slack.wait_for(lambda: slack.modal("U1"))
    slack.submit("U1", {"Your question": QUESTION})
    assert slack.press("U1", slack.modal("U1"), "clause", "ashley 3.e").ok
    slack.wait_for(lambda: len(slack.modals("U1")) == 2)
    assert slack.modal("U1")["callback_id"] == "view.clause"


def test_a_clause_is_a_link_where_the_policy_has_a_public_page(running: Running) -> None:
    running.environ = {"CHATBOT_PUBLIC_URL": "https://policy.example"}
    slack = running.slack
    with running.up():
        slack.dm_says("U1", QUESTION)
        reply = slack.wait_for(lambda: replies(slack, "U1")[0])
        assert "https://policy.example/policies/ashley?clause=3.e" in shown(reply)
        with pytest.raises(NotThere):
            slack.press("U1", reply, "clause", "ashley 3.e")
        slack.open_home("U1")
        home = slack.wait_for(lambda: slack.home("U1"))
        assert slack.press("U1", home, "Read the policy").ok
        slack.check()


def test_an_answer_to_a_command_is_shared_with_the_channel_without_its_buttons(slack: FakeSlack) -> None:
    slack.command("U1", "C1", "/policy", QUESTION)
    answer = slack.ephemerals("U1")[0]
    assert slack.press("U1", answer, "Share in channel").ok
    shared = slack.wait_for(lambda: slack.messages("C1")[0])
    assert shared["text"].startswith("No.")
    assert "Share in channel" not in shown(shared)
    assert "This was right" not in shown(shared)


def test_an_answer_from_before_a_restart_cannot_be_shared_and_that_is_said(running: Running) -> None:
    slack = running.slack
    with running.up():
        slack.command("U1", "C1", "/policy", QUESTION)
        answer = slack.ephemerals("U1")[0]
    with running.up():
        assert slack.press("U1", answer, "Share in channel").ok
        slack.wait_for(lambda: "too old" in slack.ephemerals("U1")[-1]["text"])
        assert slack.messages("C1") == []
        slack.check()


@pytest.mark.parametrize("text", [f"report {REPORT}", REPORT, MAYBE, "help", "school"])
def test_nothing_private_is_offered_for_sharing(slack: FakeSlack, text: str) -> None:
    slack.command("U1", "C1", "/policy", text)
    answer = slack.ephemerals("U1")[0]
    with pytest.raises(NotThere):
        slack.press("U1", answer, "Share in channel")
    slack.wait_idle()
    assert slack.messages("C1") == []


def test_the_messages_tab_suggests_questions_that_are_answered(slack: FakeSlack) -> None:
    slack.open_home("U1", "messages")
    slack.wait_for(lambda: slack.prompts("U1"))
    assert 1 <= len(slack.prompts("U1")) <= 4
    slack.pick_prompt("U1", slack.prompts("U1")[0]["title"])
    assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("No.")


def test_without_agents_on_the_plan_everything_else_works(running: Running) -> None:
    slack = running.slack
    slack.fail("assistant.threads.setSuggestedPrompts", times=None, error="not_allowed_token_type")
    with running.up():
        slack.open_home("U1", "messages")
        slack.wait_idle()
        slack.wait_for(lambda: slack.called("assistant.threads.setSuggestedPrompts"))
        slack.dm_says("U1", QUESTION)
        assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("No.")
        slack.open_home("U1")
        slack.wait_for(lambda: slack.home("U1"))
        slack.check()
