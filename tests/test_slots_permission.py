"""read_slots(): a yes counts only from the right person, for this thing and still standing; an age is today's."""

from __future__ import annotations

import pytest

from chatbot.knowledge import Knowledge
from chatbot.slots import of_this_head, read_slots
from tests.talk import TODAY, facts


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("i have the assistant head's email saying i can go on x from my work laptop", "permission", None),
        ("the deputy has said yes to me sharing it", "permission", None),
        ("got the ok from my line manager in writing", "permission", None),
        ("the head emailed me yes last spring for youtube, so i'm covered for instagram", "permission", None),
        ("the head has put it in writing that i can", "permission", "written"),
        ("the head has said yes", "permission", "verbal"),
        ("got the consent form signed from grandma", "consent", None),
        ("form's signed but it was for his brother", "consent", None),
        ("mum has signed the form", "consent", "given"),
        ("it's break but i'm on duty outside", "when", "work_time"),
        ("it's my break, off duty", "when", "break"),
        ("deputy told me i can post on it so i'm authorised", "authoriser", "somebody_else"),
        ("i've been authorised by the it manager", "authoriser", "it_manager"),
        ("the it manager has cleared me", "authoriser", "it_manager"),
        ("the head authorised me for the page", "authoriser", "head"),
        ("the assistant head authorised me", "authoriser", "somebody_else"),
        ("the pta page has put the fun run up, share it?", "image", "other_post"),
        ("screenshotted the school's post to put on mine", "image", "copied"),
        ("can i share the school's post on my own page", "image", "school_post"),
    ],
)  # fmt: skip
def test_a_yes_counts_only_from_the_right_person_for_this_thing(
    text: str, fact: str, value: str | None, knowledge: Knowledge
) -> None:
    assert facts(text, knowledge).get(fact) == value


@pytest.mark.parametrize(
    ("text", "head", "permission"),
    [
        ("mrs wells said yes", "Mrs Amy Wells", "verbal"),
        ("mrs khan said yes", "Mrs Amy Wells", None),
        ("mrs khan said yes", "", None),
        ("the head said yes", "Mrs Amy Wells", "verbal"),
        ("the head has put it in writing", "", "written"),
    ],
)
def test_a_yes_by_name_is_the_heads_only_where_it_is_their_name(
    text: str, head: str, permission: str | None, knowledge: Knowledge
) -> None:
    read = of_this_head(read_slots(text, knowledge.slots, TODAY), head)
    assert {slot.name: slot.value for slot in read}.get("permission") == permission


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("ex pupil, eighteen on saturday", "child"),
        ("former pupil, he's 18 next week", "child"),
        ("ex pupil, nearly 18", "child"),
        ("an old pupil who turns 18 in march", "child"),
        ("ex pupil who was 18 in june", "adult"),
        ("boy who left us for secondary, 15, wants to connect", "child"),
        ("former pupil, 24, works at tesco", "adult"),
        ("ex pupil, whoops meant 21 not 12", "adult"),
        ("a former pupil from class 12 wants to add me", None),
    ],
)
def test_an_age_is_that_of_today(text: str, age: str | None, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("age") == age
