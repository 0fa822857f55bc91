"""A Reply as a message."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from adapters.escalations.standing import Standing
from adapters.slack import actions
from adapters.slack.blocks import VERDICTS, message_of, noted_of
from adapters.slack.pieces import Message, message_from
from adapters.slack.settled import settled_block, settled_in
from adapters.slack.standing import standing_piece
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text, Verdict
from tests.adapters.slack.golden import as_json, assert_golden
from tests.adapters.slack.limits import problems_of, texts_of, walk
from tests.adapters.slack.samples import (
    ALONE,
    CLAUSE,
    REPLIES,
    SCHOOL,
    TAKEN_ON,
    WORD,
    answer,
    clarify,
    emergency,
    long,
    policy_url,
    possible,
    raised,
    silent,
)

NASTY = (
    "<!channel> <@U0LEAD> <#C1> <https://evil.example|x> @here #all *b* _i_ ~s~ `c` :boom: https://evil.example & \x00"
)


def shown(reply: Reply, **more: Any) -> Message:
    return message_of(reply, SCHOOL, turn_id="t1", **more)


def things(message: Message, kind: str) -> list[dict[str, Any]]:
    return [thing for thing in walk(as_json(message)) if thing.get("type") == kind]


@pytest.mark.parametrize("name", REPLIES)
def test_each_reply_looks_as_its_golden_message(name: str) -> None:
    url = None if name == "none-silent" else policy_url
    assert_golden(f"reply-{name}", shown(REPLIES[name], policy_url=url))


@pytest.mark.parametrize(
    ("name", "standing", "settled"),
    [
        ("escalate-raised", ALONE, None),
        ("escalate-raised", TAKEN_ON, None),
        ("escalate-possible", ALONE, "Pass this to the designated safeguarding lead (DSL)"),
        ("clarify", None, "Under 18"),
    ],
)
def test_a_message_is_brought_up_to_date_in_its_place(
    name: str, standing: Standing | None, settled: str | None
) -> None:
    state = f"-{standing.tone}" if standing else ""
    message = shown(REPLIES[name], standing=standing, settled=settled, public=name == "escalate-raised")
    assert_golden(f"update-{name}{state}{'-settled' if settled else ''}", message)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_shown_by_word_and_icon_and_read_out_first(verdict: Verdict) -> None:
    message = shown(answer(verdict))
    assert message.text.startswith(WORD[verdict])
    first = as_json(message)["blocks"][0]["elements"][0]["elements"]  # type: ignore[index]  # JSON
    assert first[0] == {"type": "emoji", "name": VERDICTS[verdict]}
    assert first[2] == {"type": "text", "text": WORD[verdict], "style": {"bold": True}}
    assert len(set(VERDICTS.values())) == len(Verdict)


def test_a_verdict_without_a_known_reason_still_has_its_word_in_bold() -> None:
    message = shown(Reply(Kind.ANSWER, (Notice("verdict", "It depends. On the age."),), verdict=Verdict.DEPENDS))
    bold = [thing["text"] for thing in things(message, "text") if thing.get("style")]
    assert bold == ["It depends."]


def test_a_clause_links_to_its_page_where_everybody_reaches_one() -> None:
    message = shown(answer(Verdict.ALLOWED), policy_url=policy_url)
    assert [thing["url"] for thing in things(message, "link")] == [
        "https://policies.example/policies/fairfield?clause=3.d#3.d"
    ]
    assert things(message, "rich_text_quote")[0]["elements"][0]["text"] == CLAUSE.text


@pytest.mark.parametrize("url", [None, lambda *_: "/policies/fairfield", lambda *_: "javascript:alert(1)"])
def test_a_clause_opens_inside_slack_where_there_is_no_public_page(url: Any) -> None:
    message = shown(silent(), policy_url=url)
    (button,) = (one for one in things(message, "button") if one["action_id"] == actions.CLAUSE)
    ref = actions.ClauseRef.parse(button["value"])
    assert ref == actions.ClauseRef("fairfield", ("3.a", "3.b"))  # neighbours quoted as one open as one
    assert button["accessibility_label"] == "Read it in the policy: clause 3.a"
    assert things(message, "link") == []


def test_choices_are_buttons_that_carry_their_turn_and_answer() -> None:
    buttons = [one for one in things(shown(clarify()), "button") if actions.CHOICES.fullmatch(one["action_id"])]
    assert [actions.Chosen.parse(one["value"]) for one in buttons] == [
        actions.Chosen("t1", "Under 18", "Under 18"),
        actions.Chosen("t1", "18 or over", "18 or over"),
    ]


def test_what_was_chosen_stands_in_place_of_the_buttons() -> None:
    message = shown(possible(), settled="No, only asking")
    assert not [one for one in things(message, "button") if actions.CHOICES.fullmatch(one["action_id"])]
    assert "You chose: No, only asking." in message.text


def test_a_message_is_settled_from_what_slack_sends_back_alone() -> None:
    before = shown(possible(), standing=ALONE)
    sent_back = [block.to_dict() for block in before.blocks]
    after = [block.to_dict() for block in settled_in(sent_back, "No, only asking")]
    expected = [block.to_dict() for block in shown(possible(), standing=ALONE, settled="No, only asking").blocks]
    assert after == expected


def test_plain_text_that_slack_escaped_when_it_sent_it_back_is_as_it_was() -> None:
    reply = replace(clarify(), parts=(Text("a < b & c"), *clarify().parts))
    sent_back = [block.to_dict() for block in shown(reply).blocks]
    sent_back[0]["text"]["text"] = "a &lt; b &amp; c"
    assert settled_in(sent_back, "Under 18")[0].to_dict()["text"]["text"] == "a < b & c"


def test_danger_comes_first_then_the_report_and_how_it_stands_wherever_the_parts_were() -> None:
    backwards = replace(emergency(), parts=tuple(reversed(emergency().parts)))
    message = shown(backwards, standing=ALONE)
    assert message.text.startswith("Call 999 now")
    kinds = [block.type for block in message.blocks]
    assert kinds[:3] == ["header", "rich_text", "section"]
    assert message.blocks[2].block_id == actions.STANDING_BLOCK


def test_numbers_to_phone_can_be_tapped() -> None:
    text = things(shown(raised(), standing=ALONE), "mrkdwn")[0]["text"]
    assert "Anna Patel: <tel:01632960001|01632 960001>" in text


def test_what_was_said_at_first_is_marked_as_such_once_the_present_state_stands_below() -> None:
    assert "When this was sent:" not in texts_of(as_json(shown(raised())))
    assert "When this was sent:" in texts_of(as_json(shown(raised(), standing=TAKEN_ON)))


def test_only_answers_ask_whether_they_were_right() -> None:
    asked = {name for name, reply in REPLIES.items() if things(shown(reply), "feedback_buttons")}
    assert asked == {name for name in REPLIES if name.startswith(("answer", "clarify", "none"))}
    assert not things(shown(answer(Verdict.ALLOWED), feedback=False), "feedback_buttons")
    (thumbs,) = things(shown(answer(Verdict.ALLOWED)), "feedback_buttons")
    assert actions.Feedback.parse(thumbs["negative_button"]["value"]) == actions.Feedback("t1", right=False)


def test_an_answer_can_be_shared_where_it_is_asked_for_and_a_private_reply_never() -> None:
    def shares(reply: Reply, *, share: bool) -> bool:
        return any(one["action_id"] == actions.SHARE for one in things(shown(reply, share=share), "button"))

    assert shares(answer(Verdict.ALLOWED), share=True)
    assert not shares(answer(Verdict.ALLOWED), share=False)
    assert not shares(possible(), share=True)
    assert not shares(replace(answer(Verdict.ALLOWED), private=True), share=True)


def test_what_was_written_in_public_is_asked_to_be_deleted_there() -> None:
    assert "Delete your message there. It is kept with the report." in shown(raised(), public=True).text


def test_a_reply_that_is_too_much_loses_clauses_and_never_safety_or_buttons() -> None:
    message = shown(long(), standing=ALONE)
    assert problems_of(as_json(message)) == []
    said = texts_of(as_json(message))
    assert "999" in said
    assert "R-ABCDEF" in said
    assert "<tel:01632960100|" in said
    assert len([one for one in things(message, "button") if actions.CHOICES.fullmatch(one["action_id"])]) == 2
    assert "This reply is shortened" in said
    assert "999" in message.text
    assert "01632 960001" in message.text


@pytest.mark.parametrize(
    "part",
    [
        Text(NASTY),
        Notice("review", NASTY),
        Notice("verdict", NASTY),
        Notice("concern", NASTY),
        Notice("emergency", NASTY),
        Notice(NASTY, NASTY),
        Choices((Choice(NASTY, NASTY),)),
        Quote(Citation(NASTY, NASTY, NASTY, NASTY)),
    ],
)
def test_no_part_becomes_markup(part: Part) -> None:
    reply = Reply(Kind.ANSWER, (part,), emergency=True)
    assert problems_of(as_json(shown(reply, standing=Standing(NASTY, NASTY, NASTY)))) == []
    assert problems_of(as_json(shown(reply, settled=NASTY))) == []


def test_a_clause_is_quoted_word_for_word_whatever_it_holds() -> None:
    quoted = things(shown(Reply(Kind.ANSWER, (Quote(replace(CLAUSE, text="Say *no* & <b>")),))), "rich_text_quote")
    assert quoted[0]["elements"][0]["text"] == "Say *no* & <b>"


def test_a_reply_without_parts_is_still_a_message() -> None:
    message = shown(Reply(Kind.SMALLTALK, ()))
    assert problems_of(as_json(message)) == []


def test_how_a_report_stands_can_be_a_message_of_its_own() -> None:
    assert_golden("receipt-alone", message_from([standing_piece(ALONE, named=True)]))
    receipt = message_from([standing_piece(TAKEN_ON, named=True)])
    assert receipt.text == "Report R-ABCDEF. Anna Patel has taken this on at 13:59."


def test_what_was_chosen_before_stays_beside_what_is_chosen_next() -> None:
    once = [settled_block("Under 18").to_dict(), *(block.to_dict() for block in shown(clarify()).blocks)]
    twice = settled_in(once, "18 or over")
    message = Message("Words.", twice)
    assert problems_of(as_json(message)) == []
    assert texts_of(as_json(message)).count("You chose:") == 2


def test_a_thumb_is_answered() -> None:
    assert noted_of(right=True).text == "Noted as right. Thank you."
    assert noted_of(right=False).text == "Noted as not right. Thank you."


def test_no_text_is_read_out_with_an_exclamation_mark() -> None:
    for name, reply in REPLIES.items():
        assert not re.search("!", shown(reply).text), name
