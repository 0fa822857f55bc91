"""What people might type, and what they surely type."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.talk import SCHOOLS

schools = st.sampled_from(SCHOOLS)

ODD = (
    "\x00",
    "\ud800",
    "\udfff",
    "\u202e",
    "\u2066",
    "\u200d",
    "\ufeff",
    "\x1b[2J",
    "\x1b]8;;http://x\x07",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469",
    "<script>alert(1)</script>",
    "[bold red]x[/]",
    "[/]",
    "[link=http://x]y[/link]",
    "**b**",
    "<@U123>",
    "@everyone",
    "{school}",
    "{0}",
    "%s",
    "${x}",
    "'; DROP TABLE x;--",
    "\\",
    "\r\n",
    "\t",
    "http://x.example/?a=b",
    "{{7*7}}",
    "\u0627\u0644\u0633\u0644\u0627\u0645",
    "\u4f60\u597d",
    "\u0e49" * 30,
    "e\u0301" * 10,
    "\uff46\uff42",
    "?" * 50,
)

PIECES = (
    "can i",
    "add",
    "a pupil",
    "an ex pupil",
    "on insta",
    "facebook",
    "at lunch",
    "photo",
    "my class",
    "parents",
    "the head",
    "19",
    "2012",
    "school laptop",
    "consent",
    "my nephew",
    "hit her",
    "bruise",
    "told me",
    "please",
    "thanks",
    "stop",
    "help",
)

anything = st.text(max_size=300)
odd = st.lists(st.one_of(st.sampled_from(ODD), st.sampled_from(PIECES), st.text(max_size=12)), max_size=25).map(
    " ".join
)
glued = st.lists(st.one_of(st.sampled_from(ODD), st.sampled_from(PIECES)), max_size=25).map("".join)
surrogates = st.text(st.characters(categories=("Cs", "Cc", "Cf", "Zs", "Ll")), max_size=60)
typed = st.one_of(anything, odd, glued, surrogates)

QUESTIONS = (
    ("ashley", "Can I accept a friend request from a pupil on Facebook?"),
    ("calmore", "How long does a parent's photo consent last?"),
    ("fact", "Can I share the school's post of my class on my own page?"),
    ("ravenscote", "Can I go on Facebook at lunch on my own phone?"),
    ("yeadon", "Can I use Facebook on my own phone in my lunch break?"),
    ("yeadon", "Can I put the school's name in my Instagram bio?"),
    ("ashley", "Who looks after the school's Instagram?"),
)
"""Questions whose answer is known, each at a school."""
questions = st.sampled_from(QUESTIONS)

greetings = st.sampled_from(("Hi, ", "Hello! ", "hiya ", "Good morning. ", "Hey there, ", "morning all, ", ""))
endings = st.sampled_from((" Thanks", " thanks!", " Thank you.", " ta", " please", "!!", "??", " ...", ""))
cases = st.sampled_from((str.upper, str.lower, str.title, str.swapcase, str))

ORDINARY = (
    "Sports day is on Friday.",
    "The printer in the office is broken again.",
    "Can I post a photo of the school fair?",
    "Parents evening went well.",
    "Who runs the school's Instagram?",
    "Hope you are well.",
    "I am on lunch duty today.",
    "We are planning a lesson on online safety.",
    "This is only a quick question.",
    "The training was on Tuesday.",
    "Thanks for your help.",
    "My class is going to the museum.",
    "Is it warm in here?",
    "Sent from my iPhone",
)
ordinary = st.lists(st.sampled_from(ORDINARY), max_size=6)
