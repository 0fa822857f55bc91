"""Short messages that are no reply to a question: what went wrong, what is missing, where to look."""

from __future__ import annotations

from adapters.teams.actions import MINE, REPORT
from adapters.teams.pieces import Message
from adapters.teams.views import AT_RISK, notice_of

NOT_YOURS = "This was asked of somebody else, or it has been answered already. Ask me yourself at any time."
OLD_BUTTON = "This button is from an older version and does nothing any more. Ask again in your own words."
STRANGER = "This Microsoft 365 tenant is not connected with a school, so I cannot answer or pass anything on."
NEWER = (
    "This button needs a newer version of Teams: use Teams in the browser, or write to me in our own chat what you "
    "want to know or what has happened."
)
REPORTS = "Report a concern"
ELSEWHERE = "This may be about somebody’s safety, so I have answered you in our own chat."


def stranger() -> Message:
    """Nobody has said which school this tenant belongs to."""
    return notice_of(STRANGER, AT_RISK)


def elsewhere() -> Message:
    """What may concern a child is not answered where others read it."""
    return notice_of(ELSEWHERE, "Please delete your message here. Nothing of it is lost.")


def nowhere_private() -> Message:
    """The same where the bot can't write to the person: they open what was said by a button."""
    text = (
        "This may be about somebody’s safety, so I do not answer it where others read. I cannot write to you alone "
        "until you add me: Apps, then my name. What you wrote is kept and is not lost."
    )
    return notice_of(text, f"Please delete your message here. {AT_RISK}", button="Show me alone", opener=MINE)


def how_to_report(*, public: bool) -> Message:
    """Somebody says that they want to report; where others read they are led to where nobody does."""
    if public:
        return notice_of("Do not write it here, where others read it: use the form.", button=REPORTS, opener=REPORT)
    text = "Write here what has happened, in your own words, and I pass it on. Or use the form."
    return notice_of(text, button=REPORTS, opener=REPORT)


def mine_elsewhere() -> Message:
    """How somebody's reports stand is not said where others read it."""
    return notice_of("I do not say this where others read it.", button="Show me alone", opener=MINE)
