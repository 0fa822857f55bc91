"""What whoever reports a concern reads before they send it, the same on every platform (safeguarding.md, KCSIE)."""

from __future__ import annotations

DANGER = "If anybody is in immediate danger, call 999 first."
COACHING = (
    "Write down what you saw or heard, with time and place, in your own words; what a child said in the child’s own.",
    "You need no proof and need not be sure. However small it is, it can be passed on.",
    "Do not promise secrecy. Do not investigate or ask leading questions; “tell me, explain, describe” is enough.",
    "No pictures. Never view, copy, print, forward or store a sexual image of a child, and do not upload one here. "
    "Leave the device or message as it is.",
    "Speak to a person as well: that this is sent does not mean that anybody has read it.",
)
WHERE_IT_GOES = (
    "It is recorded, and goes to the safeguarding lead; if it is about an adult at the school, to the headteacher; if "
    "it is about the headteacher, to the chair of governors. Whoever it is about does not get it."
)
MORE = "Up to 3,000 characters. If there is more, pass this on first and send the rest as another report."
