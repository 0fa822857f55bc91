"""read_slots(): facts are read from words by rules, and asking for a fact does not state it."""

from __future__ import annotations

import pytest

from chatbot.knowledge import Knowledge
from chatbot.slots import of_this_head, read_slots
from tests.talk import TODAY, facts


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("can i whatsapp my son, he's in year 4 here", "own_child"),
        ("my own daughter is a pupil, may we message", "own_child"),
        ("my youngest is in the school, ok to add her", "own_child"),
        ("a pupil here is my own kid", "own_child"),
        ("i'm her mum as well as her teacher", "own_child"),
        ("our twins go here, family group chat?", "own_child"),
        ("my niece is in year 5", "family"),
        ("my nephew added me on snap", "family"),
        ("our little cousin wants to follow me", "family"),
        ("my sister's boy is in 4B", "family"),
        ("i foster, so my foster son is in y6", "family"),
        ("my grandson is at this school", "family"),
        ("my step daughter is in year 3", "family"),
        ("my goddaughter is in year 6", "friend_child"),
        ("my godson wants me on snapchat", "friend_child"),
        ("my best friend's daughter is in y5", "friend_child"),
        ("next door's kid plays roblox with me", "friend_child"),
        ("an ex pupil added me", "former_pupil"),
        ("ex-pupil wants to connect", "former_pupil"),
        ("a former pupil messaged", "former_pupil"),
        ("a girl i used to teach", "former_pupil"),
        ("someone i taught years ago", "former_pupil"),
        ("a past pupil, grown up now", "former_pupil"),
        ("one of my old class from 2012", "former_pupil"),
        ("she left us in july", "former_pupil"),
        ("he is in year 9 now", "former_pupil"),
        ("a leaver from last summer", "former_pupil"),
        ("a year 4 just added me", "pupil"),
        ("a kid in my class follows me", "pupil"),
        ("one of my readers sent a request", "pupil"),
        ("a mum from school wants to be friends", "parent"),
        ("parents on facebook, ok?", "parent"),
        ("can i be friends with a colleague", "colleague"),
        ("another ta wants to add me", "colleague"),
    ],
)
def test_the_other_person_is_read(text: str, relation: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("relation") == relation


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("my son's friend from school added me", "own_child"),
        ("my daughter's teacher wants to add me", "own_child"),
        ("my sister teaches here, can i add her", "family"),
        ("my class", "former_pupil"),
        ("can i post about my holiday", "pupil"),
    ],
)
def test_a_person_mentioned_in_passing_is_not_the_other_person(text: str, relation: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("relation") != relation


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("can i check facebook at lunch", "break"),
        ("instagram in my tea break", "break"),
        ("tiktok at dinner break", "break"),
        ("facebook in ppa", "ppa"),
        ("scrolling in planning time", "ppa"),
        ("twitter while the class is reading", "lesson"),
        ("check my phone during lessons", "lesson"),
        ("insta mid lesson", "lesson"),
        ("facebook at work when it's quiet", "work_time"),
        ("post from my desk between lessons", "work_time"),
        ("facebook at home in the evening", "off_duty"),
        ("tiktok at the weekend", "off_duty"),
        ("posting in half term", "off_duty"),
        ("on the sofa after work", "off_duty"),
    ],
)
def test_the_time_is_read(text: str, when: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("when") == when


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("facebook on the school laptop", "school"),
        ("on a work ipad", "school"),
        ("on the class computer", "school"),
        ("the laptop school gave me", "school"),
        ("a school-issued tablet", "school"),
        ("facebook on my own phone", "own"),
        ("on my mobile", "own"),
        ("with a personal laptop", "own"),
    ],
)
def test_whose_device_it_is_is_read(text: str, device: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("device") == device


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("from the school account", "school"),
        ("by work email", "school"),
        ("through the official channel", "school"),
        ("on my own facebook", "personal"),
        ("my personal account", "personal"),
        ("on my story", "personal"),
    ],
)
def test_whose_account_it_is_is_read(text: str, account: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("account") == account


@pytest.mark.parametrize(
    ("text", "permission"),
    [
        ("the head agreed in writing", "written"),
        ("i have written permission from the head", "written"),
        ("the head emailed me to say yes", "written"),
        ("the head said yes", "verbal"),
        ("mrs wells said it's fine", "verbal"),
        ("i've got permission", "verbal"),
        ("i told the head", "told"),
        ("i have asked the headteacher", "told"),
        ("i haven't asked the head", "none"),
        ("without permission", "none"),
        ("the head said no", "none"),
        ("asked the head, still waiting", "none"),
    ],
)
def test_permission_is_read(text: str, permission: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("permission") == permission


@pytest.mark.parametrize(
    ("text", "consent"),
    [
        ("all the parents have signed the form", "given"),
        ("we have consent", "given"),
        ("with parental consent", "given"),
        ("no consent from mum", "missing"),
        ("one mum hasn't signed the form", "missing"),
        ("dad refused photo consent", "missing"),
        ("the consent form has run out", "expired"),
        ("the consent is six years old, out of date", "expired"),
        ("mum said it's fine at the gate", "verbal"),
        ("only verbal consent", "verbal"),
        ("the child said yes, is that consent", "from_child"),
    ],
)
def test_consent_is_read(text: str, consent: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("consent") == consent


@pytest.mark.parametrize(
    "text",
    [
        "do we need consent",
        "do i need consent for a photo",
        "do we need written consent for photos",
        "should parents have signed a form",
        "what consent is needed",
        "must i get consent first",
        "how long does consent last",
        "who gives consent",
        "do you need permission and consent before posting",
    ],
)
def test_asking_for_consent_is_not_having_it(text: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("consent") not in ("given", "verbal", "from_child")


@pytest.mark.parametrize(
    "text",
    [
        "do i need permission",
        "do i need written permission from the head",
        "should i get it in writing",
        "do i need to ask the head",
        "must the head agree in writing",
        "if the head said yes could i",
        "what if i get written consent",
    ],
)
def test_asking_for_permission_is_not_having_it(text: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("permission") not in ("written", "verbal")


@pytest.mark.parametrize(
    "text",
    [
        "am i authorised to post",
        "do i need to be authorised",
        "who is authorised",
        "should the head have authorised me first",
        "if the head has authorised me can i",
        "once the it manager has cleared me",
        "wait until the head has signed me off",
    ],
)
def test_asking_who_is_authorised_is_not_being_it(text: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("authorised") != "authorised"


@pytest.mark.parametrize(
    ("text", "authorised"),
    [
        ("i've been authorised to post", "authorised"),
        ("i run the school facebook", "authorised"),
        ("i'm not authorised", "not_authorised"),
        ("i found the password on a sticky note", "not_authorised"),
        ("the it manager has authorised me", "authorised"),
        ("the head has just signed me off to post", "authorised"),
        ("it's not my class but the head has authorised me", "authorised"),
        ("the it manager hasn't authorised me", "not_authorised"),
        ("nobody in it has signed me off", "not_authorised"),
        ("nobody in the school office has ever actually cleared me", "not_authorised"),
        ("no one has approved me for the page", "not_authorised"),
        ("the head hasn't signed me off yet", "not_authorised"),
        ("the deputy never authorised me for it", "not_authorised"),
    ],
)
def test_authorisation_is_read(text: str, authorised: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("authorised") == authorised


def test_a_fact_tells_the_words_that_it_was_read_from(knowledge: Knowledge) -> None:
    slots = read_slots("a former pupil , 19 now , added me at lunch", knowledge.slots, TODAY)
    assert {slot.name: slot.read_from for slot in slots}["relation"] == "former pupil"
    assert "19" in {slot.name: slot.read_from for slot in slots}["age"]


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
