"""A Reply as a card."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from adapters.escalations.standing import Standing
from adapters.teams import actions
from adapters.teams.cards import VERDICTS, message_of
from adapters.teams.pieces import Message
from adapters.teams.standing import receipt_of
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text, Verdict
from tests.adapters.slack.samples import (
    ALONE,
    CLAUSE,
    REPLIES,
    SCHOOL,
    TAKEN_ON,
    WAITING,
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
from tests.adapters.teams.golden import as_json, assert_golden
from tests.adapters.teams.limits import buttons_of, problems_of, things_of, words_of
from tests.adapters.teams.samples import LISTS, NASTY


def shown(reply: Reply, **more: Any) -> Message:
    return message_of(reply, SCHOOL, turn_id="t1", **more)


def things(message: Message, kind: str) -> list[dict[str, Any]]:
    return [thing for thing in things_of(message.card) if thing["type"] == kind]


def pressed_of(message: Message) -> list[actions.Carried | None]:
    return [actions.pressed(button["data"]) for button in buttons_of(as_json(message)) if "data" in button]


@pytest.mark.parametrize("name", REPLIES)
def test_each_reply_looks_as_its_golden_card(name: str) -> None:
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
def test_a_card_is_brought_up_to_date_in_its_place(name: str, standing: Standing | None, settled: str | None) -> None:
    state = f"-{standing.tone}" if standing else ""
    message = shown(REPLIES[name], standing=standing, settled=settled, public=name == "escalate-raised")
    assert_golden(f"update-{name}{state}{'-settled' if settled else ''}", message)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_shown_by_word_icon_and_ground_and_read_out_first(verdict: Verdict) -> None:
    message = shown(answer(verdict))
    icon, style = VERDICTS[verdict]
    box = message.card["body"][0]  # type: ignore[index]  # JSON
    assert box["style"] == style
    assert box["items"][0]["text"] == f"{icon} {WORD[verdict]}"
    assert box["items"][0]["style"] == "heading"
    assert message.text.startswith(WORD[verdict])
    assert str(message.card["speak"]).startswith(WORD[verdict])
    assert len(set(VERDICTS.values())) == len({icon for icon, _ in VERDICTS.values()}) == len(Verdict)


def test_a_verdict_without_a_known_reason_still_has_its_word_apart() -> None:
    message = shown(Reply(Kind.ANSWER, (Notice("verdict", "It depends. On the age."),), verdict=Verdict.DEPENDS))
    assert things(message, "TextBlock")[0]["text"] == "⚖️ It depends."
    assert things(message, "TextRun")[0]["text"] == "On the age."


def test_a_clause_is_quoted_word_for_word_with_its_heading_and_links_to_its_page() -> None:
    message = shown(answer(Verdict.ALLOWED), policy_url=policy_url)
    assert f"“{CLAUSE.text}”" in words_of(as_json(message))
    link = things(message, "TextBlock")[1]["text"].removeprefix("\N{WORD JOINER}")
    assert link == (
        "3. Personal use of social media by staff · "
        "[Clause 3.d in the policy](https://policies.example/policies/fairfield?clause=3.d#3.d)"
    )


@pytest.mark.parametrize("url", [None, lambda *_: "/policies/fairfield", lambda *_: "javascript:alert(1)"])
def test_a_clause_opens_in_a_dialog_where_there_is_no_public_page(url: Any) -> None:
    message = shown(silent(), policy_url=url)
    (button,) = buttons_of(as_json(message))
    assert actions.pressed(button["data"]) == actions.ClauseRef("fairfield", ("3.a", "3.b"))  # quoted as one
    assert button["data"]["msteams"] == {"type": "task/fetch"}
    assert button["tooltip"] == "Read it in the policy: clause 3.a"


def test_an_address_with_marks_in_it_is_still_one_link() -> None:
    message = shown(answer(Verdict.ALLOWED), policy_url=lambda *_: "https://policies.example/a(b)[c]?d=e f&g=é#h")
    assert len(buttons_of(as_json(message))) == 1  # with a blank it is no address
    message = shown(answer(Verdict.ALLOWED), policy_url=lambda *_: "https://policies.example/a(b)[c]?g=é&h=1#i")
    assert problems_of(as_json(message)) == []
    assert "(https://policies.example/a%28b%29%5Bc%5D?g=%C3%A9&h=1#i)" in str(things(message, "TextBlock")[1]["text"])


def test_choices_are_buttons_that_carry_their_turn_and_answer() -> None:
    assert pressed_of(shown(clarify(), policy_url=policy_url)) == [
        actions.Chosen("t1", "Under 18", "Under 18"),
        actions.Chosen("t1", "18 or over", "18 or over"),
    ]
    first = buttons_of(as_json(shown(possible())))[0]
    assert first["type"] == "Action.Execute"
    assert first["style"] == "positive"


def test_more_choices_than_buttons_are_a_list() -> None:
    many = tuple(Choice(f"Answer, {at}", f"meant:{at}") for at in range(9))
    message = shown(Reply(Kind.NONE, (Choices(many[:4]), Choices(many[4:]))))
    assert_golden("reply-many-choices", message)
    (field,) = things(message, "Input.ChoiceSet")
    (button,) = buttons_of(as_json(message))
    data = {**button["data"], field["id"]: field["choices"][7]["value"]}
    assert actions.pressed(data) == actions.Chosen("t1", "meant:7", "Answer, 7")
    assert actions.pressed(button["data"]) is None  # nothing was picked


def test_what_was_chosen_stands_in_place_of_the_buttons() -> None:
    message = shown(possible(), settled="No, only asking")
    assert buttons_of(as_json(message)) == []
    assert "You chose: No, only asking." in message.text


def test_danger_comes_first_then_the_report_and_how_it_stands_wherever_the_parts_were() -> None:
    backwards = replace(emergency(), parts=tuple(reversed(emergency().parts)))
    message = shown(backwards, standing=ALONE)
    assert message.text.startswith("Call 999 now")
    words = words_of(as_json(message))
    order = [words.index(part) for part in ("Call 999 now", "When this was sent:", "At the moment:", "Do not promise")]
    assert order == sorted(order)


def test_numbers_to_phone_can_be_tapped() -> None:
    texts = [thing["text"] for thing in things(shown(raised(), standing=ALONE), "TextBlock")]
    assert "📞 Anna Patel: [01632 960001](tel:01632960001)" in texts


def test_what_was_said_at_first_is_marked_as_such_once_the_present_state_stands_below() -> None:
    assert "When this was sent:" not in words_of(as_json(shown(raised())))
    assert "When this was sent:" in words_of(as_json(shown(raised(), standing=TAKEN_ON)))


def test_only_answers_ask_whether_they_were_right() -> None:
    asked = {name for name, reply in REPLIES.items() if shown(reply).feedback}
    assert asked == {name for name in REPLIES if name.startswith(("answer", "clarify", "none"))}
    assert not shown(answer(Verdict.ALLOWED), feedback=False).feedback


def test_what_was_written_in_public_is_asked_to_be_deleted_there() -> None:
    assert "Delete your message there. It is kept with the report." in shown(raised(), public=True).text


def test_a_reply_that_is_too_much_loses_clauses_and_never_safety_or_buttons() -> None:
    message = shown(long(), standing=ALONE)
    assert problems_of(as_json(message)) == []
    for said in (words_of(as_json(message)), message.text, str(message.card["fallbackText"])):
        assert "999" in said
        assert "R-ABCDEF" in said
        assert "01632 960100" in said
    assert len([one for one in pressed_of(message) if isinstance(one, actions.Chosen)]) == 2
    assert "This reply is shortened" in words_of(as_json(message))


@pytest.mark.parametrize("text", [NASTY, *LISTS])
@pytest.mark.parametrize("kind", ["text", "review", "verdict", "concern", "emergency", "duty", "choice", "quote"])
def test_no_part_becomes_markup(kind: str, text: str) -> None:
    parts: dict[str, Part] = {
        "text": Text(text),
        "choice": Choices((Choice(text, text),)),
        "quote": Quote(Citation(text, text, text, text)),
    }
    reply = Reply(Kind.ANSWER, (parts.get(kind, Notice(kind, text)),), emergency=True)
    assert problems_of(as_json(shown(reply, standing=Standing(text, text, text)))) == []
    assert problems_of(as_json(shown(reply, settled=text))) == []


def test_a_reply_without_parts_is_still_a_card() -> None:
    assert problems_of(as_json(shown(Reply(Kind.SMALLTALK, ())))) == []


def test_how_reports_stand_can_be_a_message_of_its_own() -> None:
    assert_golden("receipt-alone", receipt_of([ALONE, WAITING]))
    assert receipt_of([TAKEN_ON]).text == "Report R-ABCDEF. Anna Patel has taken this on at 13:59."
    assert receipt_of([]).text.startswith("You have reported nothing here.")
    assert "And 4 earlier ones." in receipt_of([WAITING] * 12).text


def test_no_text_is_read_out_with_an_exclamation_mark() -> None:
    for name, reply in REPLIES.items():
        assert not re.search("!", shown(reply).text), name


def test_a_card_can_be_sent_as_it_is() -> None:
    for reply in REPLIES.values():
        card = shown(reply, standing=ALONE).card
        assert json.loads(json.dumps(card)) == card
