"""read_slots(): facts are read from words by rules, and asking for a fact does not state it."""

from __future__ import annotations

import pytest

from chatbot.knowledge import Knowledge
from chatbot.slots import read_slots
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
