"""A member of staff asks on every surface of Slack, over HTTP and in Socket Mode."""

from __future__ import annotations

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running, configured
from tests.e2e.slack.stories import QUESTION, replies, shown

FLIPS = "can i accept a friend request from a former pupil?"


def test_a_direct_message_is_answered_with_the_clause(slack: FakeSlack) -> None:
    slack.dm_says("U1", QUESTION)
    reply = slack.wait_for(lambda: slack.dm("U1")[1])
    assert reply["text"].startswith("No.")
    assert "friend requests" in shown(reply)
    assert "thread_ts" not in reply


def test_a_question_in_a_thread_of_direct_messages_is_answered_in_that_thread(slack: FakeSlack) -> None:
    first = slack.dm_says("U1", "hello")
    slack.wait_for(lambda: replies(slack, "U1"))
    slack.dm_says("U1", QUESTION, thread_ts=first["ts"])
    reply = slack.wait_for(lambda: replies(slack, "U1")[1])
    assert reply["thread_ts"] == first["ts"]
    assert reply["text"].startswith("No.")


def test_a_new_fact_in_the_same_conversation_changes_the_answer(running: Running) -> None:
    running.config = configured("fact")
    slack = running.slack
    with running.up():
        slack.dm_says("U1", FLIPS)
        asked = slack.wait_for(lambda: replies(slack, "U1")[0])
        assert asked["text"].startswith("It depends.")
        slack.dm_says("U1", "she's 19 now")
        assert slack.wait_for(lambda: replies(slack, "U1")[1])["text"].startswith("Yes")
        slack.dm_says("U1", "sorry, she's 14")
        assert slack.wait_for(lambda: replies(slack, "U1")[2])["text"].startswith("No.")
        slack.check()


def test_a_clarifying_button_gives_way_to_what_was_chosen_and_the_answer_follows(running: Running) -> None:
    running.config = configured("fact")
    slack = running.slack
    with running.up():
        slack.dm_says("U1", FLIPS)
        asked = slack.wait_for(lambda: replies(slack, "U1")[0])
        assert slack.press("U1", asked, "18 or over").ok
        answer = slack.wait_for(lambda: replies(slack, "U1")[1])
        assert answer["text"].startswith("Yes")
        slack.wait_for(lambda: "You chose" in shown(replies(slack, "U1")[0]))
        settled = replies(slack, "U1")[0]
        assert settled["ts"] == asked["ts"]
        assert '"choice.0"' not in shown(settled)
        slack.check()


def test_a_clarifying_question_can_be_answered_by_typing(slack: FakeSlack) -> None:
    slack.dm_says("U1", "can i post a photo?")
    asked = slack.wait_for(lambda: replies(slack, "U1")[0])
    assert "authorised" in asked["text"]
    slack.dm_says("U1", "yes")
    assert slack.wait_for(lambda: replies(slack, "U1")[1])["text"].startswith("Yes")


def test_a_button_of_a_question_that_was_answered_by_typing_says_so(slack: FakeSlack) -> None:
    slack.dm_says("U1", "can i post a photo?")
    asked = slack.wait_for(lambda: replies(slack, "U1")[0])
    slack.dm_says("U1", "yes")
    slack.wait_for(lambda: replies(slack, "U1")[1])
    assert slack.press("U1", asked, "No").ok
    assert "answered already" in slack.wait_for(lambda: slack.ephemerals("U1")[0])["text"]
    assert len(replies(slack, "U1")) == 2


def test_a_command_is_answered_to_the_person_alone(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", QUESTION).ok
    assert slack.ephemerals("U1")[0]["text"].startswith("No.")
    assert slack.messages("C1") == []
    assert slack.ephemerals("U2") == []


def test_a_command_without_words_or_with_help_says_what_can_be_asked(slack: FakeSlack) -> None:
    for text in ("", "help", "HELP", "  "):
        assert slack.command("U1", "C1", "/policy", text).ok
    every = slack.ephemerals("U1")
    assert len(every) == 4
    assert all("Ask in your own words" in each["text"] for each in every)


def test_help_offers_questions_that_answer_in_its_place(slack: FakeSlack) -> None:
    slack.command("U1", "C1", "/policy", "help")
    offered = slack.ephemerals("U1")[0]
    assert slack.press("U1", offered, "choice.0").ok
    slack.wait_for(lambda: slack.ephemerals("U1")[0]["text"].startswith("No."))
    assert "You chose" in shown(slack.ephemerals("U1")[0])
    assert slack.messages("C1") == []


def test_a_command_with_school_names_the_school(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", "school").ok
    assert "Ashley Junior School" in slack.ephemerals("U1")[0]["text"]


def test_a_command_that_holds_the_word_payload_is_answered_like_any_other(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", "payload=1&command=x what is the payload of a friend request?").ok
    assert slack.ephemerals("U1")[0]["text"]


def test_a_mention_is_answered_in_its_thread(slack: FakeSlack) -> None:
    asked = slack.mention("U1", "C1", QUESTION)
    reply = slack.wait_for(lambda: slack.messages("C1")[1])
    assert reply["thread_ts"] == asked["ts"]
    assert reply["text"].startswith("No.")


def test_a_mention_inside_a_thread_stays_in_it(slack: FakeSlack) -> None:
    first = slack.channel_says("U2", "C1", "has anybody read the policy?")
    slack.mention("U1", "C1", QUESTION, thread_ts=first["ts"])
    reply = slack.wait_for(lambda: slack.messages("C1")[2])
    assert reply["thread_ts"] == first["ts"]


def test_a_channel_message_that_does_not_name_the_bot_is_nobodys_business(slack: FakeSlack) -> None:
    slack.channel_says("U2", "C1", QUESTION)
    slack.mention("U1", "C1", QUESTION)
    slack.wait_for(lambda: slack.messages("C1")[2])
    assert len(slack.messages("C1")) == 3


def test_a_person_cannot_press_the_button_of_somebody_elses_question(slack: FakeSlack) -> None:
    slack.mention("U1", "C1", "can i post a photo?")
    asked = slack.wait_for(lambda: slack.messages("C1")[1])
    assert slack.press("U2", asked, "Yes").ok
    assert "asked of somebody else" in slack.wait_for(lambda: slack.ephemerals("U2")[0])["text"]
    assert slack.press("U1", asked, "Yes").ok
    assert slack.wait_for(lambda: slack.messages("C1")[2])["text"].startswith("Yes")


def test_what_a_person_types_never_becomes_a_mention(slack: FakeSlack) -> None:
    slack.dm_says("U1", "<!channel> <@U2> & <b>can i accept a friend request from a former pupil?")
    assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"]


def test_a_picture_beside_the_words_takes_nothing_from_them(slack: FakeSlack) -> None:
    slack.dm_says("U1", QUESTION, files=["photo.png"])
    assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("No.")
