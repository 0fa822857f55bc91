"""Who does something with a report on a chat platform: decided at every press, by the plan and never by the card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.chat.people import Sender
from adapters.chat.site import ChatSite
from adapters.escalations.history import refused
from chatbot.escalation import Held, Refusal

UNKNOWN = "There is no such report, or it is not for you."

Who = TypeVar("Who", bound=Sender)


@dataclass(frozen=True, slots=True)
class Case(Generic[Who]):
    """A report, and who has pressed something under it: the sender, and which contact they are at its school."""

    sender: Who
    reference: str
    school: str
    contact: str


async def case_of(site: ChatSite, sender: Who | None, reference: str | None) -> Case[Who] | None:
    """The report of that reference for this sender; None where there is none, or they are no contact of its school."""
    if sender is None or not reference:
        return None
    school = await site.desk.school_of(reference)
    contact = site.people.contact_of(sender, school) if school else ""
    return Case(sender, reference, school, contact) if contact else None


async def held_of(site: ChatSite, case: Case[Who]) -> Held | None:
    """The report as it stands; None where this contact may not see it."""
    return await site.desk.look(case.reference, case.contact)


async def why_not(site: ChatSite, refusal: Refusal, case: Case[Who] | None) -> str:
    """Why something was not done, in plain words."""
    held = await held_of(site, case) if case is not None else None
    if held is None or case is None:
        return UNKNOWN
    return refused(refusal, held, site.plan(case.school), case.contact, site.clock.now())
